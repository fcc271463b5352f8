/**
 * Whether intervals hold what they promise: of 200 intervals on an M/M/1 queue at utilisation 0.8, for the mean and for the p99, the share
 * that covers the exact value. It is below 0.95 where runs are short, because quantiles of dependent values are biased and
 * skewed then. `npm test` makes a fifth of them, from shorter runs.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import { replicationSeed } from '../../src/random/replication-seed.ts';
import type { Result } from '../../src/result/result.ts';
import { replicate } from '../../src/run/replicate.ts';
import { type Job, replications } from '../../src/run/task.ts';
import { planFrom } from '../support/plan-from.ts';
import { runHere } from '../support/pool-here.ts';

const IS_FULL: boolean = process.env['MESHSIM_THEORY'] === 'full';
const RATE = 800;
const SERVICE_MS = 1;
const RHO: number = (RATE * SERVICE_MS) / 1000;
const REPLICATIONS = 10;
const [INTERVALS, REQUESTS, LEAST, MOST] = IS_FULL ? [200, 50_000, 0.91, 0.98] as const : [40, 20_000, 0.8, 1] as const;

/** The time in the system is exponential with this mean. */
const MEAN_MS: number = SERVICE_MS / (1 - RHO);
/** Relative deviation of an estimate from n requests is c / ((1 - rho) sqrt n): 2 for the mean, 3.8 for the p99, measured. */
const TRUTH = { mean: { ms: MEAN_MS, c: 2 }, p99: { ms: MEAN_MS * Math.log(100), c: 3.8 } } as const;

describe(`of ${INTERVALS} intervals from ${REPLICATIONS} replications of ${REQUESTS} requests`, () => {
  let results: readonly Result[] = [];
  beforeAll(async () => void (results = await resultsOf()), 600_000);

  it.each(Object.keys(TRUTH) as (keyof typeof TRUTH)[])(`${LEAST} to ${MOST} cover the %s, and they are as wide as they must be`, (stat) => {
    const { ms, c } = TRUTH[stat];
    const intervals = results.map((result) => result.intervals[`totals.latencyMs.${stat}`]!);
    const covered = intervals.filter(([low, high]) => low <= ms && ms <= high).length / INTERVALS;
    const half = intervals.reduce((sum, [low, high]) => sum + (high - low) / 2, 0) / INTERVALS / ms;
    const expected = (2.262 * c) / ((1 - RHO) * Math.sqrt(REQUESTS * REPLICATIONS)); // t of 9 degrees
    console.log(`${stat}: ${(100 * covered).toFixed(1)} % covered, ±${(100 * half).toFixed(1)} % wide on average, ±${(100 * expected).toFixed(1)} % expected`);
    expect(covered).toBeGreaterThanOrEqual(LEAST);
    expect(covered).toBeLessThanOrEqual(MOST);
    expect(half / expected).toBeGreaterThan(0.75);
    expect(half / expected).toBeLessThan(1.25);
  });
});

async function resultsOf(): Promise<Result[]> {
  const results: Result[] = [];
  for (let i = 0; i < INTERVALS; i++) {
    const job: Job = { plan: queue(replicationSeed(2026, i)), resolved: null, sha256: '' };
    const { result } = await replicate(job, runHere(replications(job, REPLICATIONS, { kind: 'replication' })), { count: REPLICATIONS, precision: null });
    results.push(result);
  }
  return results;
}

/** Ten relaxation times, 90 service times each, are not counted. */
function queue(seed: number): Plan {
  return planFrom({
    name: 'queue', seed, warmup: '900ms', duration: `${900 + (1000 * REQUESTS) / RATE}ms`,
    services: { s: { concurrency: 1, queue: { limit: 'unlimited' }, latency: { exponential: `${SERVICE_MS}ms` } } },
    traffic: [{ to: 's', rate: `${RATE}/s` }],
  });
}
