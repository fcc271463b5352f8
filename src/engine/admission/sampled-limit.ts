/**
 * How the limits of Netflix's concurrency-limits (0.5) hear of calls: one sample of latency and load each, or one for
 * a window of them (`WindowedLimit`: average latency, most calls in flight, whether any was dropped).
 *
 * What is a drop, and what says nothing, follows the interfaces of `Limiter.Listener` and the library's gRPC client:
 * an answer in good order is a sample, being turned away, unreachable or out of time is a drop, other errors and calls
 * that nobody waited for are not looked at.
 */
import { Outcome } from '../../model/outcome.ts';
import type { AdaptiveLimit } from './concurrency-gate.ts';

// Local names for constants: see engine/calls.ts.
const { error: ERROR, ok: OK, unfinished: UNFINISHED } = Outcome;

const TOO_MANY_REQUESTS = 429;
const UNAVAILABLE = 503;

/** A limit that changes with each sample. */
export interface SampledLimit {
  readonly limit: number;
  /** @param inFlight  calls in flight when the sampled one was let in, itself included */
  sample(rttNs: number, inFlight: number, isDropped: boolean): void;
}

export interface WindowOptions {
  /** `Infinity` hands on each sample by itself. */
  readonly window: number;
  readonly windowSize: number;
  readonly minRttThreshold: number;
}

export class NetflixLimit implements AdaptiveLimit {
  private readonly sampled: SampledLimit;
  private readonly options: WindowOptions;
  private nextAt: number = 0;
  private count: number = 0;
  private rttSum: number = 0;
  private inFlightMax: number = 0;
  private isDropped: boolean = false;

  constructor(sampled: SampledLimit, options: WindowOptions) {
    this.sampled = sampled;
    this.options = options;
  }

  get limit(): number {
    return this.sampled.limit;
  }

  advance(_now: number): void {}

  learn(outcome: Outcome, status: number, begunAt: number, now: number, inFlight: number): void {
    if (outcome === UNFINISHED || (outcome === ERROR && status !== UNAVAILABLE && status !== TOO_MANY_REQUESTS)) return;
    const rtt = now - begunAt;
    if (this.options.window !== Infinity) this.addToWindow(rtt, inFlight, outcome !== OK, now);
    else if (rtt > 0) this.sampled.sample(rtt, inFlight, outcome !== OK);
  }

  private addToWindow(rtt: number, inFlight: number, isDropped: boolean, now: number): void {
    if (rtt < this.options.minRttThreshold) return;
    this.count++;
    this.rttSum += rtt;
    if (inFlight > this.inFlightMax) this.inFlightMax = inFlight;
    this.isDropped ||= isDropped;
    if (now <= this.nextAt) return;
    this.nextAt = now + this.options.window;
    // Windows with too few samples are thrown away.
    if (this.count >= this.options.windowSize) this.sampled.sample(Math.floor(this.rttSum / this.count), this.inFlightMax, this.isDropped);
    this.count = 0;
    this.rttSum = 0;
    this.inFlightMax = 0;
    this.isDropped = false;
  }
}
