import { describe, expect, test } from 'vitest';
import { baselineText, readBaseline } from '../../src/compare/baseline.ts';
import type { Side } from '../../src/compare/side.ts';
import { exampleSide } from '../support/example-side.ts';

const SIDE: Side = exampleSide('shop', [
  { requests: 100, causes: { timeout: 3 }, latencyMs: { p50: 1.5, p99: 0.1 + 0.2, p999: null }, busiest: null, imbalance: 1 / 3 },
  { requests: 90, causes: { reset: 1, timeout: 2 }, seed: 228077984501645 },
]);

interface Baseline {
  readonly [key: string]: unknown;
  readonly replications: Readonly<Record<string, readonly unknown[]>>;
}

function parsed(): Baseline {
  return JSON.parse(baselineText(SIDE)) as Baseline;
}

test('comes back as it was, to the last bit', () => {
  expect(readBaseline(parsed(), 'shop')).toEqual(SIDE);
});

test('has sorted keys, and a line for each figure', () => {
  const keysOf = (value: unknown): string[][] => (typeof value === 'object' && value !== null && !Array.isArray(value) ? [Object.keys(value), ...Object.values(value).flatMap(keysOf)] : []);
  for (const keys of keysOf(parsed())) expect(keys).toEqual([...keys].sort());
  expect(baselineText(SIDE)).toContain('\n    "requests": [100, 90],\n');
});

test('is small: 20 replications are a tenth of what fits', () => {
  const many = exampleSide('shop', Array.from({ length: 20 }, (_, i) => ({ seed: 228077984501645 + i, rps: 500 + i / 3, goodput: 499 + i / 3, busiest: i / 37, imbalance: 1 + i / 37, causes: { timeout: i, reset: 7, rejected: 5 * i } })));
  expect(baselineText(many).length).toBeLessThan(5_000);
});

describe('says what is wrong with a file', () => {
  const change = (edit: (baseline: Baseline) => unknown): string | Side => readBaseline(edit(parsed()), 'x');
  const columns = (changes: Readonly<Record<string, unknown>>) => (baseline: Baseline) => ({ ...baseline, replications: { ...baseline.replications, ...changes } });
  test.each([
    ['another schema', () => change((baseline) => ({ ...baseline, schema: 'meshsim/baseline/9' })), 'meshsim/baseline/9'],
    ['no scenario', () => change((baseline) => ({ ...baseline, scenario: null })), 'scenario.name'],
    ['no window', () => change((baseline) => ({ ...baseline, window: { durationMs: 5, warmupMs: 5 } })), 'window.durationMs'],
    ['no replications', () => change((baseline) => ({ ...baseline, replications: [] })), 'replications.seed'],
    ['a short column', () => change(columns({ p99Ms: [1] })), 'replications.p99Ms'],
    ['a figure that is none', () => change(columns({ requests: [1, 'x'] })), 'replications.requests'],
    ['half a request', () => change(columns({ requests: [1, 1.5] })), 'replications.requests'],
    ['a rate that is not there', () => change(columns({ goodput: [1, null] })), 'replications.goodput'],
    ['a seed twice', () => change(columns({ seed: [7, 7] })), 'a seed twice'],
    ['an unknown cause', () => change(columns({ causes: { gremlins: [1, 2] } })), 'gremlins'],
    ['no object at all', () => readBaseline(null, 'x'), 'schema is missing'],
  ])('%s', (_, read, words) => expect(read()).toContain(words));
});
