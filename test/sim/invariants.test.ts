/** What holds in every run, over the shipped scenarios and over generated ones (`MESHSIM_RUNS=5000` for more of them). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planOf, shippedScenarios } from '../../scripts/shipped.ts';
import type { Plan, PolicyPlan } from '../../src/model/plan.ts';
import type { Metrics, Result } from '../../src/result/result.ts';
import { simulate } from '../../src/run/run.ts';
import { violationsOf } from '../support/invariants.ts';
import { planFrom } from '../support/plan-from.ts';
import { randomScenario, type ScenarioObject } from '../support/random-scenario.ts';
import { scaledPlan } from '../support/scaled-plan.ts';

interface Shipped {
  readonly name: string;
  readonly plan: Plan;
}

const shipped = shippedScenarios().map((scenario): Shipped => ({ name: scenario.name, plan: planOf(scenario).plan }));
const OTHER_SEED = 20_161;
const results = new Map<string, Result>();

/** As its first run in this file made it. */
function resultOf({ name, plan }: Shipped, seed: number = plan.seed): Result {
  const key = `${name} ${seed}`;
  const result = results.get(key) ?? simulate(plan, { seed });
  results.set(key, result);
  return result;
}

const numRuns = Number(process.env['MESHSIM_RUNS'] ?? 100);
const LONG = { timeout: 30_000 + numRuns * 100 };

function holdsForGenerated(check: (plan: Plan) => void, runs: number = numRuns): void {
  fc.assert(fc.property(randomScenario, (scenario) => {
    check(planFrom(scenario));
  }), { numRuns: runs });
}

describe('the books balance: conservation, Little, utilisation, work conservation, clock', () => {
  test.each(shipped)('$name', (one) => expect(violationsOf(one.plan, one.plan.seed, resultOf(one))).toEqual([]));
  // Other seeds take other paths.
  test.each(shipped)('$name with another seed', (one) => expect(violationsOf(one.plan, OTHER_SEED, resultOf(one, OTHER_SEED))).toEqual([]));
  test('in generated scenarios', LONG, () => holdsForGenerated((plan) => expect(violationsOf(plan)).toEqual([])));
  // Cases that generated scenarios hit too rarely: queues that are full when a fault begins and ends.
  test.each<readonly [string, ScenarioObject]>([
    ['capacity', { capacity: '25%' }],
    ['pause', { pause: true }],
    ['crash', { crash: true }],
    ['hang', { hang: true }],
    ['slowness', { latency: { multiply: 5 } }],
  ])('full queues when %s comes and goes', (_, effect) => {
    for (const onCancel of ['continue', 'dropQueued', 'stop']) {
      expect(violationsOf(planFrom({
        name: 'full',
        duration: '4s',
        services: {
          front: { replicas: 2, concurrency: 40, latency: '1ms', onCancel, calls: 'back', policy: { timeout: '300ms', retries: { attempts: 1, on: ['timeout', '5xx'], perTryTimeout: '120ms' } } },
          back: { replicas: 2, concurrency: 4, queue: 50, latency: { exponential: '20ms' }, onCancel, policy: { timeout: '150ms', deadline: 'propagate' } },
        },
        traffic: [{ to: 'front', rate: '420/s' }],
        faults: [{ at: '1s', for: '500ms', repeat: { every: '1s', times: 3 }, target: 'back', ...effect }],
      }))).toEqual([]);
    }
  });
});

test('a pause that outlasts the patience of those who wait ends for every one of them', () => {
  const plan = planFrom({
    name: 'patience',
    duration: '200ms',
    services: { back: { replicas: 1, concurrency: 1, queue: { limit: 1, timeout: '10ms' }, latency: '500us' } },
    traffic: [{ to: 'back', rate: '1000/s', arrivals: 'uniform' }],
    faults: [{ at: '20ms', for: '50ms', target: 'back', pause: true }],
  });
  expect(violationsOf(plan)).toEqual([]);
  expect(simulate(plan).totals.causes).not.toHaveProperty('unfinished');
});

describe('determinism: the same bytes', () => {
  const withoutHost = (result: Result): string => JSON.stringify({ ...result, env: null });
  const bytesOf = (plan: Plan): string => withoutHost(simulate(plan));
  test('twice, with every other scenario in between', () => {
    const first = shipped.map((one) => withoutHost(resultOf(one)));
    const second = [...shipped].reverse().map(({ plan }) => bytesOf(plan)).reverse();
    for (const [i, { name }] of shipped.entries()) expect(second[i] === first[i], name).toBe(true);
  });
  test('whether or not the run is watched, and however often', () => {
    for (const one of shipped.slice(0, 3)) {
      let looks = 0;
      const watched = simulate(one.plan, { control: { onProgress: () => looks++ < 0 } });
      expect(looks).toBeGreaterThan(0);
      expect(withoutHost(watched) === withoutHost(resultOf(one)), one.name).toBe(true);
    }
  });
  test('in generated scenarios, from equal and from cloned plans', LONG, () => {
    holdsForGenerated((plan) => {
      const bytes = bytesOf(plan);
      expect(bytesOf(plan) === bytes).toBe(true);
      expect(bytesOf(structuredClone(plan)) === bytes).toBe(true);
    });
  });
  test('another seed is another run', () => {
    for (const one of shipped) expect(resultOf(one).digest, one.name).not.toBe(resultOf(one, OTHER_SEED).digest);
  });
});

/** A power of two, so that scaling a rate loses no digit. */
const FACTOR = 8;
/** Two numbers cut to nanoseconds a few times on their way. */
const ROUNDING_MS = 1e-4;

describe('scale: all times eightfold, all rates an eighth, the same decisions', () => {
  /** Envoy's backoff counts whole milliseconds. */
  const scalable = shipped.filter(({ plan }) => plan.edges.every(({ policy }) => policy.retries?.backoff.jitter !== 'envoy'));
  const decisionsOf = ({ totals, edges, endpoints }: Result): unknown => [
    [totals, ...Object.values(endpoints)].map(countsOf),
    Object.values(edges).map((edge) => [countsOf(edge), edge.ejections, edge.overflows, edge.budgetRefusals]),
  ];
  const countsOf = ({ requests, ok, causes, attempts, retries }: Metrics): unknown => [requests, ok, causes, attempts, retries];
  const compare = (plan: Plan, unit: number): void => {
    const [result, slow] = [simulate(scaledPlan(plan, unit)), simulate(scaledPlan(plan, unit * FACTOR))];
    expect(decisionsOf(slow)).toEqual(decisionsOf(result));
    for (const stat of ['mean', 'min', 'max'] as const) {
      const [value, scaled] = [result.totals.latencyMs[stat], slow.totals.latencyMs[stat]];
      if (value === null || scaled === null) expect(scaled).toBe(value);
      else expect(Math.abs(scaled - FACTOR * value), stat).toBeLessThan(ROUNDING_MS * Math.max(1, value / 1000));
    }
  };
  /**
   * Endpoints of a peak EWMA that nobody has used yet are equal but for the rounding of their decay, which sub-nanosecond
   * differences of the arrivals change: its figures scale, its single decisions do not.
   */
  const isExact = (plan: Plan): boolean => plan.edges.every(({ policy }) => policy.loadBalancer.kind !== 'peakEwma');
  /**
   * Products count in units of time: Envoy's backoff, Finagle's accrual, checks and breakers in whole milliseconds, Linkerd's penalties and
   * backoff and Envoy's admission control in seconds, the gradient limit in microseconds.
   */
  const isFreeOfUnits = ({ admission, circuitBreaker, concurrencyLimit, failureAccrual, healthCheck, outlierDetection, retries, slowStart }: PolicyPlan): boolean =>
    !['envoy', 'envoyDocumented', 'linkerd'].includes(retries?.backoff.jitter ?? '') &&
    [failureAccrual, healthCheck, slowStart].every((part) => part === null) &&
    admission?.kind !== 'envoyAdmissionControl' && concurrencyLimit?.kind !== 'gradient' && circuitBreaker?.['slidingWindowType'] !== 'time' &&
    (outlierDetection === null || outlierDetection['maxEjectionTimeJitter'] === 0);
  test.each(scalable.filter(({ plan }) => isExact(plan)))('$name', ({ plan }) => compare(plan, 1));
  test.each(scalable.filter(({ plan }) => !isExact(plan)))('$name, on the whole', ({ plan }) => {
    const [{ totals }, slow] = [simulate(plan), simulate(scaledPlan(plan, FACTOR))];
    expect(slow.totals.requests).toBe(totals.requests);
    expect(Math.abs(slow.totals.errorRate! - totals.errorRate!)).toBeLessThan(0.001);
    expect(slow.totals.latencyMs.mean! / FACTOR / totals.latencyMs.mean!).toBeCloseTo(1, 2);
  });
  test('in generated scenarios', LONG, () => {
    // Gamma laws have much weight near 0, where nanoseconds are coarse and part no two events: so both runs are in slow motion.
    // TCP's retransmission timeout is what it is, the budget of hedges looks back ten seconds.
    const scales = (plan: Plan): boolean =>
      isExact(plan) && plan.edges.every(({ policy }) => policy.hedge === null && isFreeOfUnits(policy)) && plan.faults.every(({ effects }) => effects.every(({ kind }) => kind !== 'loss'));
    holdsForGenerated((plan) => {
      if (scales(plan)) compare(plan, 2 ** 6);
    });
  });
});
