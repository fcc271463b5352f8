/**
 * Two policies under one seed meet the same arrivals, the same work and the same failures: what is drawn hangs
 * on what a call is, not on who serves it or when (validation.md 9).
 */
import { describe, expect, test } from 'vitest';
import { planOf, shippedScenarios } from '../../scripts/shipped.ts';
import { type AttemptId, NONE } from '../../src/model/ids.ts';
import type { Plan } from '../../src/model/plan.ts';
import { newWorld } from '../support/invariants.ts';
import { planFrom } from '../support/plan-from.ts';
import type { ScenarioObject } from '../support/random-scenario.ts';

interface Luck {
  /** Of each request in turn: when, from which source and client, of which class, with which key. */
  readonly arrivals: readonly string[];
  /** By what the attempt is: ns of work, and how it was answered. */
  readonly work: ReadonlyMap<string, number>;
  readonly answers: ReadonlyMap<string, string>;
}

/** Seen at the ports between world, engine and stations. */
function luckOf(plan: Plan): Luck {
  const world = newWorld(plan);
  const { engine, stations } = world;
  const arrivals: string[] = [];
  const work = new Map<string, number>();
  const answers = new Map<string, string>();
  const nameOf = (job: AttemptId): string => `${stations.serviceOf[stations.endpointOf(job)]}:${stations.keyHiOf(job)}:${stations.keyLoOf(job)}`;
  const begin = engine.begin.bind(engine);
  engine.begin = (edge, caller, keyHi, keyLo, hashKey, requestClass, tag, parent, deadline, now) => {
    if (parent === NONE) arrivals.push([now, edge, caller, requestClass, keyHi, keyLo, hashKey].join());
    return begin(edge, caller, keyHi, keyLo, hashKey, requestClass, tag, parent, deadline, now);
  };
  const begun = world.work.bind(world);
  world.work = (job, due) => {
    work.set(nameOf(job), due - world.now);
    begun(job, due);
  };
  const answer = world.answer.bind(world);
  world.answer = (job, outcome, status, now) => {
    answers.set(nameOf(job), `${outcome}/${status}`);
    answer(job, outcome, status, now);
  };
  world.run(() => true, 1 << 20);
  return { arrivals, work, answers };
}

const POLICIES: Readonly<Record<string, ScenarioObject>> = {
  plain: { loadBalancer: 'roundRobin' },
  random: { loadBalancer: 'random' },
  retrying: { loadBalancer: 'leastRequest', retries: { attempts: 3, on: '5xx', backoff: { base: '5ms', jitter: 'full' }, avoidPrevious: true } },
  everything: {
    loadBalancer: 'peakEwma',
    timeout: '5s',
    deadline: 'propagate',
    retries: { attempts: 2, on: '5xx', backoff: 0, budget: { ratio: '20%', minPerSecond: 10 } },
    outlierDetection: { consecutive5xx: 3, interval: '100ms', baseEjectionTime: '200ms', maxEjectionPercent: '50%' },
    connectionPool: { maxConnections: 50 },
  },
};

/** Those that let fewer calls through, or more at once. */
const GUARDS: Readonly<Record<string, ScenarioObject>> = {
  limited: { rateLimit: { rate: '30/s', burst: 5 }, admission: { type: 'googleSre', k: 1 }, concurrencyLimit: { type: 'gradient' }, circuitBreaker: { slidingWindowSize: 10, waitDurationInOpenState: '300ms' } },
  breaking: {
    loadBalancer: 'leastRequest', failureAccrual: { unified: { maxFailures: 1, minPenalty: '100ms' } }, failfast: '50ms', healthCheck: { interval: '200ms', noTrafficInterval: '100ms' }, slowStart: '1s',
    circuitBreaker: { scope: 'endpoint', slidingWindowSize: 4, waitDurationInOpenState: '200ms' }, admission: 'envoyAdmissionControl',
  },
  hedged: { loadBalancer: 'random', hedge: { after: '5ms', max: 2, budget: '50%' }, locality: 'failover', outlierDetection: { dialect: 'grpc', interval: '500ms', successRateMinimumHosts: 2, successRateRequestVolume: 5 } },
};

function shop(policy: ScenarioObject): Plan {
  return planFrom({
    name: 'shop',
    seed: 7,
    duration: '10s',
    zones: ['a', 'b'],
    network: { latency: '1ms', betweenZones: { uniform: ['1ms', '4ms'] } },
    services: {
      web: { replicas: 3, concurrency: 'unlimited', latency: { p50: '5ms', p99: '30ms' }, errors: '2%', calls: [{ service: 'stock', times: 2 }, { service: 'ads', probability: '50%', optional: true }], policy },
      stock: { replicas: 5, concurrency: 'unlimited', latency: { exponential: '8ms' }, errors: { rate: '5%', status: 503, after: '1ms' }, policy },
      ads: { replicas: 2, concurrency: 'unlimited', latency: { gamma: { mean: '6ms', shape: 0.5 } }, errors: '10%', policy },
    },
    traffic: [
      { to: 'web', name: 'people', clients: 3, rate: '150/s', requests: [{ name: 'list', weight: 4 }, { name: 'buy', weight: 1, method: 'POST', key: { zipf: { keys: 100, s: 1.1 } } }] },
      { to: 'web', name: 'robots', rate: '50/s', arrivals: { gamma: { cv: 2 } } },
    ],
  });
}

function same<Value>(one: ReadonlyMap<string, Value>, other: ReadonlyMap<string, Value>): { readonly shared: number; readonly different: number } {
  const shared = [...one.keys()].filter((key) => other.has(key));
  return { shared: shared.length, different: shared.filter((key) => one.get(key) !== other.get(key)).length };
}

describe('two policies under one seed', () => {
  const plain = luckOf(shop(POLICIES['plain']!));

  test.each(Object.keys(POLICIES))('%s meets the arrivals that plain meets: time, source, client, class, key', (name) => {
    expect(plain.arrivals.length).toBeGreaterThan(1500);
    expect(luckOf(shop(POLICIES[name]!)).arrivals).toEqual(plain.arrivals);
  });

  test.each(Object.keys(POLICIES))('%s meets the same work on every attempt that plain makes too', (name) => {
    const { shared, different } = same(plain.work, luckOf(shop(POLICIES[name]!)).work);
    expect(different).toBe(0);
    // All first attempts of requests, and of the calls below those that succeed in both.
    expect(shared).toBeGreaterThan(plain.work.size * 0.97);
  });

  test.each(Object.keys(GUARDS))('%s meets the arrivals that plain meets, and the same work where it makes the attempt at all', (name) => {
    const { arrivals, work } = luckOf(shop(GUARDS[name]!));
    expect(arrivals).toEqual(plain.arrivals);
    const { shared, different } = same(plain.work, work);
    expect([different, shared > 100]).toEqual([0, true]);
  });

  test.each(['plain', 'random', 'retrying'])('%s meets the same failures at the leaves', (name) => {
    const leaves = (answers: Luck['answers']): Luck['answers'] => new Map([...answers].filter(([key]) => !key.startsWith('0:')));
    const { shared, different } = same(leaves(plain.answers), leaves(luckOf(shop(POLICIES[name]!)).answers));
    expect([different, shared > 3000]).toEqual([0, true]);
  });

  test('a second attempt has luck of its own', () => {
    const { answers, work } = luckOf(shop(POLICIES['retrying']!));
    expect(work.size).toBeGreaterThan(plain.work.size * 1.03);
    // Independent failures: of the retried, about 95 % and not 0 % succeed.
    const failed = [...answers].filter(([key, answered]) => key.startsWith('1:') && !answered.startsWith('0/')).length;
    const calls = [...answers].filter(([key]) => key.startsWith('1:')).length;
    expect(failed / calls).toBeCloseTo(0.05, 1);
  });

  test('another seed is other luck', () => {
    const other = luckOf({ ...shop(POLICIES['plain']!), seed: 8 });
    expect(other.arrivals[0]).not.toBe(plain.arrivals[0]);
  });
});

test.each([
  ['slow-replica', { 'policies.steer.loadBalancer': 'roundRobin' }],
  ['retry-storm', { 'policies.impatient.retries.attempts': '0' }],
  ['zone-outage', { 'policies.resilient.outlierDetection': 'none' }],
  ['fan-out-tail', { 'services.shard.policy': 'none' }],
])('%s and its variant meet the same arrivals', (name, set) => {
  const scenario = shippedScenarios().find((shipped) => shipped.name === name)!;
  const [one, other] = [luckOf(planOf(scenario).plan), luckOf(planOf(scenario, set).plan)];
  expect(other.arrivals.length).toBe(one.arrivals.length);
  expect(other.arrivals.every((arrival, i) => arrival === one.arrivals[i])).toBe(true);
});
