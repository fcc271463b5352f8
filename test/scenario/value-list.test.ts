import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitValues } from '../../src/scenario/value-list.ts';

test.each([
  ['roundRobin,leastRequest, peakEwma', ['roundRobin', 'leastRequest', 'peakEwma']],
  ['{ type: peakEwma, decay: 10s },random', ['{ type: peakEwma, decay: 10s }', 'random']],
  ['[a, [b, c]],{ d: [e, f] }', ['[a, [b, c]]', '{ d: [e, f] }']],
  ['"a,b",\'c,d\',e', ['"a,b"', "'c,d'", 'e']],
  ['{ a: "}" , b: \'[\' }, c', ['{ a: "}" , b: \'[\' }', 'c']],
  ['"a\\",b",c', ['"a\\",b"', 'c']],
  ["it's,that's", ["it's", "that's"]],
  ['a,,b,', ['a', '', 'b', '']],
  ['{ a, b', ['{ a, b']],
  ['', ['']],
])('%s', (text, values) => expect(splitValues(text)).toEqual(values));

test('takes apart what JSON put together', () => {
  fc.assert(fc.property(fc.array(fc.jsonValue({ maxDepth: 3 }), { minLength: 1, maxLength: 5 }), (values) => {
    expect(splitValues(values.map((value) => JSON.stringify(value)).join(', ')).map((text) => JSON.parse(text) as unknown)).toEqual(JSON.parse(JSON.stringify(values)));
  }));
});
