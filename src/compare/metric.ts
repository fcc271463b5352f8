/**
 * What is compared, and which direction is better. Latency never stands alone: a policy that sheds load is fast for free, so
 * goodput, errors by cause, extra work and the busiest endpoint are always beside it.
 */
import { OUTCOME_NAMES, type OutcomeName } from '../model/outcome.ts';
import type { Sample, Side } from './side.ts';

export interface Metric {
  readonly name: string;
  /** `share` is 0..1; `times` is a factor. */
  readonly unit: 'ms' | 'perSecond' | 'share' | 'times';
  readonly better: 'lower' | 'higher';
  /** A cause of what stands above it. */
  readonly cause?: OutcomeName;
  /**
   * A change nobody would act on, in the unit, where a share of nearly nothing says little: it may be in the interval of a
   * row that is called the same.
   */
  readonly negligible?: number;
  /** Of a share of trials that may come to nothing: how many there were. */
  trials?(sample: Sample): number;
  /** Null where there is nothing to measure. */
  of(sample: Sample): number | null;
}

const LATENCIES: readonly Metric[] = [
  { name: 'latency p50', unit: 'ms', better: 'lower', of: ({ latencyMs }) => latencyMs.p50 },
  { name: 'latency p99', unit: 'ms', better: 'lower', of: ({ latencyMs }) => latencyMs.p99 },
  { name: 'latency p99.9', unit: 'ms', better: 'lower', of: ({ latencyMs }) => latencyMs.p999 },
];

const GOODPUT: Metric = { name: 'goodput', unit: 'perSecond', better: 'higher', of: ({ goodput }) => goodput };

/** One request in ten thousand: a tenth of the error budgets people have. */
export const NEGLIGIBLE_ERRORS = 1e-4;

const ERRORS: Metric = {
  name: 'errors', unit: 'share', better: 'lower', negligible: NEGLIGIBLE_ERRORS, trials: ({ requests }) => requests,
  of: ({ causes, requests }) => shareOf(failedOf(causes), requests),
};

const ATTEMPTS: Metric = {
  name: 'attempts/request', unit: 'times', better: 'lower',
  of: ({ attempts, requests }) => (requests === 0 ? null : attempts / requests),
};

export const NEGLIGIBLE_BUSY = 0.01;

const BUSIEST: Metric = { name: 'busiest endpoint', unit: 'share', better: 'lower', negligible: NEGLIGIBLE_BUSY, of: ({ busiest }) => busiest };

/** Where no endpoint has a limit, being busy has no share: how much more the busiest one gets than the mean. */
const IMBALANCE: Metric = { name: 'busiest endpoint', unit: 'times', better: 'lower', of: ({ imbalance }) => imbalance };

/** In the order of the table. */
export function metricsFor(sides: readonly Side[]): Metric[] {
  const replications = sides.flatMap((side) => side.replications);
  const causes = OUTCOME_NAMES.filter((name) => replications.some((replication) => (replication.causes[name] ?? 0) > 0));
  const hasLimits = replications.some(({ busiest }) => busiest !== null);
  return [...LATENCIES, GOODPUT, ...errorMetrics(causes), ATTEMPTS, hasLimits ? BUSIEST : IMBALANCE];
}

/** A single cause is the same number as the total, and one row says both. */
function errorMetrics(causes: readonly OutcomeName[]): Metric[] {
  if (causes.length === 1) return [{ ...ERRORS, cause: causes[0]! }];
  return [ERRORS, ...causes.map((cause): Metric => ({
    name: `errors: ${cause}`, unit: 'share', better: 'lower', cause, negligible: NEGLIGIBLE_ERRORS, trials: ({ requests }) => requests,
    of: ({ causes: counts, requests }) => shareOf(counts[cause] ?? 0, requests),
  }))];
}

function failedOf(causes: Sample['causes']): number {
  return Object.values(causes).reduce((sum, count) => sum + count, 0);
}

function shareOf(count: number, requests: number): number | null {
  return requests === 0 ? null : count / requests;
}
