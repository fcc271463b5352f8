/**
 * What it is worth that both sides of a comparison meet the same luck: how many times more replications the same interval would take
 * if each side had luck of its own. (The variance of a difference of independent values is the sum of theirs.) Gated on the rows
 * that every policy has; errors that only one side makes have nothing in common. `npm run test:theory` measures with ten times as many replications and
 * wants four times.
 */
import { sampleVariance } from 'simple-statistics';
import { describe, expect, test } from 'vitest';
import { planOf, shippedScenarios } from '../../scripts/shipped.ts';
import { metricsFor } from '../../src/compare/metric.ts';
import { replicated, seedBlock } from '../support/replicated.ts';

/** Of 30 the factor is known to a third or so, and less than what is gated there means that it has gone. */
const [REPLICATIONS, LEAST] = process.env['MESHSIM_THEORY'] === 'full' ? [300, 4] as const : [30, 2.5] as const;
const GATED = ['latency p50', 'latency p99', 'latency p99.9', 'goodput'];

const CHANGES: readonly (readonly [scenario: string, path: string, value: string])[] = [
  ['product-defaults', 'policies.default.preset', 'finagle'],
  ['hanging-dependency', 'policies.ads.timeout', '250ms'],
  ['quickstart', 'policies.careful.retries.attempts', '0'],
];

describe.each(CHANGES)('%s with %s=%s', (name, path, value) => {
  test(`needs ${LEAST} times fewer replications than with luck of its own, or better`, { timeout: 300_000 }, () => {
    const scenario = shippedScenarios().find((one) => one.name === name)!;
    const seeds = seedBlock(0, REPLICATIONS);
    const [a, b] = [{}, { [path]: value }].map((set) => replicated(name, planOf(scenario, set).plan, seeds)) as [ReturnType<typeof replicated>, ReturnType<typeof replicated>];
    const factors = metricsFor([a, b]).map((metric) => {
      const [from, to] = [a, b].map((side) => side.replications.map((sample) => metric.of(sample)!)) as [number[], number[]];
      const scaled = [from, to].map((values) => (metric.unit === 'share' ? values : values.map((size) => Math.log(size)))) as [number[], number[]];
      const apart = sampleVariance(scaled[0]) + sampleVariance(scaled[1]);
      return [metric.name, apart / sampleVariance(scaled[1].map((size, i) => size - scaled[0][i]!))] as const;
    });
    console.log(`${name}, ${path}=${value}: ${factors.map(([row, factor]) => `${row} ${factor.toFixed(1)}`).join(', ')}`);
    for (const [row, factor] of factors.filter(([row]) => GATED.includes(row))) expect(factor, row).toBeGreaterThanOrEqual(LEAST);
  });
});
