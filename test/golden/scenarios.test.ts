/** What the shipped scenarios claim, in their thresholds and in the comments at their top. */
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { run, type Shipped, shippedScenarios } from '../../scripts/shipped.ts';
import type { FaultResult, Result } from '../../src/result/result.ts';

const scenarios = shippedScenarios();

function resultOf(name: string, set: Readonly<Record<string, string>> = {}): Result {
  return run(scenarios.find((scenario) => scenario.name === name)!, set);
}

function faultOf({ faults }: Result, name: string): FaultResult {
  return faults.find((fault) => fault.name === name)!;
}

function failedThresholds({ thresholds }: Result): string[] {
  return thresholds.filter(({ pass }) => !pass).map(({ expr, value }) => `${expr}: ${value}`);
}

describe('every scenario', () => {
  test('is a YAML file', () => expect(readdirSync('scenarios').filter((file) => !file.endsWith('.yaml'))).toEqual(['museum']));

  test.each(scenarios)('$name opens with a comment, bears the name of its file and says what it is', ({ name, text }: Shipped) => {
    const comment = text.split('\n').findIndex((line) => !line.startsWith('#'));
    expect(comment).toBeGreaterThanOrEqual(3);
    expect(text).toMatch(new RegExp(`^name: ${name}\ndescription: .+$`, 'm'));
  });

  test.each(scenarios)('$name holds its thresholds, and ends with nothing open', (scenario) => {
    const result = run(scenario);
    expect(result.thresholds.length).toBeGreaterThanOrEqual(2);
    expect(failedThresholds(result)).toEqual([]);
    // A replica that a fault slows down is named, and should be.
    const warnings = result.warnings.filter(({ code }) => code !== 'odd-endpoint');
    expect([result.complete, result.totals.causes.unfinished ?? 0, warnings]).toEqual([true, 0, []]);
  });
});

describe('quickstart', () => {
  test('without retries a quarter of the calls fail while a replica is dead', () => {
    const result = resultOf('quickstart', { 'policies.careful.retries.attempts': '0' });
    expect(result.totals.errorRate).toBeCloseTo(1 / 12, 2);
    expect(faultOf(result, 'dead-replica').during.errorRate).toBeCloseTo(0.25, 2);
    expect(failedThresholds(result)).toHaveLength(2);
  });
});

describe('product-defaults', () => {
  test.each([
    ['envoy', 0.166, 0.15],
    ['grpc', 0.166, 0.15],
    ['istio', 0, 0.155],
    ['linkerd', 0.223, 0.108],
    ['finagle', 0, 0.004],
  ])('under %s', (preset, crash, sick) => {
    const result = resultOf('product-defaults', { 'policies.default.preset': preset });
    expect(faultOf(result, 'crash').during.errorRate).toBeCloseTo(crash, 2);
    expect(faultOf(result, 'sick').during.errorRate).toBeCloseTo(sick, 2);
  });

  test('under istio with outlier detection hardly anybody notices', () => {
    const result = resultOf('product-defaults', { 'policies.default.outlierDetection.maxEjectionPercent': '50%' });
    expect(faultOf(result, 'crash').during.errorRate).toBe(0);
    expect(faultOf(result, 'sick').during.errorRate).toBeLessThan(0.01);
  });
});

/**
 * Linkerd, Beyond Round Robin: Load Balancing for Latency (2016-03-16). The bands are those of
 * reference/published_experiments.json, case linkerd-beyond-round-robin: text and chart of the post.
 */
describe('linkerd-2016', () => {
  const success = (result: Result): number => result.totals.ok / result.totals.requests;
  const withBalancer = (balancer: string, set: Readonly<Record<string, string>> = {}): Result =>
    resultOf('linkerd-2016', { 'policies.client.loadBalancer': balancer, ...set });

  test.each([
    ['roundRobin', 0.945, 0.96],
    ['leastRequest', 0.988, 0.998],
    ['{ type: leastRequest, fullScan: true }', 0.988, 0.998],
    ['peakEwma', 0.998, 0.9999],
    ['{ type: peakEwma, estimator: penalize }', 0.998, 0.9999],
  ])('%s succeeds as often as published', (balancer, low, high) => {
    const share = success(withBalancer(balancer));
    expect(share).toBeGreaterThanOrEqual(low);
    expect(share).toBeLessThanOrEqual(high);
  });

  test('the tail is the published one when nobody gives up', () => {
    const patient = { 'policies.client.timeout': 'none' };
    const [roundRobin, least, ewma] = ['roundRobin', 'leastRequest', 'peakEwma'].map((balancer) => withBalancer(balancer, patient).totals.latencyMs);
    const within = (value: number | null, low: number, high: number): void => {
      expect(value).toBeGreaterThanOrEqual(low);
      expect(value).toBeLessThanOrEqual(high);
    };
    within(roundRobin!.p95, 170, 260);
    within(roundRobin!.p99, 1500, 2100);
    within(least!.p99, 170, 260);
    within(least!.p999, 1500, 2100);
    within(ewma!.p999, 170, 300);
    within(ewma!.p9999, 1000, 2100);
  });
});

describe('retry-storm', () => {
  test('the storm outlives its trigger, at twice the arrivals', () => {
    const { during, after } = faultOf(resultOf('retry-storm'), 'partition');
    expect(during.ok).toBe(0);
    expect(after.ok / after.requests).toBeLessThan(0.01);
    expect(after.amplification).toBeGreaterThan(1.97);
  });
  test.each([
    ['no retries', { 'policies.impatient.retries.attempts': '0' }],
    ['tokens that failures use up', { 'policies.impatient.retries.budget': '{ maxTokens: 10, tokenRatio: 0.1 }' }],
    ['a budget that fits', { 'policies.impatient.retries.budget': '{ ratio: 2%, minPerSecond: 0 }' }],
  ])('recovers with %s', (_, set) => {
    const { series } = resultOf('retry-storm', set);
    expect(lastShareOf(series)).toBeGreaterThan(0.99);
  });
  test.each([
    ['a budget of 20 %', { 'policies.impatient.retries.budget': '{ ratio: 20%, minPerSecond: 0 }' }],
    ['as many concurrent retries as a fifth of the calls', { 'policies.impatient.retries.budget': '{ percent: 20%, minConcurrency: 3 }' }],
  ])('does not recover with %s', (_, set) => {
    const { series } = resultOf('retry-storm', set);
    expect(lastShareOf(series)).toBeLessThan(0.01);
  });
  test('differs from its sister by the budget alone', () => {
    const [storm, budget] = ['retry-storm', 'retry-storm-budget'].map((name) => scenarios.find((scenario) => scenario.name === name)!.text.split('\n'));
    const body = (lines: readonly string[]): string[] => lines.slice(lines.indexOf('services:'), lines.indexOf('thresholds:'));
    expect(body(budget!).filter((line) => !body(storm!).includes(line))).toEqual(['      budget: { maxTokens: 10, tokenRatio: 0.1 }']);
  });
});

/** Share of the requests that ended well in the last tenth of the arrivals; the very last step holds the drain. */
function lastShareOf({ ok, failed }: Result['series']): number {
  const sum = (column: readonly number[]): number => column.slice(Math.floor(column.length * 0.9), -1).reduce((total, count) => total + count, 0);
  return sum(ok) / (sum(ok) + sum(failed));
}

describe('the other comments keep their word', () => {
  test('slow-replica: round robin loses a fifth during the fault', () => {
    const { during } = faultOf(resultOf('slow-replica', { 'policies.steer.loadBalancer': 'roundRobin' }), 'slow-cart');
    expect(during.errorRate).toBeCloseTo(0.19, 1);
    expect(during.latencyMs.p99).toBeGreaterThan(2000);
  });
  test('slow-replica: least request is between the two', () => {
    const p99 = faultOf(resultOf('slow-replica', { 'policies.steer.loadBalancer': 'leastRequest' }), 'slow-cart').during.latencyMs.p99;
    expect(p99).toBeGreaterThan(120);
    expect(p99).toBeLessThan(300);
  });
  test.each([
    ['retries', { 'policies.resilient.retries': 'none' }, 0.0024, 3],
    ['ejection', { 'policies.resilient.outlierDetection': 'none' }, 0.17, 1],
    ['calm', { 'policies.resilient.panicThreshold': '80%' }, 0.17, 1],
  ])('zone-outage: what it costs to do without %s', (_, set, errorRate, digits) => {
    expect(resultOf('zone-outage', set).totals.errorRate).toBeCloseTo(errorRate, digits);
  });
  test('fan-out-tail: without a policy the tail of twenty is twice as long', () => {
    const [bare, shipped] = [resultOf('fan-out-tail', { 'services.shard.policy': 'none' }), resultOf('fan-out-tail')];
    expect(bare.totals.latencyMs.p99! / shipped.totals.latencyMs.p99!).toBeGreaterThan(1.8);
    // P(all of 20 within t) = 1/2 where each is within t with 0.5^(1/20) = 96.6 %.
    expect(bare.totals.latencyMs.p50! - 1).toBeCloseTo(bare.services['shard']!.latencyMs.p95! * 1.2, -1);
  });
  test('overload-bounded-queue: everybody waits in a queue without end', () => {
    const { totals, series } = resultOf('overload-bounded-queue', { 'services.api.queue.limit': 'unlimited' });
    expect(totals.goodput).toBeLessThan(500);
    const [from, to] = [17_000 / series.stepMs, 49_000 / series.stepMs];
    expect(series.ok.slice(from, to).every((ok) => ok === 0)).toBe(true);
    expect(lastShareOf(series)).toBe(1);
  });
  test.each([
    ['ignored deadlines', { 'policies.patient.deadline': 'ignore' }, 0.092],
    ['dead requests in the queue', { 'services.database.onCancel': 'continue' }, 0.22],
  ])('cascading-timeout: %s prolong the fault', (_, set, errorRate) => {
    expect(faultOf(resultOf('cascading-timeout', set), 'slow-database').after.errorRate).toBeCloseTo(errorRate, 1);
  });
  test('hanging-dependency: without the timeout all users are stuck', () => {
    expect(resultOf('hanging-dependency', { 'policies.ads.timeout': 'none' }).totals.causes.unfinished).toBe(400);
  });
});
