/**
 * One side of a comparison: a scenario and its replications, run just now or read from a file. A replication is a sample:
 * counts and percentiles, and every compared figure is computed from them, so that equal runs compare as
 * exactly equal wherever they come from.
 */
import type { LatencySummary, LoadFigures, Metrics, RepResult } from '../result/result.ts';

export interface Side {
  /** What the reader calls it: a file, or a value that was varied. */
  readonly label: string;
  /** Name of the scenario. */
  readonly scenario: string;
  /** Of the scenario with every default filled in, but for what a comparison may differ in; see `scenario/identity.ts`. */
  readonly sha256: string;
  /** Version that made it. */
  readonly meshsim: string;
  /** Replications draw theirs from it. */
  readonly seed: number;
  readonly durationMs: number;
  readonly warmupMs: number;
  readonly replications: readonly Sample[];
}

/** What a comparison needs of one replication. */
export interface Sample extends LoadFigures {
  readonly seed: number;
  readonly requests: number;
  /** Offered and ok requests, per second of what was measured. */
  readonly rps: number;
  readonly goodput: number;
  /** Failed requests by outcome; only those that happened. */
  readonly causes: Metrics['causes'];
  /** Of all requests, failed ones included; null without any. */
  readonly latencyMs: Pick<LatencySummary, 'p50' | 'p99' | 'p999'>;
}

export function sampleOf({ seed, totals }: RepResult, load: LoadFigures): Sample {
  const { p50, p99, p999 } = totals.latencyMs;
  const { requests, rps, goodput, causes } = totals;
  return { seed, requests, rps, goodput, causes, latencyMs: { p50, p99, p999 }, ...load };
}
