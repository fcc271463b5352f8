import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { ProblemList } from '../../src/scenario/problem-list.ts';
import { formatDuration, parseDuration, parseRate } from '../../src/scenario/units.ts';
import { describeRange, type Interval, readValueRange, valueAt, valuesOf } from '../../src/scenario/value-range.ts';

function valuesIn(text: string): readonly string[] | null {
  const problems = new ProblemList('shop.yaml', '');
  const range = readValueRange(text, '--over', problems);
  expect(problems.problems).toEqual([]);
  return valuesOf(range!);
}

function intervalIn(text: string): Interval {
  const range = readValueRange(text, '--over', new ProblemList('shop.yaml', ''));
  if (range?.kind !== 'interval') throw new Error(`${text} is no interval`);
  return range;
}

describe('values of a path', () => {
  test.each([
    ['policies.a.loadBalancer=roundRobin, { type: peakEwma, decay: 10s }', ['roundRobin', '{ type: peakEwma, decay: 10s }']],
    ['a=500ms', ['500ms']],
    ['traffic[0].rate=100/s..900/s:9', ['100/s', '200/s', '300/s', '400/s', '500/s', '600/s', '700/s', '800/s', '900/s']],
    ['a=30/m..90/m:4', ['30/m', '50/m', '70/m', '90/m']],
    ['a=30/m..2/s:3', ['30/m', '75/m', '2/s']],
    ['a=10ms..1s:5', ['10ms', '31.6ms', '100ms', '316ms', '1s']],
    ['a=100ms..500ms:3', ['100ms', '300ms', '500ms']],
    ['a=10ms..1s:3:linear', ['10ms', '505ms', '1s']],
    ['a=30ms..300ms:5', ['30ms', '53.3ms', '94.9ms', '169ms', '300ms']],
    ['a=0..1s:4', ['0', '333ms', '667ms', '1s']],
    ['a=5%..50%:4', ['5%', '20%', '35%', '50%']],
    ['a=0..50%:3', ['0', '25%', '50%']],
    ['a=0..5', ['0', '1', '2', '3', '4', '5']],
    ['a=-2..2:3', ['-2', '0', '2']],
    ['a=1..3:3', ['1', '2', '3']],
    ['a=1.0..3.0:5', ['1.0', '1.5', '2', '2.5', '3.0']],
    ['a=1..1.5:2', ['1', '1.5']],
    ['a=1..1024:11:log', ['1', '2', '4', '8', '16', '32', '64', '128', '256', '512', '1024']],
    ['a=1..4:4:log', ['1', '2', '3', '4']],
    ['traffic[0].arrivalsFile=../a.csv,../b.csv', ['../a.csv', '../b.csv']],
    ['services["a=b"].replicas=1,2', ['1', '2']],
  ])('%s', (text, values) => expect(valuesIn(text)).toEqual(values));

  it('are not numbered where there are too many to take all', () => {
    expect(valuesIn('a=10ms..1s')).toBeNull();
    expect(valuesIn('a=0..1000')).toBeNull();
  });

  test.each([
    ['a=10ms..1s', '10ms..1s, spaced by ratio'],
    ['a=100/s..900/s:9', '100/s..900/s, 9 values'],
    ['a=x,{ b: 1 }', 'x, { b: 1 }'],
  ])('%s is told as %s', (text, told) => expect(describeRange(readValueRange(text, '--over', new ProblemList('', ''))!)).toBe(told));
});

test.each([
  ['a', 'bad-value', '`a` names no values', 'write path=values, such as --over policies.standard.timeout=100ms..2s'],
  ['=1,2', 'bad-value', '`=1,2` names no values', null],
  ['a b=1,2', 'unknown-path', '`a b` is not a path', null],
  ['a=', 'bad-value', 'there is no value', null],
  ['a=1,,2', 'bad-value', 'a value is missing beside a comma', null],
  ['a=1,1', 'duplicate-name', '`1` is listed twice', null],
  ['a=1,5..9', 'bad-value', '`5..9` stands in a list', null],
  ['a=5..5', 'out-of-range', '`5` and `5` are the same', 'write a=5 for one value'],
  ['a=1s..10ms', 'out-of-range', '`1s` is more than `10ms`', 'did you mean `10ms..1s`?'],
  ['a=1..10ms', 'missing-unit', '`1` has no unit, and `10ms` has one', 'did you mean `1ms`?'],
  ['a=100/s..900', 'missing-unit', '`900` has no unit, and `100/s` has one', 'did you mean `900/s`?'],
  ['a=0..900/s', 'missing-unit', '`0` has no unit, and `900/s` has one', 'did you mean `0/s`?'],
  ['a=1ms..5%', 'bad-value', '`1ms` is a duration and `5%` is a share', 'both ends have the same kind of unit'],
  ['a=1 ms..2ms', 'bad-value', '`1 ms` is not a quantity', null],
  ['a=1ms..', 'bad-value', 'the range has no end', null],
  ['a=1ms..2ms:x', 'bad-value', '`2ms:x` is not a quantity', null],
  ['a=0..10ms:3:log', 'out-of-range', '`0` has no ratio to `10ms`', null],
  ['a=1ms..10ms:1', 'out-of-range', '`:1` is out of range', '2 to 10000 values, both ends included'],
  ['a=1ms..10ms:99999999999999999999', 'out-of-range', '`:99999999999999999999` is out of range', null],
  ['a=1..3:5', 'out-of-range', 'there are only 3 whole numbers from 1 to 3', 'for fractions write 1.0..3.0:5'],
])('%s is a mistake', (text, code, message, hint) => {
  const problems = new ProblemList('shop.yaml', '');
  expect(readValueRange(text, '--over', problems)).toBeNull();
  expect(problems.problems).toMatchObject([{ code, message, file: `--over ${text}`, line: null, ...(hint === null ? {} : { hint }) }]);
});

const nanoseconds = fc.integer({ min: 1000, max: 1e12 });

it('lies between the ends, rises, and reads as what it is', () => {
  fc.assert(fc.property(nanoseconds, nanoseconds, fc.constantFrom('', ':log', ':linear'), fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (one, other, spacing, shares) => {
    fc.pre(one !== other);
    const [low, high] = [Math.min(one, other), Math.max(one, other)];
    const interval = intervalIn(`a=${formatDuration(low)}..${formatDuration(high)}${spacing}`);
    const values = shares.sort((a, b) => a - b).map((share) => parseDuration(valueAt(interval, share)));
    for (const [i, value] of values.entries()) {
      expect(value).toBeGreaterThanOrEqual(values[i - 1] ?? low);
      expect(value).toBeLessThanOrEqual(high);
    }
  }));
});

it('has as many values as it was asked for, evenly spaced', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 2, max: 60 }), (low, span, count) => {
    const rates = valuesOf(intervalIn(`a=${low}/s..${low + span}/s:${count}`))!.map((text) => parseRate(text)!);
    expect(rates).toHaveLength(count);
    for (const [i, rate] of rates.entries()) expect(Math.abs(rate - (low + (span * i) / (count - 1)))).toBeLessThanOrEqual((0.03 * span) / (count - 1));
  }));
});
