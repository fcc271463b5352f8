/** Sides of a comparison made by hand. */
import type { Sample, Side } from '../../src/compare/side.ts';

/** @param replications  seeds from 1 on */
export function exampleSide(label: string, replications: readonly Partial<Sample>[], changes: Partial<Omit<Side, 'label' | 'replications'>> = {}): Side {
  return {
    label, scenario: 'shop', sha256: '0'.repeat(64), meshsim: '0.1.0', seed: 1, durationMs: 60_000, warmupMs: 10_000,
    ...changes,
    replications: replications.map((replication, i) => exampleSample({ seed: i + 1, ...replication })),
  };
}

/** Of 50 s. */
export function exampleSample(changes: Partial<Sample> = {}): Sample {
  const { requests = 50_000, causes = {} } = changes;
  const failed = Object.values(causes).reduce((sum, count) => sum + count, 0);
  return {
    seed: 1, requests, rps: requests / 50, goodput: (requests - failed) / 50, causes,
    latencyMs: { p50: 40, p99: 200, p999: 500 }, attempts: 2 * requests, busiest: 0.7, imbalance: 1.1, ...changes,
  };
}

/** Noise that is there without being random: of mean 0 over any whole number of rounds. */
export function wobble(i: number, size: number): number {
  return size * [-1, 0.5, 1, -0.5, 0.8, -0.8][i % 6]!;
}
