/** The suite itself: what it makes of runners that throw, of topics it does not know and of other people's folders. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Case, Topic } from './topic.ts';
import { readVectors } from './vectors.ts';
import { Tally, tableOf, verdictOn } from './verdict.ts';

const oneCase = (name: string, more: Partial<Case> = {}): Case => ({ name, source: 'here', input: 1, expected: { answer: 2 }, ...more });

const doubling: Topic = {
  notApplicable: { later: 'needs what is not there' },
  disputed: { wrong: 'twice one is two' },
  run: (input) => {
    if (input === null) throw new Error('cannot take this');
    return { answer: 2 * input };
  },
};

describe('a case', () => {
  it('passes, fails, or does not apply', () => {
    expect(verdictOn(doubling, 'acme', oneCase('right'))).toEqual({ kind: 'passed' });
    expect(verdictOn(doubling, 'acme', oneCase('off', { expected: { answer: 3 } }))).toEqual({ kind: 'failed', wrong: ['answer: expected 3, got 2'], dispute: null });
    expect(verdictOn(doubling, 'acme', oneCase('wrong', { expected: { answer: 3 } }))).toMatchObject({ kind: 'failed', dispute: 'twice one is two' });
    expect(verdictOn(doubling, 'acme', oneCase('later'))).toEqual({ kind: 'notApplicable', reason: 'needs what is not there' });
    expect(verdictOn('a reason', 'acme', oneCase('any'))).toEqual({ kind: 'notApplicable', reason: 'a reason' });
    expect(verdictOn(undefined, 'acme', oneCase('any'))).toEqual({ kind: 'notApplicable', reason: 'no runner' });
  });

  it('fails when its runner throws', () => {
    const verdict = verdictOn(doubling, 'acme', oneCase('strange', { input: null }));
    expect(verdict).toMatchObject({ kind: 'failed', dispute: null });
    expect(verdict.kind === 'failed' && verdict.wrong[0]).toContain('threw Error: cannot take this');
  });

  it('may be off by its own tolerance, which is absolute, or by that of its system', () => {
    const thirds: Topic = { run: () => ({ answer: 1 + 1e-12 }) };
    const almost = oneCase('almost', { expected: { answer: 1 } });
    expect([verdictOn(thirds, 'acme', almost).kind, verdictOn(thirds, 'envoy', almost).kind]).toEqual(['passed', 'failed']);
    expect(verdictOn(thirds, 'envoy', { ...almost, tolerance: 1e-9 }).kind).toBe('passed');
  });
});

it('the table has every case in a column, and ends with the count', () => {
  const cases = [oneCase('right'), oneCase('strange', { input: null }), oneCase('later')];
  const tally = new Tally({ name: 'acme/doubling', system: 'acme', cases }, undefined);
  for (const one of cases) tally.add(one, verdictOn(doubling, 'acme', one));
  const lines = tableOf([tally]).split('\n');
  expect(lines[1]!.split(/\s+/)).toEqual(['acme/doubling', '1', '1', '1']);
  expect(lines.slice(2)).toEqual([expect.stringMatching(/^ +failed: strange: threw Error: cannot take this$/), expect.stringMatching(/^ +not applicable: needs what is not there$/), '1 passed, 1 failed, 1 not applicable, of 3']);
  const early = new Tally({ name: 'acme/early', system: 'acme', cases }, { ...doubling, awaits: 'a door' });
  early.add(cases[0]!, { kind: 'passed' });
  expect(tableOf([early]).split('\n').slice(2, 4)).toEqual([expect.stringMatching(/^ +no run gets here yet: it takes a door$/), '1 of those that passed are ahead of any run']);
  expect(tableOf([]).split('\n').at(-1)).toBe('0 passed, 0 failed, 0 not applicable, of 0');
});

describe("another's folder", () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vectors-'));
    mkdirSync(join(folder, 'acme'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (text: string): void => writeFileSync(join(folder, 'acme', 'topic.json'), text);

  it('is read by the names of its folders and files; what is no JSON in it is left alone', () => {
    write(JSON.stringify({ topic: 'any', cases: [oneCase('right')] }));
    writeFileSync(join(folder, 'README.md'), 'about');
    writeFileSync(join(folder, 'acme', 'notes.txt'), 'more');
    expect(readVectors(folder)).toEqual([{ name: 'acme/topic', system: 'acme', cases: [oneCase('right')] }]);
  });

  it.each([
    ['{', /topic\.json: .*JSON/],
    ['null', /topic\.json: no list of `cases`/],
    ['{"cases": {}}', /topic\.json: no list of `cases`/],
    ['{"cases": [{"name": "a", "input": 1, "expected": 2}, {"name": "b", "input": 1}]}', /topic\.json: case 2 has no `expected`/],
  ])('with %s in a file is refused by the name of the file', (text, message) => {
    write(text);
    expect(() => readVectors(folder)).toThrow(message);
  });

  it('that is not there is named', () => expect(() => readVectors(join(folder, 'nowhere'))).toThrow(/MESHSIM_VECTORS: no folder .*nowhere/));
});
