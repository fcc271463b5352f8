/** Which requests two sides of a comparison treated differently under the same luck, and through which decision. Part of `comparison.json`. */
import type { OutcomeName } from '../model/outcome.ts';
import type { RequestTrace } from './result.ts';

/**
 * What the two sides did differently first, in the order in which it happened. `on` says which side it is about; what the other did is the
 * opposite.
 */
export type WhyKind =
  /** `on` did not use the endpoint that the other sent to: ejected, breaker open, unhealthy. */
  | 'avoided'
  /** Another endpoint was picked than the `endpoint` of the reference, of those that both could use. */
  | 'picked'
  /** The call was refused before anything was sent, with `detail`. */
  | 'refused'
  /** `on` did not retry: `detail` says what kept it, where a limit did. */
  | 'notRetried'
  | 'notHedged'
  /** `on` gave an attempt up earlier. */
  | 'gaveUpEarlier'
  /** The same way was taken, and these took another time. */
  | 'queue'
  | 'service'
  | 'network'
  | 'connection'
  | 'backoff'
  | 'other';

export interface Why {
  readonly seed: number;
  /** Labels of the sides: the reference and the other. */
  readonly sides: readonly [string, string];
  /** Requests that both sides had, by number; and how many of them were looked at, chosen by a keyed hash of the number. */
  readonly requests: number;
  readonly examined: number;
  /** Share by which latencies must differ to count; an outcome that differs counts in any case. */
  readonly threshold: number;
  /** Of `requests`, estimated from the ones examined, as all counts of requests below. */
  readonly differing: number;
  /** Most frequent first, at most 20; `otherCauses` requests differ by more. */
  readonly causes: readonly WhyCause[];
  readonly otherCauses: number;
  /** Of the three most frequent causes one request each, of middling difference. */
  readonly examples: readonly WhyExample[];
}

export interface WhyCause {
  readonly kind: WhyKind;
  /** The side that it is about: 0 the reference, 1 the other; null where it is about both. */
  readonly on: 0 | 1 | null;
  readonly edge: string;
  readonly endpoint?: string;
  readonly detail?: OutcomeName | 'budget' | 'tooManyAtOnce' | 'usedUp';
  readonly requests: number;
  /** Of those that differ, 0..1. */
  readonly share: number;
  /** Mean latency on the other side less that on the reference, ms. */
  readonly changeMs: number;
  /** Requests that the other side answered well and the reference did not, and the reverse. */
  readonly gained: number;
  readonly lost: number;
}

export interface WhyExample {
  /** Index into `causes`. */
  readonly cause: number;
  readonly reference: RequestTrace;
  readonly other: RequestTrace;
}
