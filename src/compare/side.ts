/**
 * One side of a comparison: a scenario and its replications, run just now or read from a file. A replication is kept as
 * counts and percentiles, and every compared figure is computed from them, so that equal runs compare as
 * exactly equal wherever they come from.
 */
import type { OutcomeName } from '../model/outcome.ts';
import type { Result } from '../result/result.ts';

export interface Side {
  /** What the reader calls it: a file, or a value that was varied. */
  readonly label: string;
  readonly scenario: Result['scenario']['name'];
  /** Of the scenario with every default filled in, but for what a comparison may differ in; see `scenario/identity.ts`. */
  readonly sha256: string;
  /** Version that made it. */
  readonly meshsim: string;
  /** Replications draw theirs from it. */
  readonly seed: number;
  readonly durationMs: number;
  readonly warmupMs: number;
  readonly replications: readonly Replication[];
}

export interface Replication {
  readonly seed: number;
  readonly requests: number;
  /** Failed requests by outcome; only those that happened. */
  readonly causes: Readonly<Partial<Record<OutcomeName, number>>>;
  /** Of all requests, failed ones included; null without any. */
  readonly latencyMs: { readonly p50: number | null; readonly p99: number | null; readonly p999: number | null };
  /** Of all calls on all edges: extra work multiplies down a chain of calls. */
  readonly attempts: number;
  /** Share of slots x time in use at the busiest endpoint; null where no endpoint has a limit. */
  readonly busiest: number | null;
  /** Attempts at an endpoint / mean of its service's endpoints, at the one where that is largest; null without any attempt. */
  readonly imbalance: number | null;
}

export function replicationOf({ seed, totals, edges, endpoints }: Pick<Result, 'seed' | 'totals' | 'edges' | 'endpoints'>): Replication {
  const { p50, p99, p999 } = totals.latencyMs;
  const replicas = new Map<string, number>();
  for (const name of Object.keys(endpoints)) replicas.set(serviceOf(name), (replicas.get(serviceOf(name)) ?? 0) + 1);
  return {
    seed,
    requests: totals.requests,
    causes: totals.causes,
    latencyMs: { p50, p99, p999 },
    attempts: Object.values(edges).reduce((sum, { attempts }) => sum + attempts, 0),
    busiest: largest(Object.values(endpoints).map(({ busy }) => busy)),
    imbalance: largest(Object.entries(endpoints).map(([name, { share }]) => (share === null ? null : share * replicas.get(serviceOf(name))!))),
  };
}

/** Of `cart/4`. */
function serviceOf(endpoint: string): string {
  return endpoint.slice(0, endpoint.lastIndexOf('/'));
}

function largest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((most, value) => Math.max(most, value));
}
