/**
 * What a finished run measured, by tags. The recorder keeps the finest grain (edge x class x fault
 * segment); a selection merges the leaves its tags allow, so any combination of tags costs nothing
 * while the run is on. Endpoint figures are kept apart.
 */
import type { EdgeId, EndpointId } from '../model/ids.ts';
import type { Plan, ThresholdTag } from '../model/plan.ts';
import type { Histogram } from '../stats/histogram.ts';

/** Calls (requests, for root selections) that arrived in the measured window. */
export interface Selection {
  readonly requests: number;
  readonly ok: number;
  readonly failed: number;
  /** By outcome code, `ok` included. */
  readonly outcomes: readonly number[];
  /** Nanoseconds. */
  readonly latency: Histogram;
  readonly okLatency: Histogram;
  /** First attempts, retries and hedges. */
  readonly attempts: number;
  readonly retries: number;
  /** Attempts that began beside another that was still waited for. */
  readonly hedges: number;
}

export interface EndpointSelection {
  /** Attempts that arrived here in the measured window, and how they were answered. */
  readonly requests: number;
  readonly ok: number;
  readonly outcomes: readonly number[];
  /** From arrival at the endpoint to its answer, ns. */
  readonly latency: Histogram;
  readonly okLatency: Histogram;
  /** Wait before the own work began, ns. */
  readonly queue: Histogram;
  /** Integrals over the measured window, in slot nanoseconds. */
  readonly busyNs: number;
  readonly queuedNs: number;
  /** Part of busyNs spent for callers that had given up. */
  readonly abandonedNs: number;
  readonly maxQueue: number;
  /** By outlier detection. */
  readonly ejections: number;
  /** Summed over callers: time it was out of use in the measured window, for any reason, ns. */
  readonly ejectedNs: number;
}

/** What the policies of an edge did in the measured window; see `EdgeMetrics`. */
export interface EdgeSelection {
  readonly ejections: number;
  readonly healthCheckFailures: number;
  readonly overflows: number;
  readonly budgetRefusals: number;
  readonly sheddingNs: number;
  readonly panicNs: number;
}

/** Of breakers that callers have: those of endpoints (failure accrual, circuit breakers) and those of whole services. */
export interface BreakerSelection {
  /** How many there are. The breakers that a caller has of one endpoint are one. */
  readonly count: number;
  /** In the measured window; a breaker that was half-open and opens anew is not counted again. */
  readonly openings: number;
  /** Summed over the breakers: time that each refused calls, or would have, in the measured window, ns. */
  readonly openNs: number;
}

export type Tags = Readonly<Partial<Record<ThresholdTag, string>>>;

export interface Measurements {
  readonly plan: Plan;
  /** Length of the measured window, ns: warm-up to `duration`, or to where the run was stopped; of several runs together. */
  readonly windowNs: number;
  /**
   * Calls matching the tags. Without `service` and `edge`: root requests. With `service`: calls that
   * arrived there from anywhere. `endpoint` is not allowed here.
   */
  select(tags: Tags): Selection;
  /** Length of the part of the measured window that the phase covers, ns; the whole window without a phase. */
  windowOf(phase: string | undefined): number;
  endpoint(endpoint: EndpointId): EndpointSelection;
  edge(edge: EdgeId): EdgeSelection;
  /** Breakers on the edges that `edge`, `service` (called), `traffic` (calling), or nothing (all) selects, in a phase or always. */
  breakers(tags: Tags): BreakerSelection;
  /** Endpoints that `service`, `endpoint`, or nothing (all) selects. */
  endpointsOf(tags: Tags): readonly EndpointId[];
}
