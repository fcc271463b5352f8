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
  readonly waits: readonly Histogram[];
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
    this.outcomes = new Float64Array(endpoints * OUTCOME_COUNT);
    const histograms = (): Histogram[] => Array.from({ length: endpoints }, () => new Histogram(ENDPOINT_BITS));
    this.okLatency = histograms();
    this.failedLatency = histograms();
    this.waits = histograms();
    this.unwaited = new Float64Array(endpoints);
  }

  /** A job left the queue, or came to a slot without waiting. `counted` is whether its request is. */
  waited(endpoint: number, arrivedAt: number, now: number, counted: boolean): void {
    const waitNs = now - arrivedAt;
    if (waitNs !== 0) this.queuedNs[endpoint]! += this.clip(now) - this.clip(arrivedAt);
    if (!counted) return;
    if (waitNs === 0) this.unwaited[endpoint]!++;
    else this.waits[endpoint]!.record(waitNs);
  }

  /** A job left its slot. `givenUpAt` is when its caller gave up, Infinity if it did not. */
  worked(endpoint: number, startedAt: number, givenUpAt: number, now: number): void {
    const until = this.clip(now);
    this.busyNs[endpoint]! += until - this.clip(startedAt);
    if (givenUpAt < now) this.abandonedNs[endpoint]! += until - this.clip(givenUpAt > startedAt ? givenUpAt : startedAt);
  }

  answered(endpoint: number, outcome: Outcome, latencyNs: number): void {
    this.outcomes[endpoint * OUTCOME_COUNT + outcome]!++;
    (outcome === 0 ? this.okLatency : this.failedLatency)[endpoint]!.record(latencyNs);
  }

  private clip(at: number): number {
    return at < this.fromNs ? this.fromNs : at > this.toNs ? this.toNs : at;
  }
}
