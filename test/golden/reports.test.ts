/**
 * `reports/` is what the shipped scenarios give, to the byte. Pinned is not proven right: a difference is
 * looked at, explained, and committed apart from the change that made it (`npm run reports`).
 */
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { lineJson } from '../../src/result/line-json.ts';
import { differenceIn, firstDifference, REPORTS, reportsOf } from '../../scripts/reference-reports.ts';
import { shippedScenarios } from '../../scripts/shipped.ts';

const scenarios = shippedScenarios();

test.each(scenarios)('$name: the committed report is the regenerated one', (scenario) => {
  const files = reportsOf(scenario);
  expect(files.map((file) => differenceIn(file)).filter((difference) => difference !== null), 'npm run reports').toEqual([]);
  for (const { path, text } of files) expect(Buffer.byteLength(text), path).toBeLessThan(150_000);
});

test('there is no report without a scenario', () => {
  expect(readdirSync(REPORTS, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort()).toEqual(scenarios.map(({ name }) => name));
});

describe('the form of the files', () => {
  test('a line for each object of scalars, and the same value as before', () => {
    const value = { a: 1, b: { c: [1, 2, null], d: { e: 'x', f: {} }, g: undefined }, h: [], i: [{ j: 1 }, { k: 2 }] };
    const text = lineJson(value);
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    expect(text).toBe('{\n  "a": 1,\n  "b": {\n    "c": [1, 2, null],\n    "d": { "e": "x", "f": {} }\n  },\n  "h": [],\n  "i": [\n    { "j": 1 },\n    { "k": 2 }\n  ]\n}\n');
  });

  test('a difference is named by its path', () => {
    expect(firstDifference({ a: { b: [1, 2] } }, { a: { b: [1, 3] } }, '')).toBe('a.b[1] is 2, regenerated 3');
    expect(firstDifference({ a: 1 }, { a: 1, b: 2 }, '')).toBe('b is absent, regenerated 2');
    expect(firstDifference({ a: 1 }, { a: 1 }, '')).toBeNull();
  });
});
