/** What the endpoints went through inside the measured window. */
import { OUTCOME_COUNT, Outcome } from '../model/outcome.ts';
import type { Histogram } from '../stats/histogram.ts';
import { HistogramBank } from '../stats/histogram-bank.ts';

// Local names for constants: see engine/calls.ts.
const { ok: OK } = Outcome;
const OUTCOMES = OUTCOME_COUNT;

/** Sums of an endpoint: `sums[(endpoint << SUM_SHIFT) + field]`. */
const SUM_SHIFT = 2;
const SUM_BUSY = 0;
const SUM_QUEUED = 1;
const SUM_ABANDONED = 2;
const SUM_UNWAITED = 3;

export class EndpointStats {
  readonly okLatency: HistogramBank;
  readonly failedLatency: HistogramBank;
  /** Waits above zero; the others only counted. */
  readonly waits: HistogramBank;
  private readonly fromNs: number;
  private readonly toNs: number;
  private readonly sums: Float64Array;
  /** By endpoint x outcome; `ok` is counted by its latencies. */
  private readonly failures: Float64Array;

  constructor(endpoints: number, fromNs: number, toNs: number) {
    this.fromNs = fromNs;
    this.toNs = toNs;
    this.sums = new Float64Array(endpoints << SUM_SHIFT);
    this.failures = new Float64Array(endpoints * OUTCOMES);
    this.okLatency = new HistogramBank(endpoints);
    this.failedLatency = new HistogramBank(endpoints);
    this.waits = new HistogramBank(endpoints);
  }

  /** A job left the queue, or came to a slot without waiting. `counted` is whether its request is. */
  waited(endpoint: number, arrivedAt: number, now: number, counted: boolean): void {
    const waitNs = now - arrivedAt;
    const at = endpoint << SUM_SHIFT;
    if (waitNs !== 0) this.sums[at | SUM_QUEUED]! += this.measured(arrivedAt, now);
    if (!counted) return;
    if (waitNs === 0) this.sums[at | SUM_UNWAITED]! += 1;
    else this.waits.record(endpoint, waitNs);
  }

  /** A job left its slot. `givenUpAt` is when its caller gave up, Infinity if it did not. */
  worked(endpoint: number, startedAt: number, givenUpAt: number, now: number): void {
    const at = endpoint << SUM_SHIFT;
    this.sums[at | SUM_BUSY]! += this.measured(startedAt, now);
    if (givenUpAt < now) this.sums[at | SUM_ABANDONED]! += this.measured(givenUpAt > startedAt ? givenUpAt : startedAt, now);
  }

  answered(endpoint: number, outcome: Outcome, latencyNs: number): void {
    if (outcome === OK) this.okLatency.record(endpoint, latencyNs);
    else {
      this.failures[endpoint * OUTCOMES + outcome]! += 1;
      this.failedLatency.record(endpoint, latencyNs);
    }
  }

  /** Integrals over the measured window, slot ns. */
  busyNs(endpoint: number): number {
    return this.sums[(endpoint << SUM_SHIFT) + SUM_BUSY]!;
  }

  queuedNs(endpoint: number): number {
    return this.sums[(endpoint << SUM_SHIFT) + SUM_QUEUED]!;
  }

  /** Part of `busyNs` spent for callers that had given up. */
  abandonedNs(endpoint: number): number {
    return this.sums[(endpoint << SUM_SHIFT) + SUM_ABANDONED]!;
  }

  /** Waits, those of zero included. */
  queue(endpoint: number): Histogram {
    const waits = this.waits.toHistogram(endpoint);
    waits.recordZeros(this.sums[(endpoint << SUM_SHIFT) + SUM_UNWAITED]!);
    return waits;
  }

  /** Answers by outcome code. */
  outcomes(endpoint: number): number[] {
    const counts = Array.from(this.failures.subarray(endpoint * OUTCOMES, (endpoint + 1) * OUTCOMES));
    counts[OK] = this.okLatency.toHistogram(endpoint).count;
    return counts;
  }

  isMeasured(now: number): boolean {
    return now >= this.fromNs && now <= this.toNs;
  }

  /** The part of a stretch of time that lies in the measured window; nearly always all of it. */
  private measured(from: number, to: number): number {
    return from >= this.fromNs && to <= this.toNs ? to - from : this.clip(to) - this.clip(from);
  }

  private clip(at: number): number {
    return at < this.fromNs ? this.fromNs : at > this.toNs ? this.toNs : at;
  }
}
