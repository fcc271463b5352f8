import { expect, test } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import type { RequestSeries } from '../../src/result/result.ts';
import { recoveryNs } from '../../src/result/recovery.ts';

const MAX = { tags: { phase: 'outage' }, stat: { kind: 'max' } } as const;

/** 20 steps of one second, a fault from 5 s to 10 s; `bad` steps have errors, `slow` ones a p99 of 200 ms instead of 100. */
function recovery({ bad = [], slow = [], empty = [], toNs = 10e9, warmupNs = 0 }: { bad?: number[]; slow?: number[]; empty?: number[]; toNs?: number; warmupNs?: number }): number | null {
  const steps = Array.from({ length: 20 }, (_, i) => i);
  const ok = steps.map((i) => (empty.includes(i) ? 0 : bad.includes(i) ? 90 : 100));
  const failed = steps.map((i) => (bad.includes(i) && !empty.includes(i) ? 10 : 0));
  const p99Ms = steps.map((i) => (empty.includes(i) ? null : slow.includes(i) ? 200 : 100));
  const series: RequestSeries = { stepMs: 1000, requests: ok, ok, failed, attempts: ok, retries: failed, hedges: [], causes: {}, p50Ms: p99Ms, p90Ms: p99Ms, p95Ms: p99Ms, p99Ms };
  const plan = { durationNs: 20e9, warmupNs, faults: [{ name: 'outage', windows: [{ fromNs: 5e9, toNs }] }] };
  return recoveryNs(MAX, plan as unknown as Plan, series); // only what recovery looks at
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

test('is 0 when the first step after the fault is inside the band', () => {
  expect(recovery({ bad: range(5, 10) })).toBe(0);
});

test('counts to the first of five good steps in a row', () => {
  expect(recovery({ bad: [...range(5, 12), 14] })).toBe(5e9);
  expect(recovery({ slow: range(5, 13) })).toBe(3e9);
});

test('a row may be shorter at the end of the run', () => {
  expect(recovery({ bad: range(5, 18) })).toBe(8e9);
});

test('what ends in the drain, in the last step, says nothing', () => {
  expect(recovery({ bad: [...range(5, 15), 19] })).toBe(5e9);
  expect(recovery({ bad: range(5, 19) })).toBe(Infinity);
});

test('never is infinite', () => {
  expect(recovery({ bad: range(5, 20) })).toBe(Infinity);
});

test('a step in which nothing ended says nothing', () => {
  expect(recovery({ empty: [10, 11], bad: [12] })).toBe(3e9);
  expect(recovery({ empty: range(10, 20) })).toBe(Infinity);
});

test('a fault that does not end in the run, or has nothing before it, has no recovery', () => {
  expect(recovery({ toNs: Infinity })).toBeNull();
  expect(recovery({ warmupNs: 5e9 })).toBeNull();
});
