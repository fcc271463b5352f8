/** What the endpoints went through inside the measured window. */
import { OUTCOME_COUNT, Outcome } from '../model/outcome.ts';
import { HistogramBank } from '../stats/histogram-bank.ts';

// Local names for constants: see engine/calls.ts.
const { ok: OK } = Outcome;
const OUTCOMES = OUTCOME_COUNT;

export class EndpointStats {
  readonly fromNs: number;
  toNs: number;
  readonly busy: Int32Array;
  readonly queued: Int32Array;
  readonly maxQueue: Int32Array;
  readonly busyNs: Float64Array;
  readonly queuedNs: Float64Array;
  readonly abandonedNs: Float64Array;
  /** By endpoint x outcome. */
  readonly outcomes: Float64Array;
  readonly okLatency: HistogramBank;
  readonly failedLatency: HistogramBank;
  /** Waits above zero; the others only counted. */
  readonly waits: HistogramBank;
  readonly unwaited: Float64Array;

  constructor(endpoints: number, fromNs: number, toNs: number) {
    this.fromNs = fromNs;
    this.toNs = toNs;
    this.busy = new Int32Array(endpoints);
    this.queued = new Int32Array(endpoints);
    this.maxQueue = new Int32Array(endpoints);
    this.busyNs = new Float64Array(endpoints);
    this.queuedNs = new Float64Array(endpoints);
    this.abandonedNs = new Float64Array(endpoints);
    this.outcomes = new Float64Array(endpoints * OUTCOMES);
    this.okLatency = new HistogramBank(endpoints);
    this.failedLatency = new HistogramBank(endpoints);
    this.waits = new HistogramBank(endpoints);
    this.unwaited = new Float64Array(endpoints);
  }

  /** A job left the queue, or came to a slot without waiting. `counted` is whether its request is. */
  waited(endpoint: number, arrivedAt: number, now: number, counted: boolean): void {
    const waitNs = now - arrivedAt;
    if (waitNs !== 0) this.queuedNs[endpoint]! += this.clip(now) - this.clip(arrivedAt);
    if (!counted) return;
    if (waitNs === 0) this.unwaited[endpoint]! += 1;
    else this.waits.record(endpoint, waitNs);
  }

  /** A job left its slot. `givenUpAt` is when its caller gave up, Infinity if it did not. */
  worked(endpoint: number, startedAt: number, givenUpAt: number, now: number): void {
    const until = this.clip(now);
    this.busyNs[endpoint]! += until - this.clip(startedAt);
    if (givenUpAt < now) this.abandonedNs[endpoint]! += until - this.clip(givenUpAt > startedAt ? givenUpAt : startedAt);
  }

  answered(endpoint: number, outcome: Outcome, latencyNs: number): void {
    this.outcomes[endpoint * OUTCOMES + outcome]! += 1;
    if (outcome === OK) this.okLatency.record(endpoint, latencyNs);
    else this.failedLatency.record(endpoint, latencyNs);
  }

  private clip(at: number): number {
    return at < this.fromNs ? this.fromNs : at > this.toNs ? this.toNs : at;
  }
}
