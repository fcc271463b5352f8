/** What the endpoints went through inside the measured window. */
import { OUTCOME_COUNT, type Outcome } from '../model/outcome.ts';
import { Histogram } from '../stats/histogram.ts';

/** Endpoints are many, so theirs are coarser than those of calls: 0.8 % at 6 bits. */
const ENDPOINT_BITS = 6;

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
  readonly okLatency: readonly Histogram[];
  readonly failedLatency: readonly Histogram[];
  /** Waits above zero; the others only counted. */
  readonly waited: readonly Histogram[];
  readonly unwaited: Float64Array;
  private readonly changedAt: Float64Array;

  constructor(endpoints: number, fromNs: number, toNs: number) {
    this.fromNs = fromNs;
    this.toNs = toNs;
    this.busy = new Int32Array(endpoints);
    this.queued = new Int32Array(endpoints);
    this.maxQueue = new Int32Array(endpoints);
    this.busyNs = new Float64Array(endpoints);
    this.queuedNs = new Float64Array(endpoints);
    this.abandonedNs = new Float64Array(endpoints);
    this.outcomes = new Float64Array(endpoints * OUTCOME_COUNT);
    const histograms = (): Histogram[] => Array.from({ length: endpoints }, () => new Histogram(ENDPOINT_BITS));
    this.okLatency = histograms();
    this.failedLatency = histograms();
    this.waited = histograms();
    this.unwaited = new Float64Array(endpoints);
    this.changedAt = new Float64Array(endpoints).fill(fromNs);
  }

  /** Before `busy` or `queued` of the endpoint changes. */
  account(endpoint: number, now: number): void {
    const at = this.clip(now);
    const passed = at - this.changedAt[endpoint]!;
    this.busyNs[endpoint]! += this.busy[endpoint]! * passed;
    this.queuedNs[endpoint]! += this.queued[endpoint]! * passed;
    this.changedAt[endpoint] = at;
  }

  waitedFor(endpoint: number, waitNs: number): void {
    if (waitNs === 0) this.unwaited[endpoint]!++;
    else this.waited[endpoint]!.record(waitNs);
  }

  answered(endpoint: number, outcome: Outcome, latencyNs: number): void {
    this.outcomes[endpoint * OUTCOME_COUNT + outcome]!++;
    (outcome === 0 ? this.okLatency : this.failedLatency)[endpoint]!.record(latencyNs);
  }

  /** The caller had given up at `givenUpAt`; the endpoint worked from `startedAt` to `now`. */
  abandoned(endpoint: number, startedAt: number, givenUpAt: number, now: number): void {
    const from = this.clip(givenUpAt > startedAt ? givenUpAt : startedAt);
    this.abandonedNs[endpoint]! += this.clip(now) - from;
  }

  /** Close the window at `now` at the latest, and bring all integrals up to it. */
  finish(now: number): void {
    for (let endpoint = 0; endpoint < this.busy.length; endpoint++) this.account(endpoint, now);
    this.toNs = Math.min(this.toNs, now);
  }

  private clip(at: number): number {
    return at < this.fromNs ? this.fromNs : at > this.toNs ? this.toNs : at;
  }
}
