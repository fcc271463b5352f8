/** Laws of queues that need no reference value: zero load, monotony, relabelling, PASTA, Little and utilisation from samples. */
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import { simulate } from '../../src/run/run.ts';
import { newWorld } from '../support/invariants.ts';
import { planFrom } from '../support/plan-from.ts';
import type { ScenarioObject } from '../support/random-scenario.ts';

describe('zero load', () => {
  const chain = (policy: ScenarioObject, warmup = '2s'): Plan =>
    planFrom({
      name: 'chain',
      duration: '20s',
      warmup,
      network: { latency: '1ms' },
      services: {
        a: { latency: '10ms', calls: [{ service: 'b', times: 2 }], policy },
        b: { latency: '7ms', calls: ['c', { parallel: ['c', 'd'] }], policy },
        c: { latency: '5ms', policy },
        d: { latency: '9ms', policy },
      },
      traffic: [{ to: 'a', rate: '1/s', arrivals: 'uniform' }],
    });
  const hop = 2 + 0.5;
  const b = hop + 7 + (hop + 5) + Math.max(hop + 5, hop + 9);

  test('latency is service and path, exactly', () => {
    const { latencyMs } = simulate(chain({ proxy: { overhead: '0.5ms' } })).totals;
    expect(latencyMs.count).toBeGreaterThan(15);
    expect([latencyMs.min, latencyMs.max]).toEqual([hop + 10 + 2 * b, hop + 10 + 2 * b]);
  });
  test('policies that have nothing to do cost nothing', () => {
    const policy = { proxy: { overhead: '0.5ms' }, loadBalancer: 'peakEwma', timeout: '10s', retries: { attempts: 3, on: '5xx', perTryTimeout: '5s' }, outlierDetection: {} };
    const { latencyMs } = simulate(chain(policy)).totals;
    expect([latencyMs.min, latencyMs.max]).toEqual([hop + 10 + 2 * b, hop + 10 + 2 * b]);
  });
  test('a new connection costs one round trip', () => {
    // The first request opens one each to a, b, c and d, one after another; all others find them open.
    const { latencyMs } = simulate(chain({ proxy: { overhead: '0.5ms' } }, '0s')).totals;
    expect(latencyMs.min).toBe(hop + 10 + 2 * b);
    expect(latencyMs.max).toBe(latencyMs.min! + 4 * 2);
  });
});

/** One station; when each request was answered, by its number. */
function answersOf(station: ScenarioObject, seed = 3): Map<number, number> {
  const world = newWorld(planFrom({
    name: 'station', seed, duration: '60s', drain: '1000s',
    services: { s: { queue: 'unlimited', ...station } },
    traffic: [{ to: 's', rate: '90/s' }],
  }));
  const answers = new Map<number, number>();
  const answer = world.answer.bind(world);
  world.answer = (job, outcome, status, now) => {
    answers.set(world.stations.keyHiOf(job), now);
    answer(job, outcome, status, now);
  };
  world.run(() => true, 1 << 20);
  return answers;
}

function neverEarlier(later: ReadonlyMap<number, number>, sooner: ReadonlyMap<number, number>): void {
  expect(later.size).toBe(sooner.size);
  expect(later.size).toBeGreaterThan(5000);
  expect([...later].filter(([number, at]) => at < sooner.get(number)!)).toEqual([]);
}

describe('monotone under common random numbers', () => {
  test.each([1, 3])('with %d slots, first come first served, longer service never ends a request earlier', (slots) => {
    const service = (mean: number): ScenarioObject => ({ concurrency: slots, latency: { exponential: `${mean * slots}ms` } });
    const runs = [5, 8, 10, 12].map((mean) => answersOf(service(mean)));
    for (let i = 1; i < runs.length; i++) neverEarlier(runs[i]!, runs[i - 1]!);
  });
  test('nor does one longer piece of work among equal ones', () => {
    neverEarlier(answersOf({ concurrency: 1, latency: { mixture: [{ weight: 99, of: '10ms' }, { weight: 1, of: '200ms' }] } }), answersOf({ concurrency: 1, latency: '10ms' }));
  });
  test('more slots never raise a wait, nor its mean', () => {
    const runs = [1, 2, 3, 4, 6].map((slots) => answersOf({ concurrency: slots, latency: { exponential: '10.5ms' } }));
    for (let i = 1; i < runs.length; i++) neverEarlier(runs[i - 1]!, runs[i]!);
  });
});

describe('relabelling moves nothing beyond noise', () => {
  const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1);
  const meansOf = (plan: (seed: number) => Plan): number[] => SEEDS.map((seed) => simulate(plan(seed)).totals.latencyMs.mean!);
  const apart = (one: readonly number[], other: readonly number[]): number => {
    const differences = one.map((value, i) => value - other[i]!);
    const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
    const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (differences.length - 1);
    return variance === 0 ? (mean === 0 ? 0 : Infinity) : Math.abs(mean) / Math.sqrt(variance / differences.length);
  };
  const withSlow = (replica: number, loadBalancer: unknown) => (seed: number): Plan => planFrom({
    name: 'relabel', seed, duration: '20s', warmup: '2s',
    services: { cart: { replicas: 5, concurrency: 4, latency: { exponential: '10ms' }, policy: { loadBalancer } } },
    traffic: [{ to: 'cart', rate: '900/s' }],
    faults: [{ target: `cart/${replica}`, latency: { multiply: 3 } }],
  });
  // Five standard errors; paired by seed.
  test.each(['random', 'leastRequest', 'peakEwma', { type: 'leastRequest', fullScan: true }])('which replica is slow, under %j', (loadBalancer) => {
    const first = meansOf(withSlow(0, loadBalancer));
    for (const replica of [2, 4]) expect(apart(first, meansOf(withSlow(replica, loadBalancer)))).toBeLessThan(5);
  });
  test('idle replicas get equal shares, whatever their place', () => {
    for (const loadBalancer of ['random', 'leastRequest', { type: 'leastRequest', fullScan: true }]) {
      const { endpoints, totals } = simulate(planFrom({
        name: 'idle', duration: '200s', services: { cart: { replicas: 5, latency: '1ms', policy: { loadBalancer } } }, traffic: [{ to: 'cart', rate: '100/s' }],
      }));
      const sd = Math.sqrt((0.2 * 0.8) / totals.requests);
      for (const [name, { share }] of Object.entries(endpoints)) expect(Math.abs(share! - 0.2), `${name} under ${JSON.stringify(loadBalancer)}`).toBeLessThan(5 * sd);
    }
  });
  test('the order of zones', () => {
    const inZones = (zones: readonly string[]) => (seed: number): Plan => planFrom({
      name: 'zones', seed, duration: '20s', warmup: '2s', zones, network: { latency: '1ms', betweenZones: '5ms' },
      services: { cart: { replicas: 6, concurrency: 4, latency: { exponential: '10ms' }, policy: { loadBalancer: 'leastRequest' } } },
      traffic: [{ to: 'cart', clients: 3, rate: '900/s' }],
    });
    expect(apart(meansOf(inZones(['a', 'b', 'c'])), meansOf(inZones(['c', 'a', 'b'])))).toBeLessThan(5);
  });
});

describe('M/M/3 at 80 %, seen from outside', () => {
  const [rate, slots, serviceS] = [240, 3, 0.01];
  const plan = planFrom({
    name: 'mm3', seed: 11, duration: '1000s',
    services: { s: { concurrency: slots, queue: 'unlimited', latency: { exponential: '10ms' } } },
    traffic: [{ to: 's', rate: `${rate}/s` }],
  });
  const world = newWorld(plan);
  const { stations } = world;
  const DEEPEST = 60;
  const foundBy: number[] = new Array(DEEPEST).fill(0);
  const timeWith: number[] = new Array(DEEPEST).fill(0);
  const samples = { number: 0, sum: 0, busy: 0 };
  const arrive = stations.arrive.bind(stations);
  stations.arrive = (job, now) => {
    foundBy[Math.min(DEEPEST - 1, stations.busyAt(0) + stations.queuedAt(0))]!++;
    arrive(job, now);
  };
  const STEP_NS = 7e6;
  let [before, inside, busy, next] = [0, 0, 0, STEP_NS];
  world.run(() => {
    for (; next <= world.now && next < plan.durationNs; next += STEP_NS) {
      samples.number++;
      samples.sum += inside;
      samples.busy += busy;
    }
    timeWith[Math.min(DEEPEST - 1, inside)]! += world.now - before;
    before = world.now;
    busy = stations.busyAt(0);
    inside = busy + stations.queuedAt(0);
    return true;
  }, 1);
  const result = simulate(plan);
  const endpoint = result.endpoints['s/0']!;

  test('PASTA: arrivals find what time averages say', () => {
    const [arrivals, time] = [foundBy, timeWith].map((column) => column.reduce((sum, value) => sum + value, 0));
    expect(arrivals).toBeGreaterThan(200_000);
    for (let k = 0; k < 15; k++) expect(Math.abs(foundBy[k]! / arrivals! - timeWith[k]! / time!), `${k} in the system`).toBeLessThan(0.003);
  });
  test('the chain of M/M/3 says the same', () => {
    // p(k) = p0 a^k / k! up to the slots, then falling by rho.
    const offered = rate * serviceS;
    const weights = Array.from({ length: 200 }, (_, k) => Array.from({ length: k }, (_, i) => offered / Math.min(i + 1, slots)).reduce((product, value) => product * value, 1));
    const total = weights.reduce((sum, value) => sum + value, 0);
    const time = timeWith.reduce((sum, value) => sum + value, 0);
    for (let k = 0; k < 10; k++) expect(Math.abs(timeWith[k]! / time - weights[k]! / total), `${k} in the system`).toBeLessThan(0.006);
  });
  test('Little: L sampled every 7 ms is rate times the mean latency of the histograms', () => {
    expect(samples.number).toBeGreaterThan(140_000);
    const [lambda, meanS] = [endpoint.requests / 1000, endpoint.latencyMs.mean! / 1000];
    expect(samples.sum / samples.number / (lambda * meanS)).toBeCloseTo(1, 1.7);
    // Waiting room and slots apart.
    expect((samples.sum - samples.busy) / samples.number / (lambda * (endpoint.queueMs.mean! / 1000))).toBeCloseTo(1, 1.3);
    expect(endpoint.meanBusy + endpoint.meanQueue).toBeCloseTo(lambda * meanS, 2);
  });
  test('utilisation: slots in use are accepted rate times mean work', () => {
    // Work has a standard deviation as long as its mean: 4 standard errors of the mean of n.
    const slack = 4 / Math.sqrt(endpoint.requests);
    expect(Math.abs((endpoint.busy! * slots) / ((endpoint.requests / 1000) * serviceS) - 1)).toBeLessThan(slack);
    expect(samples.busy / samples.number / slots).toBeCloseTo(endpoint.busy!, 2);
  });
});
