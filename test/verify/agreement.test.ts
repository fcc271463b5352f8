/** The judgement, on pairs whose second run is another simulation: what makes it differ is then known. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import { replicationSeed } from '../../src/random/replication-seed.ts';
import type { RealFigures, Result } from '../../src/result/result.ts';
import { simulate } from '../../src/run/run.ts';
import { explain, latenessNs, type Pair, type Row, rowsOf, verdictOf } from '../../src/verify/agreement.ts';
import { later } from '../../src/verify/calibration.ts';
import { planFrom } from '../support/plan-from.ts';
import type { ScenarioObject } from '../support/random-scenario.ts';

const SHOP = {
  name: 'shop', duration: '10s',
  services: { web: { replicas: 2, latency: { p50: '5ms', p99: '20ms' }, calls: ['cart'] }, cart: { replicas: 4, latency: { p50: '10ms', p99: '40ms' }, errors: '4%', policy: 'careful' } },
  policies: { careful: { loadBalancer: 'leastRequest', timeout: '1s', retries: { attempts: 2, on: '5xx', backoff: '5ms' } } },
  traffic: [{ to: 'web', name: 'users', rate: '200/s' }],
} as const;
const shop = planFrom(SHOP as unknown as ScenarioObject);

function changed(change: object): Plan {
  return planFrom({ ...SHOP, ...change } as unknown as ScenarioObject);
}

interface Luck {
  /** Where the seeds of either side begin. */
  readonly simSeed?: number;
  readonly realSeed?: number;
  readonly lateMs?: number;
  readonly distorted?: boolean;
}

/** Pairs of runs, under equal seeds unless it says otherwise, the second as if it had been real. */
function pairs(sim: Plan, real: Plan, count: number, { simSeed = 1, realSeed = simSeed, lateMs = 0.1, distorted = false }: Luck = {}): Pair[] {
  return Array.from({ length: count }, (_, i) => ({ sim: simulate(sim, { seed: replicationSeed(simSeed, i) }), real: asReal(simulate(real, { seed: replicationSeed(realSeed, i) }), lateMs, distorted) }));
}

function asReal(result: Result, lateMs: number, distorted: boolean): Result {
  const summary = { ...result.totals.latencyMs, p99: lateMs };
  const real: RealFigures = { timeScale: 1, latenessMs: summary, loopLagMs: summary, latenessP99Ms: [], distorted };
  return { ...result, mode: 'real', real };
}

describe('verdict', () => {
  test('equal runs agree in every figure', () => {
    const rows = rowsOf(shop, pairs(shop, shop, 3));
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.map(({ verdict }) => verdict)).toEqual(rows.map(() => 'agrees'));
    expect(verdictOf(rows)).toBe('agree');
  });

  // A gate that lets these through is none: each is a world that is wrong in one thing.
  test.each([
    ['a service that is 8 % slower', { services: { ...SHOP.services, cart: { ...SHOP.services.cart, latency: { p50: '11.2ms', p99: '44ms' } } } }, 'latency p50'],
    ['no retries', { policies: { careful: { ...SHOP.policies.careful, retries: { attempts: 0, on: '5xx' } } } }, 'retries'],
    ['half of the errors', { services: { ...SHOP.services, cart: { ...SHOP.services.cart, errors: '2%' } } }, 'retries'],
    ['unequal weights', { services: { ...SHOP.services, cart: { ...SHOP.services.cart, weights: [5, 1, 1, 1] } } }, 'share cart/0'],
    ['a shorter timeout', { policies: { careful: { ...SHOP.policies.careful, timeout: '15ms' } } }, 'errors'],
    ['5 % fewer requests', { traffic: [{ ...SHOP.traffic[0], rate: '190/s' }] }, 'throughput'],
  ])('finds %s', (_, change, figure) => {
    const rows = rowsOf(shop, pairs(shop, changed(change), 3));
    expect(verdictOf(rows)).toBe('disagree');
    expect(rows.find(({ name }) => name === figure)?.verdict).toBe('differs');
  });

  test('the noise of other seeds is seldom taken for a difference', () => {
    const tables = Array.from({ length: 40 }, (_, table) => rowsOf(shop, pairs(shop, shop, 3, { simSeed: 1000 + table, realSeed: 5000 + table })));
    // 1 % a row that lies beyond its tolerance at all; a few of the rows of a table do.
    expect(tables.filter((rows) => verdictOf(rows) === 'disagree').length).toBeLessThanOrEqual(4);
  });

  test('a distorted run shows nothing where it is not within tolerance', () => {
    const judged = (distorted: boolean): Row[] => Array.from({ length: 10 }, (_, table) => rowsOf(shop, pairs(shop, shop, 4, { simSeed: table, realSeed: 900 + table, distorted }))).flat();
    const [clear, unclear] = [judged(false), judged(true)];
    const open = clear.flatMap(({ verdict }, i) => (verdict === 'withinNoise' ? [i] : []));
    expect(open.length).toBeGreaterThan(0);
    for (const i of open) expect(unclear[i]!.verdict).toBe('tooNoisy');
  });
});

test('a tolerance is of the real figure alone, however many repetitions there are and however noisy they are', () => {
  const all = pairs(shop, shop, 6, { realSeed: 77 });
  fc.assert(fc.property(fc.integer({ min: 2, max: 6 }), (count) => {
    for (const { real, tolerance, unit } of rowsOf(shop, all.slice(0, count))) {
      const [least, share] = unit === 'ratio' ? [0.005, 0.2] : unit === 'count' ? [1, 0.2] : [0, 0.15];
      expect(tolerance).toBeLessThanOrEqual(Math.max(least, share * real) + 1e-12);
    }
  }), { numRuns: 5 });
});

describe('what explains a difference', () => {
  const late = later(shop, 4e6);
  const seeds = [0, 1, 2].map((i) => replicationSeed(1, i));
  const [fastest, slowest] = [shop, late].map((plan) => seeds.map((seed) => simulate(plan, { seed }))) as [Result[], Result[]];
  const judged = (real: Plan): { readonly before: Row[]; readonly after: Row[] } => {
    const both = pairs(shop, real, 3, { lateMs: 4 });
    expect(latenessNs(both)).toBe(4e6);
    const before = rowsOf(shop, both);
    return { before, after: explain(shop, before, both, { fastest, slowest }) };
  };

  test('a machine that was late, as late as it was', () => {
    const { before, after } = judged(later(shop, 3e6));
    expect(verdictOf(before)).toBe('disagree');
    expect(verdictOf(after)).toBe('inconclusive');
  });

  test('not one that was late by less', () => {
    expect(verdictOf(judged(later(shop, 12e6)).after)).toBe('disagree');
  });

  test('not haste', () => {
    const hasty = changed({ services: { ...SHOP.services, cart: { ...SHOP.services.cart, latency: { p50: '7ms', p99: '28ms' } } } });
    expect(verdictOf(judged(hasty).after)).toBe('disagree');
  });

  test('it turns nothing into agreement', () => {
    const { before, after } = judged(later(shop, 3e6));
    expect(after.filter(({ verdict }) => verdict === 'agrees')).toEqual(before.filter(({ verdict }) => verdict === 'agrees'));
  });
});
