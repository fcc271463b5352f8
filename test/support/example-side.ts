/** Sides of a comparison made by hand. */
import type { Replication, Side } from '../../src/compare/side.ts';

/** @param replications  seeds from 1 on */
export function exampleSide(label: string, replications: readonly Partial<Replication>[], changes: Partial<Omit<Side, 'label' | 'replications'>> = {}): Side {
  return {
    label, scenario: 'shop', sha256: '0'.repeat(64), meshsim: '0.1.0', seed: 1, durationMs: 60_000, warmupMs: 10_000,
    ...changes,
    replications: replications.map((replication, i) => exampleReplication({ seed: i + 1, ...replication })),
  };
}

export function exampleReplication(changes: Partial<Replication> = {}): Replication {
  return { seed: 1, requests: 50_000, causes: {}, latencyMs: { p50: 40, p99: 200, p999: 500 }, attempts: 100_000, busiest: 0.7, imbalance: 1.1, ...changes };
}

/** Noise that is there without being random: of mean 0 over any whole number of rounds. */
export function wobble(i: number, size: number): number {
  return size * [-1, 0.5, 1, -0.5, 0.8, -0.8][i % 6]!;
}
