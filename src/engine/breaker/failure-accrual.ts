/**
 * Linkerd's breaker, one for each endpoint (linkerd.md 5; linkerd2-proxy `app/outbound/src/http/breaker/`,
 * `consecutive_failures.rs` and `unified.rs`, August 2026). There is no limit on how many are shut, and no panic.
 *
 *   open       traffic flows --(failures in a row, or a low success rate)--> shut
 *   shut       no request; answers of those in flight are ignored --(penalty over)--> probation
 *   probation  one request; the first answer to come decides, also a straggler's
 *              --(success)--> open, all forgotten --(failure)--> shut, the next longer penalty
 *
 * A failure is a status 500-599, a broken or refused connection, or a timeout (Linkerd enforces them all below the
 * breaker). A request whose caller went away is judged by nobody: when it was the probe, its permit is lost and the
 * endpoint stays in probation until another answer comes.
 *
 * Left out: the hints of Retry-After, gRPC statuses, response classes of service profiles.
 */
import type { OptionValues } from '../../model/kind.ts';
import { Outcome } from '../../model/outcome.ts';
import type { Sequence } from '../../random/sequence.ts';
import { statusOf } from '../outcome.ts';
import { Detection } from './detection.ts';
import { DueQueue } from './due-queue.ts';
import type { BreakerTarget, EndpointBreaker } from './endpoint-breaker.ts';
import { penaltyNs } from './penalty.ts';
import { SuccessWindow } from './success-window.ts';

/** Of `failure-accrual-options.ts`; the last three are of the unified breaker alone. */
interface Options {
  readonly maxFailures: number;
  readonly minPenalty: number;
  readonly maxPenalty: number;
  readonly jitterRatio: number;
  readonly successRateThreshold?: number;
  readonly successRateWindow?: number;
  readonly successRateMinRequests?: number;
}

export const AccrualState = { open: 0, shut: 1, probation: 2 } as const;
export type AccrualState = (typeof AccrualState)[keyof typeof AccrualState];

/** What a response says about its endpoint. */
export const ResponseClass = {
  success: 0,
  /** Status 429: no failure, but it lowers the success rate and fails a probe of the unified breaker. */
  rateLimited: 1,
  failure: 2,
} as const;
export type ResponseClass = (typeof ResponseClass)[keyof typeof ResponseClass];

/** The threshold of the success rate is kept in ten-thousandths. */
const THRESHOLD_STEPS = 1e4;

// Local names for constants: see engine/calls.ts.
const { unfinished: UNFINISHED } = Outcome;
const { open: OPEN, probation: PROBATION, shut: SHUT } = AccrualState;
const { failure: FAILURE, rateLimited: RATE_LIMITED, success: SUCCESS } = ResponseClass;

export class FailureAccrual implements EndpointBreaker {
  private readonly options: Options;
  private readonly isUnified: boolean;
  private readonly threshold: number;
  private readonly random: Pick<Sequence, 'unit'>;
  private readonly target: BreakerTarget;
  private readonly states: Uint8Array;
  /** Failures in a row while open. */
  private readonly failures: Int32Array;
  /** Penalties served since the endpoint was open. */
  private readonly rounds: Int32Array;
  /** Null where no success rate is looked at. */
  private readonly window: SuccessWindow | null;
  /** Ends of penalties. */
  private readonly due: DueQueue;

  constructor(size: number, options: OptionValues, random: Pick<Sequence, 'unit'>, target: BreakerTarget) {
    // The scenario has filled in every option of failure-accrual-options.ts.
    this.options = options as unknown as Options;
    this.random = random;
    this.target = target;
    const { successRateThreshold, successRateWindow } = this.options;
    this.isUnified = successRateThreshold !== undefined;
    this.threshold = Math.round((successRateThreshold ?? 0) * THRESHOLD_STEPS) / THRESHOLD_STEPS;
    this.window = this.threshold > 0 ? new SuccessWindow(size, successRateWindow!) : null;
    this.states = new Uint8Array(size);
    this.failures = new Int32Array(size);
    this.rounds = new Int32Array(size);
    this.due = new DueQueue(size);
  }

  get dueAt(): number {
    return this.due.nextAt;
  }

  state(endpoint: number): AccrualState {
    return this.states[endpoint]! as AccrualState;
  }

  sent(endpoint: number, now: number): void {
    if (this.states[endpoint] === PROBATION) this.target.setReady(endpoint, false, now);
  }

  finished(endpoint: number, outcome: Outcome, status: number, _sentAt: number, now: number): void {
    if (outcome === UNFINISHED) return;
    const code = statusOf(outcome, status);
    this.answered(endpoint, code >= 500 && code <= 599 ? FAILURE : code === 429 ? RATE_LIMITED : SUCCESS, now);
  }

  answered(endpoint: number, response: ResponseClass, now: number): void {
    const state = this.states[endpoint]!;
    if (state === SHUT) return;
    if (state === PROBATION) this.judgeProbe(endpoint, response, now);
    else this.judge(endpoint, response, now);
  }

  tick(now: number): void {
    while (this.due.nextAt <= now) {
      const endpoint = this.due.first;
      this.due.set(endpoint, Infinity);
      this.states[endpoint] = PROBATION;
      this.target.setReady(endpoint, true, now);
    }
  }

  private judge(endpoint: number, response: ResponseClass, now: number): void {
    const { maxFailures, successRateMinRequests } = this.options;
    this.failures[endpoint] = response === FAILURE ? this.failures[endpoint]! + 1 : 0;
    this.window?.record(endpoint, response === SUCCESS, now);
    // The reason is that of the first test, as there.
    if (maxFailures > 0 && this.failures[endpoint]! >= maxFailures) this.trip(endpoint, Detection.consecutiveFailures, now);
    else if (this.window?.isBelow(endpoint, this.threshold, successRateMinRequests!) === true) this.trip(endpoint, Detection.lowSuccessRate, now);
  }

  private judgeProbe(endpoint: number, response: ResponseClass, now: number): void {
    if (response === FAILURE || (response === RATE_LIMITED && this.isUnified)) {
      this.rounds[endpoint]!++;
      this.shut(endpoint, now);
      return;
    }
    this.states[endpoint] = OPEN;
    this.failures[endpoint] = 0;
    this.window?.reset(endpoint, now);
    this.target.setReady(endpoint, true, now);
    this.target.recovered(endpoint, now);
  }

  private trip(endpoint: number, detection: Detection, now: number): void {
    this.rounds[endpoint] = 0;
    this.shut(endpoint, now);
    this.target.tripped(endpoint, now, detection);
  }

  private shut(endpoint: number, now: number): void {
    const { minPenalty, maxPenalty, jitterRatio } = this.options;
    this.states[endpoint] = SHUT;
    const unit = jitterRatio === 0 ? 0 : this.random.unit();
    this.due.set(endpoint, now + penaltyNs(minPenalty, maxPenalty, jitterRatio, this.rounds[endpoint]!, unit));
    this.target.setReady(endpoint, false, now);
  }
}
