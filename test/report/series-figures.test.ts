/** What is drawn of a series says no more than the series knows. */
import { describe, expect, test } from 'vitest';
import { type Course, courseOf } from '../../src/compare/course.ts';
import { lanesOf, listedUntilMs, stretchesOf } from '../../src/report/html/run/out-of-use.ts';
import { policyCharts, timeCharts } from '../../src/report/html/run/time-charts.ts';
import { heatOf } from '../../src/report/html/run/heat.ts';
import { unpacked } from '../../src/report/html/packed.ts';
import { courseCharts } from '../../src/report/comparison/courses.ts';
import type { ChartSeries } from '../../src/report/html/chart.ts';
import { perSecond } from '../../src/report/rate.ts';
import type { Result } from '../../src/result/result.ts';
import { readResult } from '../../src/result/read-result.ts';
import { replicate } from '../../src/run/replicate.ts';
import { simulate } from '../../src/run/run.ts';
import { replications } from '../../src/run/task.ts';
import { planFrom } from '../support/plan-from.ts';
import { runHere } from '../support/pool-here.ts';

function drawn(result: Result, label: string): readonly (number | null)[] {
  return timeCharts(result).find(({ id }) => id === 'chart-load')!.series.find((series) => series.label === label)!.values;
}

describe('rates of steps', () => {
  const service = { s: { latency: '1ms', concurrency: 'unlimited' } };

  test('are those of the traffic, also where the last step is cut short by its end', () => {
    // Steps of 200 ms; of the last one 150 ms.
    const result = simulate(planFrom({ duration: '47.95s', services: service, traffic: [{ to: 's', rate: '1000/s', arrivals: 'uniform' }] }));
    expect(result.series.stepMs).toBe(200);
    for (const rate of drawn(result, 'offered')) expect(Math.abs(rate! - 1000)).toBeLessThan(10);
  });

  test('are unknown of less than half a step, and known of a run that is shorter than that', () => {
    const short = { reps: [1, 2], series: { stepMs: 100 }, window: { durationMs: 240, endMs: 300 } } as unknown as Result; // what is read of it
    expect(perSecond([20, 20, 9], short)).toEqual([100, 100, null]);
    const shorter = { reps: [1], series: { stepMs: 1 }, window: { durationMs: 0.25, endMs: 5 } } as unknown as Result; // likewise
    expect(perSecond([5], shorter)).toEqual([20_000]);
  });

  test('are unknown, and not nothing, after the end of a run that was ended early', () => {
    const result = simulate(planFrom({
      duration: '20s', services: service, traffic: [{ to: 's', rate: '1000/s', arrivals: 'uniform' }],
      faults: [{ name: 'bad', at: '5s', target: 's', errors: '100%' }], thresholds: [{ expr: 'errors rate < 1%', abort: true }],
    }));
    expect(result.complete).toBe(false);
    const steps = Math.round(result.window.endMs / result.series.stepMs);
    const offered = drawn(result, 'offered');
    expect(offered.slice(0, steps).every((rate) => rate !== null && rate > 900)).toBe(true);
    expect(offered.slice(steps).every((rate) => rate === null)).toBe(true);
    expect(offered.length).toBeGreaterThan(steps);
  });

  test('are those of the traffic in a comparison, too', () => {
    // Steps of 200 ms; of the last one 150 ms.
    const result = simulate(planFrom({ duration: '47.95s', services: service, traffic: [{ to: 's', rate: '1000/s', arrivals: 'uniform' }] }));
    const course = courseOf(result);
    const { untilMs: _, ...older } = course;
    const goodput = (courses: readonly Course[]): readonly ChartSeries[] => courseCharts(courses, ['a', 'b'])[1]!.chart.series;
    for (const { values } of goodput([course, course])) for (const rate of values) expect(Math.abs(rate! - 1000)).toBeLessThan(20);
    expect(courseCharts([course, course], ['a', 'b'])[0]!.chart.x).toMatchObject({ endMs: 47_950 });
    // What an older version wrote does not say how long its last step was.
    const [{ values }] = goodput([older, course]) as [ChartSeries, ChartSeries];
    expect(values.slice(0, -1).every((rate) => Math.abs(rate! - 1000) < 20)).toBe(true);
    expect(values.at(-1)).toBe(null);
  });

  test('are of the runs that were under way, where one ended before the others', async () => {
    // Some 200 errors in each, and the limit is one that not every seed keeps.
    const plan = planFrom({
      duration: '20s', services: { s: { latency: '1ms', errors: '1%' } }, traffic: [{ to: 's', rate: '1000/s', arrivals: 'uniform' }],
      thresholds: [{ expr: 'errors count < 205', abort: true }],
    });
    const job = { plan, resolved: null, sha256: '' };
    const { result } = await replicate(job, runHere(replications(job, 10, { kind: 'replication' })), { count: 10, precision: null });
    expect(result.complete).toBe(false);
    expect(result.reps.length).toBeGreaterThan(1);
    const ran = result.series.underWayMs!;
    expect(ran.at(-1)! / result.series.stepMs).toBeCloseTo(result.reps.length - 1, 9);
    for (const rate of perSecond(result.series.requests, result)) expect(Math.abs(rate! - 1000)).toBeLessThan(30);
    expect(readResult(JSON.parse(JSON.stringify(result)))).toMatchObject({ series: { underWayMs: ran } });
  });
});

test('a budget that counts retries is none of a share, however few they are', () => {
  const result = simulate(planFrom({
    duration: '10s', services: { s: { latency: '1ms', errors: '20%', policy: { retries: { attempts: 1, on: '5xx', budget: { ratio: '1%', minPerSecond: 0 } } } } },
    traffic: [{ to: 's', rate: '20/s' }],
  }));
  expect(result.series.edges['s->s']!.budget!.every((left) => left === null || left <= 1)).toBe(true);
  expect(policyCharts(result).map(({ id }) => id)).toEqual(['chart-budget-count']);
});

test('the share of an endpoint is of all its service, and unknown where some are left out', () => {
  const shares = (replicas: number): readonly (readonly (number | null)[])[] | undefined => {
    const heat = heatOf(simulate(planFrom({ duration: '2s', services: { s: { replicas, latency: '10ms', policy: { loadBalancer: 'random' } } }, traffic: [{ to: 's', rate: '2000/s' }] })))!;
    const measure = heat.measures.find(({ label }) => label === 'share');
    return measure?.values.map((row) => unpacked(row, measure.most));
  };
  for (const row of shares(64)!) expect(row.reduce<number>((sum, share) => sum + (share ?? 0), 0) / row.filter((share) => share !== null).length).toBeLessThan(1 / 30);
  expect(shares(100)).toBeUndefined();
});

test('who was out when the list of events ended is not drawn as out for the rest of the run', () => {
  const result = simulate(planFrom({
    duration: '20s', services: { s: { replicas: 10, latency: '1ms' } },
    traffic: [{ name: 'c', to: 's', clients: 10, rate: '2000/s', policy: { outlierDetection: { consecutive5xx: 1, interval: '50ms', baseEjectionTime: '50ms', maxEjectionTime: '50ms', maxEjectionPercent: '100%' } } }],
    faults: [{ at: 0, for: '15s', target: 's', errors: '30%' }],
  }));
  expect(result.warnings.map(({ code }) => code)).toContain('events-cut');
  const untilMs = listedUntilMs(result)!;
  expect(untilMs).toBeLessThan(5000);
  for (const { fromMs, toMs } of stretchesOf(result)) {
    expect(toMs).toBeLessThanOrEqual(untilMs);
    // A sweep is every 50 ms, and lets go who was out for 50.
    expect(toMs - fromMs).toBeLessThan(150);
  }
  expect(lanesOf(result)[0]!.label).toMatch(/^ejected, known to /);
});
