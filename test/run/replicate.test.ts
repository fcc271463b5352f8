/** Many replications and one result: what it is the sum of, and who decides how many. */
import { mean, sampleStandardDeviation } from 'simple-statistics';
import { describe, expect, test } from 'vitest';
import { planOf, shippedScenarios } from '../../scripts/shipped.ts';
import type { Plan } from '../../src/model/plan.ts';
import { replicationSeed } from '../../src/random/replication-seed.ts';
import { loadOf } from '../../src/result/load.ts';
import type { Result } from '../../src/result/result.ts';
import type { TaskOutcome } from '../../src/run/pool.ts';
import { perform } from '../../src/run/perform.ts';
import { type Goal, replicate, type Replicated } from '../../src/run/replicate.ts';
import { simulate } from '../../src/run/run.ts';
import { type Job, replications } from '../../src/run/task.ts';
import { planFrom } from '../support/plan-from.ts';
import { runHere } from '../support/pool-here.ts';
import type { ScenarioObject } from '../support/random-scenario.ts';

type Outcomes = AsyncIterable<TaskOutcome<{ readonly kind: 'replication' }>>;

describe('one replication is a single run', () => {
  test.each(shippedScenarios().map((shipped) => [shipped.name, planOf(shipped).plan] as const))('%s', async (_, plan) => {
    expect(lasting((await run(plan, 1)).result)).toEqual(lasting(simulate(plan)));
  });
});

describe('the result of five', () => {
  const plan = shop({ thresholds: ['latency p(99) < 1s', 'errors rate < 1%', 'errors count < 9', 'latency max < 1s', 'busy max < 90%'] });
  const singles = Array.from({ length: 5 }, (_, i) => simulate(plan, { seed: replicationSeed(plan.seed, i) }));
  const merging = run(plan, 5);
  const sum = (of: (result: Result) => number): number => singles.reduce((total, result) => total + of(result), 0);

  test('has the totals and the load of each, under its seed', async () => {
    expect((await merging).result.reps).toEqual(singles.map((single) => ({ seed: single.seed, totals: single.totals, load: loadOf(single) })));
  });

  test('has the sums of counts and the rates of all time together', async () => {
    const { totals, endpoints, edges, series, faults } = (await merging).result;
    for (const name of ['requests', 'ok', 'failed', 'attempts', 'retries'] as const) expect(totals[name]).toBe(sum((result) => result.totals[name]));
    expect(totals.causes.error).toBe(sum((result) => result.totals.causes.error ?? 0));
    expect(totals.rps).toBeCloseTo(sum((result) => result.totals.rps) / 5, 9);
    expect(totals.latencyMs.mean).toBeCloseTo(sum((result) => result.totals.latencyMs.mean! * result.totals.requests) / totals.requests, 9);
    expect(totals.latencyMs.max).toBe(Math.max(...singles.map((result) => result.totals.latencyMs.max!)));
    expect(endpoints['s/1']!.busy).toBeCloseTo(sum((result) => result.endpoints['s/1']!.busy!) / 5, 9);
    expect(endpoints['s/1']!.maxQueue).toBe(Math.max(...singles.map((result) => result.endpoints['s/1']!.maxQueue)));
    expect(edges['web->s']!.budgetRefusals).toBe(sum((result) => result.edges['web->s']!.budgetRefusals));
    expect(faults[0]!.during.requests).toBe(sum((result) => result.faults[0]!.during.requests));
    expect(series.requests).toEqual(singles[0]!.series.requests.map((_, i) => sum((result) => result.series.requests[i]!)));
  });

  test('has percentiles of all requests, and no mean of percentiles', async () => {
    const { totals, histograms, series } = (await merging).result;
    const buckets = new Map<number, number>();
    for (const { histograms: { latencyNs } } of singles) for (const [i, bucket] of latencyNs!.indexes.entries()) buckets.set(bucket, (buckets.get(bucket) ?? 0) + latencyNs!.counts[i]!);
    const ascending = [...buckets].sort(([a], [b]) => a - b);
    expect(histograms.latencyNs).toEqual({ subBucketsPerOctave: 1024, indexes: ascending.map(([bucket]) => bucket), counts: ascending.map(([, count]) => count) });
    let below = 0;
    const [bucket] = ascending.find(([, count]) => (below += count) >= Math.ceil(0.99 * totals.requests))!;
    const middleNs = 2 ** Math.floor(bucket / 1024) * (1 + ((bucket % 1024) + 0.5) / 1024) - 1;
    expect(totals.latencyMs.p99).toBeCloseTo(middleNs / 1e6, 9);
    expect(series.p50Ms.some((p50, i) => p50 !== singles[0]!.series.p50Ms[i])).toBe(true);
  });

  test('has t intervals around its own figures', async () => {
    const { intervals, totals, services, thresholds } = (await merging).result;
    const p99s = singles.map((result) => result.totals.latencyMs.p99!);
    const half = (2.776445 * sampleStandardDeviation(p99s)) / Math.sqrt(5); // t of 4 degrees
    expect(intervals['totals.latencyMs.p99']![0]).toBeCloseTo(totals.latencyMs.p99! - half, 4);
    expect(intervals['totals.latencyMs.p99']![1]).toBeCloseTo(totals.latencyMs.p99! + half, 4);
    expect(thresholds[0]).toMatchObject({ value: totals.latencyMs.p99, low: expect.closeTo(intervals['totals.latencyMs.p99']![0], 6) });
    expect([thresholds[1]!.low, thresholds[1]!.high]).toEqual(intervals['totals.errorRate']);
    expect(intervals['services.s.busy']![0]).toBeLessThan(services['s']!.busy!);
    expect(Object.keys(intervals)).toEqual(expect.arrayContaining(['traffic.web.rps', 'edges."web->s".amplification', 'endpoints."s/0".share', 'faults[0].during.latencyMs.p50']));
  });

  test('has counts and busiest endpoints of one run, and extremes without an interval', async () => {
    const [, , errors, max, busiest] = (await merging).result.thresholds;
    const failed = singles.map((result) => result.totals.failed);
    // Lopsided, for there are few: the mean itself is as far from each end as its own spread would put it.
    const distance = (end: number): number => (2.776445 * sampleStandardDeviation(failed) * Math.sqrt(end / mean(failed))) / Math.sqrt(5);
    expect(errors!.value).toBe(mean(failed));
    expect(errors!.high! - mean(failed)).toBeCloseTo(distance(errors!.high!), 4);
    expect(mean(failed) - errors!.low!).toBeCloseTo(distance(errors!.low!), 4);
    expect(max).toMatchObject({ value: expect.closeTo(Math.max(...singles.map((result) => result.totals.latencyMs.max!)), 6), low: null, high: null });
    expect(busiest!.value).toBeCloseTo(mean(singles.map(({ endpoints }) => Math.max(...Object.values(endpoints).map(({ busy }) => busy!)))), 9);
  });
});

describe('what some replications have none of', () => {
  /** All fail; of the class `buy` most replications have no request. */
  const rare = (...thresholds: readonly string[]): Plan => planFrom({
    name: 'rare', duration: '1s', services: { s: { latency: '1ms', errors: '100%' } },
    traffic: [{ to: 's', rate: '20/s', requests: [{ name: 'list', weight: 99 }, { name: 'buy', weight: 1 }] }], thresholds,
  });

  test('counts as 0, in the count and in the rate', async () => {
    const { thresholds: [errors, requests, share, good] } = (await run(rare('errors{class:buy} count < 9', 'requests{class:buy} count < 9', 'errors{class:buy} rate < 9%', 'goodput{class:buy} rate < 9/s'), 10)).result;
    expect(requests!.value).toBeGreaterThan(0);
    expect(requests!.value).toBeLessThan(1);
    expect(errors!.value).toBe(requests!.value);
    expect(share!.value).toBe(1);
    expect(good).toMatchObject({ value: 0, judged: 'pass' });
  });

  test('that none has passes nothing: no samples', async () => {
    const none = planFrom({
      name: 'none', duration: '1s', services: { s: { latency: '1ms' } },
      traffic: [{ to: 's', rate: '20/s', requests: [{ name: 'list', weight: 1 }, { name: 'buy', weight: 0 }] }],
      thresholds: ['errors{class:buy} count == 0', 'goodput{class:buy} rate != 1/s', 'retries{class:buy} count == 0', 'retries{class:buy} rate < 1/s', 'hedges{class:buy} count == 0'],
    });
    for (const count of [1, 3]) {
      for (const threshold of (await run(none, count)).result.thresholds) expect(threshold).toMatchObject({ value: null, low: null, judged: 'no samples' });
    }
  });
});

test('no failure at all says as much of their number as of their share', async () => {
  const { thresholds: [rate, count], totals } = (await run(shop({ thresholds: ['errors rate < 1%', 'errors count < 1'] }, { errors: '0%' }), 5)).result;
  expect(totals.failed).toBe(0);
  expect(count).toMatchObject({ value: 0, low: 0, high: expect.closeTo((rate!.high! * totals.requests) / 5, 9) });
  expect(count!.high).toBeGreaterThan(0.5);
});

describe('a threshold whose limit its interval crosses', () => {
  const judged = async (confidence: string, beyond: boolean): Promise<object> => {
    const value = 'latency avg < 1s';
    const { thresholds: [first] } = (await run(shop({ thresholds: [value] }), 5)).result;
    const limitMs = first!.value! + (beyond ? -1 : 1) * 0.2 * (first!.high! - first!.value!);
    return (await run(shop({ thresholds: [{ expr: `latency avg < ${limitMs}ms`, confidence }] }), 5)).result.thresholds[0]!;
  };

  test.each([
    ['point', false, true], ['strict', false, false], ['lenient', false, true],
    ['point', true, false], ['strict', true, false], ['lenient', true, true],
  ] as const)('%s, value beyond it %j: pass %j', async (confidence, beyond, pass) => {
    expect(await judged(confidence, beyond)).toMatchObject({ pass, judged: pass ? 'pass' : 'fail', ...(confidence === 'point' ? {} : { confidence }) });
  });
});

describe('a percentile of few samples', () => {
  /** 1,000 requests a replication, or so. */
  const quick = (threshold: unknown): Plan => planFrom({ name: 'quick', duration: '10s', replications: 4, services: { s: { latency: '1ms' } }, traffic: [{ to: 's', rate: '100/s' }], thresholds: [threshold] });
  const told = async (threshold: unknown, count: number, within?: number): Promise<string[]> =>
    (await run(quick(threshold), count, within)).result.warnings.flatMap(({ code, message }) => (code === 'few-samples' && !message.startsWith('p99.9 ') ? [message] : []));

  test('is told by percentile: ten samples should lie above it', async () => {
    expect(await told('latency p(99.5) < 1s', 1)).toEqual([expect.stringMatching(/^`latency p\(99\.5\) < 1s` rests on (?:9\d\d|1,\d\d\d) samples; 2,000 or more would make p99\.5 mean something$/)]);
    expect(await told('latency p(95) < 1s', 1)).toEqual([]);
    expect(await told('latency p(99.5) < 1s', 4)).toEqual([]);
  });

  test('is told where its interval decides, of each replication', async () => {
    const strict = { expr: 'latency p(99.5) < 1s', confidence: 'lenient' };
    expect(await told({ ...strict, expr: 'latency p(80) < 1s' }, 4)).toEqual([]);
    for (const messages of [await told(strict, 4), await told('latency p(99.5) < 1s', 15, 0.5)]) expect(messages).toEqual([expect.stringMatching(/in each of which p99\.5 wants 20,000: make them longer$/)]);
  });
});

test('no interval leaves what its measure can be', async () => {
  // Nearly saturated, and with a handful of retries: t of two degrees reaches far beyond both.
  const plan = planFrom({
    name: 'edge', duration: '2s', services: { s: { concurrency: 1, queue: { limit: 50 }, latency: { exponential: '10ms' }, errors: '0.5%' } },
    policies: { default: { retries: { attempts: 1, on: ['5xx'], backoff: 0 }, timeout: '300ms' } },
    traffic: [{ to: 's', rate: '97/s' }],
    thresholds: ['busy avg < 99%', 'retries ratio < 1.5'],
  });
  const { intervals, thresholds: [busy, retries] } = (await run(plan, 3)).result;
  expect([busy!.high, retries!.low]).toEqual([1, 1]);
  expect([intervals['services.s.busy']![1], intervals['endpoints."s/0".busy']![1]]).toEqual([1, 1]);
  expect(intervals['totals.abandonedShare']![1]).toBeLessThanOrEqual(1);
});

describe('precision', () => {
  const plan = shop({ thresholds: ['latency avg < 1s', 'errors rate < 5%', 'latency max < 9s'] });
  const widthOf = ({ thresholds: [average] }: Result): number => (average!.high! - average!.low!) / 2 / average!.value!;

  test('stops at the first look at which every interval is that tight', async () => {
    const ten = widthOf((await run(plan, 10)).result);
    const within = 0.7 * ten;
    const { result, isPrecise } = await run(plan, 200, within);
    expect([isPrecise, result.complete, result.reps.length % 5]).toEqual([true, true, 0]);
    expect(widthOf(result)).toBeLessThanOrEqual(within);
    expect(result.reps.length).toBeGreaterThan(10);
    const before = await run(plan, result.reps.length - 5);
    expect(before.result.thresholds.slice(0, 2).some(({ low, high, value, limit, unit }) => (high! - low!) / 2 / (unit === 'ratio' ? Math.max(value!, limit) : value!) > within)).toBe(true);
    // More replications without asking are the same replications.
    expect(lasting((await run(plan, result.reps.length)).result)).toEqual(lasting(result));
  });

  test('says so where the most was not enough', async () => {
    const { result, isPrecise } = await run(plan, 12, 1e-4);
    expect([isPrecise, result.complete, result.reps.length]).toEqual([false, true, 12]);
    expect(result.warnings).toContainEqual({ code: 'imprecise', message: expect.stringContaining('after 12 replications') });
  });

  test('is reached by errors that never come, when there were enough requests to tell', async () => {
    const healthy = shop({ thresholds: ['errors rate < 1%'] }, { errors: '0%' });
    expect((await run(healthy, 100, 0.5)).isPrecise).toBe(true);
    expect((await run(healthy, 12, 0.001)).isPrecise).toBe(false);
  });
});

describe('replications that end early', () => {
  test('a threshold with abort ends the run and has failed, whatever the others said', async () => {
    // 200 errors or so in the end, so that some reach the limit before it and some do not.
    const plan = planFrom({ name: 'busy', duration: '10s', services: { s: { latency: '1ms', errors: '1%' } }, traffic: [{ to: 's', rate: '2000/s' }], thresholds: [{ expr: 'errors count < 200', abort: true }] });
    const { result } = await run(plan, 20);
    const last = result.reps.length - 1;
    expect(last).toBeGreaterThan(0);
    expect(last).toBeLessThan(19);
    const endings = Array.from({ length: last + 1 }, (_, i) => simulate(plan, { seed: replicationSeed(plan.seed, i) }).complete);
    expect(endings).toEqual([...new Array<boolean>(last).fill(true), false]);
    expect(result).toMatchObject({ complete: false, thresholds: [{ pass: false, judged: 'aborted' }], warnings: [{ code: 'aborted' }, { code: 'unfinished' }] });
  });

  test('those that somebody stopped are left out', async () => {
    const { result } = await run(shop(), 5, undefined, stoppedFrom(2));
    expect(result).toMatchObject({ complete: false, reps: [{}, {}] });
    expect(result.warnings[0]).toEqual({ code: 'partial', message: 'stopped early: the figures are of 2 replications instead of 5' });
    expect(lasting({ ...result, complete: true, warnings: [] })).toEqual(lasting({ ...(await run(shop(), 2)).result, warnings: [] }));
  });

  test('unless there is nothing else', async () => {
    const { result } = await run(shop(), 5, undefined, stoppedFrom(0));
    expect(result.complete).toBe(false);
    expect(result.reps).toHaveLength(1);
    expect(result.window.endMs).toBeLessThan(5_000);
  });

  test('those that are lost are named, and the others kept', async () => {
    const broken: TaskOutcome<{ kind: 'replication' }>['error'] = new Error('worker ended');
    const { result, lost } = await run(shop(), 4, undefined, async function* (outcomes) {
      let i = 0;
      for await (const { task, answer } of outcomes) yield i++ === 1 ? { task, error: broken } : { task, answer: answer! };
    });
    expect(lost).toEqual([{ seed: replicationSeed(1, 1), error: broken }]);
    expect(result.complete).toBe(false);
    expect(result.reps.map(({ seed }) => seed)).toEqual([0, 2, 3].map((i) => replicationSeed(1, i)));
    expect(result.warnings[0]).toMatchObject({ code: 'lost-replication', message: expect.stringContaining(`seed ${replicationSeed(1, 1)}`) });
  });
});

/** 100 requests or so a replication, a few of which fail. */
function shop({ thresholds = [] }: { readonly thresholds?: readonly unknown[] } = {}, service: ScenarioObject = {}): Plan {
  return planFrom({
    name: 'shop', duration: '5s', replications: 5,
    services: { s: { replicas: 2, concurrency: 1, latency: { exponential: '50ms' }, errors: '8%', calls: ['t'], ...service }, t: { latency: '5ms' } },
    policies: { default: { retries: { attempts: 1, on: ['5xx'], budget: { ratio: '10%', minPerSecond: 0, ttl: '10s' } } } },
    traffic: [{ to: 's', name: 'web', rate: '20/s' }],
    faults: [{ name: 'slow', at: '2s', for: '1s', target: 's', latency: { multiply: 2 } }],
    thresholds,
  });
}

async function run(plan: Plan, count: number, within?: number, change: (outcomes: Outcomes) => Outcomes = (outcomes) => outcomes): Promise<Replicated> {
  const job: Job = { plan, resolved: null, sha256: '' };
  const goal: Goal = { count, precision: within === undefined ? null : { within, least: 10 } };
  return await replicate(job, change(runHere(replications(job, count, { kind: 'replication' }))), goal);
}

/** As if somebody had stopped the runs when that one had begun. */
function stoppedFrom(at: number): (outcomes: Outcomes) => Outcomes {
  return async function* (outcomes) {
    let i = 0;
    for await (const outcome of outcomes) {
      if (i++ < at) yield outcome;
      else {
        yield { task: outcome.task, answer: await perform(outcome.task, { onProgress: () => true }) };
        return;
      }
    }
  };
}

function lasting(result: Result): object {
  return { ...result, env: null };
}
