/** The series of endpoints and edges, against what every single request says. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import type { Result, Series } from '../../src/result/result.ts';
import { resultOf } from '../../src/run/carry-out.ts';
import { simulate } from '../../src/run/run.ts';
import type { AttemptSpan, CallSpan } from '../../src/trace/spans.ts';
import { planFrom } from '../support/plan-from.ts';
import { randomScenario } from '../support/random-scenario.ts';
import { traced } from '../support/traced.ts';

const sum = (numbers: readonly number[]): number => numbers.reduce((total, value) => total + value, 0);

/** Of all calls of a run; those that a split sent elsewhere count for both edges. */
interface Seen {
  readonly series: Series;
  readonly endpoints: Result['endpoints'];
  readonly warmupMs: number;
  readonly attempts: readonly AttemptSpan[];
  readonly calls: readonly CallSpan[];
  readonly endNs: number;
}

function seen(plan: Plan): Seen {
  const attempts: AttemptSpan[] = [];
  const calls: CallSpan[] = [];
  const visit = (call: CallSpan): void => {
    calls.push(call);
    for (const attempt of call.attempts) {
      attempts.push(attempt);
      attempt.calls.forEach(visit);
    }
  };
  const run = traced(plan, visit);
  const { endpoints, series, window } = resultOf(run, { resolved: null, sha256: '' });
  return { endpoints, series, warmupMs: window.warmupMs, attempts, calls, endNs: run.world.now };
}

/** The part of a stretch in a step; what is not over lasts to the end. */
function overlap(from: number, to: number, [start, end]: readonly [number, number]): number {
  return Number.isNaN(from) ? 0 : Math.max(0, Math.min(Number.isNaN(to) ? Infinity : to, end) - Math.max(from, start));
}

describe('the series', () => {
  test('of endpoints are the areas under their jobs, and their arrivals', () => {
    fc.assert(
      fc.property(randomScenario, (scenario) => {
        const { faults = [], ...rest } = scenario as { readonly faults?: readonly Record<string, unknown>[] };
        // Who hangs does not wait for a slot, and a pause and a crash end waits that no request tells of.
        const plan = planFrom({ ...rest, faults: faults.filter((fault) => !('hang' in fault || 'pause' in fault || 'crash' in fault)) });
        const { attempts, endNs, endpoints: allEndpoints, series, warmupMs } = seen(plan);
        const stepNs = series.stepMs * 1e6;
        const steps = series.requests.map((_, i): [number, number] => [Math.min(endNs, i * stepNs), i === series.requests.length - 1 ? endNs : Math.min(endNs, (i + 1) * stepNs)]);
        const names = plan.services.flatMap(({ concurrency, name, replicas }) => Array.from({ length: replicas }, (_, i) => ({ name: `${name}/${i}`, concurrency })));
        for (const [endpoint, { concurrency, name }] of names.entries()) {
          const own = attempts.filter((attempt) => attempt.endpoint === endpoint && !Number.isNaN(attempt.arrivedAt));
          const { attempts: arrived, busy, queue } = series.endpoints[name]!;
          // Those for which no connection could be opened count as well, and have no span.
          const unconnected = warmupMs > 0 ? Math.max(0, sum(arrived) - own.length) : (allEndpoints[name]!.causes.connectFailure ?? 0);
          expect(sum(arrived)).toBe(own.length + unconnected);
          for (const [i, step] of steps.entries()) {
            const ns = step[1] - step[0];
            if (ns <= 0) continue;
            expect(Math.abs(queue[i]! - sum(own.map(({ answeredAt, arrivedAt, startedAt }) => overlap(arrivedAt, Number.isNaN(startedAt) ? answeredAt : startedAt, step))) / ns)).toBeLessThan(1e-4);
            if (busy[i] === null) expect(concurrency).toBe(Infinity);
            else expect(Math.abs(busy[i]! - sum(own.map(({ answeredAt, startedAt }) => overlap(startedAt, answeredAt, step))) / ns / concurrency)).toBeLessThan(1e-4);
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  test('of edges count every call and attempt, those of causes every failure', () => {
    fc.assert(
      fc.property(randomScenario, (scenario) => {
        const plan = planFrom(scenario);
        const { calls, series } = seen(plan);
        for (const [edge, { name }] of plan.edges.entries()) {
          const { attempts, calls: counted, ejected } = series.edges[name]!;
          const own = calls.filter((call) => call.edge === edge);
          const sent = sum(own.map((call) => call.attempts.length));
          // A call that was split counts for the edge that it took, too; an attempt may never get its connection.
          if (plan.edges.every(({ split }) => split === null)) expect([sum(counted), sum(attempts) >= sent]).toEqual([own.length, true]);
          expect(Math.min(...ejected)).toBeGreaterThanOrEqual(0);
        }
        for (const [step, failed] of series.failed.entries()) expect(sum(Object.values(series.causes).map((of) => of[step]!))).toBe(failed);
        expect(sum(series.ok) + sum(series.failed)).toBe(sum(series.requests));
      }),
      { numRuns: 25 },
    );
  });
});

describe('what an edge shows', () => {
  const plan = (policy: object, faults: readonly object[] = []): Plan => planFrom({
    duration: '20s', services: { s: { replicas: 4, latency: '5ms', concurrency: 8, policy } }, traffic: [{ name: 'c', to: 's', rate: '200/s', clients: 2 }], faults,
  });
  const errors = [{ at: '5s', for: '10s', target: 's/0', errors: { rate: '100%', after: 0 } }];

  test('endpoints that its callers do without, at the end of the step', () => {
    const { edges, stepMs } = simulate(plan({ outlierDetection: { consecutive5xx: 3, interval: '100ms', baseEjectionTime: '60s', maxEjectionPercent: '50%' } }, errors)).series;
    const { ejected } = edges['c->s']!;
    const at = (ms: number): number => ejected[Math.floor(ms / stepMs)]!;
    expect([at(4500), at(8000), at(19_000)]).toEqual([0, 2, 2]);
  });

  test('what is left in its budget: a share, or retries', () => {
    const retries = { attempts: 2, on: '5xx' };
    const tokens = simulate(plan({ retries: { ...retries, budget: { maxTokens: 10, tokenRatio: 0.1 } } }, errors)).series.edges['c->s']!;
    expect([tokens.budgetIsShare, tokens.budget![0], Math.min(...tokens.budget!.map((left) => left!)) <= 0.6]).toEqual([true, 1, true]);
    const window = simulate(plan({ retries: { ...retries, budget: { ratio: 0.2, minPerSecond: 0 } } })).series.edges['c->s']!;
    // A fifth of the calls of ten seconds, by each of two clients.
    expect(window.budgetIsShare).toBe(false);
    expect(window.budget!.at(-2)).toBeGreaterThan(150);
    expect(window.budget!.at(-2)).toBeLessThan(250);
    expect(simulate(plan({ retries })).series.edges['c->s']!.budget).toBeUndefined();
  });

  test('of a mesh of many endpoints the busiest 64', () => {
    const { endpoints, endpointsLeftOut } = simulate(planFrom({
      duration: '5s', services: { s: { replicas: 80, latency: '5ms', policy: { loadBalancer: 'random' } } }, traffic: [{ name: 'c', to: 's', rate: '400/s' }],
      faults: [{ at: '0s', target: 's/79', latency: { multiply: 10 } }],
    })).series;
    expect([Object.keys(endpoints).length, endpointsLeftOut, Object.keys(endpoints).at(-1)]).toEqual([64, 16, 's/79']);
  });
});
