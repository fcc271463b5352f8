/**
 * What the endpoints went through inside the measured window.
 *
 * Jobs that are over are written down in a row and counted a few thousand at a time: one loop over figures that
 * lie far apart waits for the memory of many endpoints at once, and needs no calls (8 % of bench W2; counted one by one, 19 %).
 */
import { OUTCOME_COUNT, Outcome } from '../model/outcome.ts';
import type { Histogram } from '../stats/histogram.ts';
import { HistogramBank } from '../stats/histogram-bank.ts';
import { JobTime } from './job-rows.ts';

// Local names for constants: see engine/calls.ts.
const { ok: OK } = Outcome;
const { arrived: ARRIVED, givenUp: GIVEN_UP, started: STARTED } = JobTime;
const OUTCOMES = OUTCOME_COUNT;

/** In place of an outcome: the job left its slot and nobody heard of it. */
export const UNANSWERED = -1;

/** Jobs that wait to be counted, and the places in a row: `log[(i << ROW_SHIFT) | field]`. */
const LOGGED = 4096;
const ROW_SHIFT = 3;
const ROW_ENDPOINT = 0;
const ROW_COUNTED = 1;
const ROW_ARRIVED = 2;
const ROW_STARTED = 3;
const ROW_ENDED = 4;
const ROW_GIVEN_UP = 5;
const ROW_OUTCOME = 6;

/** Lanes of `okAndWaits`. */
const OK_LANE = 0;
const WAIT_LANE = 1;

/** Sums of an endpoint: `sums[(endpoint << SUM_SHIFT) | field]`. */
const SUM_SHIFT = 2;
const SUM_BUSY = 0;
const SUM_QUEUED = 1;
const SUM_ABANDONED = 2;
const SUM_UNWAITED = 3;

export class EndpointStats {
  /** Two lanes: latencies of what went well, and waits above zero; the others are only counted. */
  private readonly okAndWaits: HistogramBank;
  private readonly failedLatency: HistogramBank;
  private readonly fromNs: number;
  private readonly toNs: number;
  private readonly log: Float64Array = new Float64Array(LOGGED << ROW_SHIFT);
  private logged: number = 0;
  private readonly sums: Float64Array;
  /** What lies outside the measured window, in the same places: of the first two. */
  private readonly outside: Float64Array;
  /** By endpoint x outcome; `ok` is counted by its latencies. */
  private readonly failures: Float64Array;

  constructor(endpoints: number, fromNs: number, toNs: number) {
    this.fromNs = fromNs;
    this.toNs = toNs;
    this.sums = new Float64Array(endpoints << SUM_SHIFT);
    this.outside = new Float64Array(endpoints << SUM_SHIFT);
    this.failures = new Float64Array(endpoints * OUTCOMES);
    this.okAndWaits = new HistogramBank(endpoints, 2);
    this.failedLatency = new HistogramBank(endpoints, 1);
  }

  /**
   * A job left its slot and was answered, or UNANSWERED.
   * @param tag    below 0 when its request is not counted
   * @param times  its own from `at` on, in the places of `JobTime`
   */
  served(endpoint: number, tag: number, times: Float64Array, at: number, outcome: Outcome | typeof UNANSWERED, now: number): void {
    const { log } = this;
    const row = this.logged << ROW_SHIFT;
    log[row | ROW_ENDPOINT] = endpoint;
    log[row | ROW_COUNTED] = tag;
    log[row | ROW_ARRIVED] = times[at | ARRIVED]!;
    log[row | ROW_STARTED] = times[at | STARTED]!;
    log[row | ROW_ENDED] = now;
    log[row | ROW_GIVEN_UP] = times[at | GIVEN_UP]!;
    log[row | ROW_OUTCOME] = outcome;
    if (++this.logged === LOGGED) this.count();
  }

  /** A job left the queue without ever getting a slot. */
  waited(endpoint: number, arrivedAt: number, now: number, counted: boolean): void {
    const at = endpoint << SUM_SHIFT;
    if (now > arrivedAt) this.sums[at | SUM_QUEUED]! += this.measured(arrivedAt, now);
    this.noteOutside(at, arrivedAt, now, now);
    if (counted) this.countWait(endpoint, now - arrivedAt);
  }

  /** An answer to a counted request that is not reported by `served`. */
  answered(endpoint: number, outcome: Outcome, latencyNs: number): void {
    if (outcome === OK) this.okAndWaits.record(endpoint, OK_LANE, latencyNs);
    else {
      this.failures[endpoint * OUTCOMES + outcome]! += 1;
      this.failedLatency.record(endpoint, 0, latencyNs);
    }
  }

  /** Integrals over the measured window, slot ns. */
  busyNs(endpoint: number): number {
    return this.sum(endpoint, SUM_BUSY);
  }

  queuedNs(endpoint: number): number {
    return this.sum(endpoint, SUM_QUEUED);
  }

  /**
   * Both over all the run, of jobs that are over, without counting those that wait to be counted: in another order sums beyond 2^53 ns come
   * out otherwise.
   * @param add  hears of each of the first endpoints, and then of each job that waits to be counted
   */
  readAll(endpoints: number, add: (endpoint: number, busyNs: number, queuedNs: number) => void): void {
    const { log, outside, sums } = this;
    for (let endpoint = 0; endpoint < endpoints; endpoint++) {
      const at = endpoint << SUM_SHIFT;
      add(endpoint, sums[at | SUM_BUSY]! + outside[at | SUM_BUSY]!, sums[at | SUM_QUEUED]! + outside[at | SUM_QUEUED]!);
    }
    for (let row = 0; row < this.logged << ROW_SHIFT; row += 1 << ROW_SHIFT) {
      const endpoint = log[row | ROW_ENDPOINT]!;
      const startedAt = log[row | ROW_STARTED]!;
      if (endpoint < endpoints) add(endpoint, log[row | ROW_ENDED]! - startedAt, startedAt - log[row | ROW_ARRIVED]!);
    }
  }

  /** Part of `busyNs` spent for callers that had given up. */
  abandonedNs(endpoint: number): number {
    return this.sum(endpoint, SUM_ABANDONED);
  }

  /** Waits, those of zero included. */
  queue(endpoint: number): Histogram {
    const unwaited = this.sum(endpoint, SUM_UNWAITED);
    const waits = this.okAndWaits.toHistogram(endpoint, WAIT_LANE);
    waits.recordZeros(unwaited);
    return waits;
  }

  okLatencies(endpoint: number): Histogram {
    this.count();
    return this.okAndWaits.toHistogram(endpoint, OK_LANE);
  }

  failedLatencies(endpoint: number): Histogram {
    this.count();
    return this.failedLatency.toHistogram(endpoint, 0);
  }

  /** Answers by outcome code. */
  outcomes(endpoint: number): number[] {
    this.count();
    const counts = Array.from(this.failures.subarray(endpoint * OUTCOMES, (endpoint + 1) * OUTCOMES));
    counts[OK] = this.okAndWaits.countOf(endpoint, OK_LANE);
    return counts;
  }

  isMeasured(now: number): boolean {
    return now >= this.fromNs && now <= this.toNs;
  }

  /** Whether any of a stretch of time is. */
  isMeasuredIn(from: number, to: number): boolean {
    return to >= this.fromNs && from <= this.toNs;
  }

  private sum(endpoint: number, field: number): number {
    this.count();
    return this.sums[(endpoint << SUM_SHIFT) | field]!;
  }

  private count(): void {
    const end = this.logged << ROW_SHIFT;
    this.logged = 0;
    for (let row = 0; row < end; row += 1 << ROW_SHIFT) this.countRow(row);
  }

  /** Apart from the loop: V8 compiles a long one while it is under way, and then looks each constant of this file up at each use (a fifth of what there is to do). */
  private countRow(row: number): void {
    const { fromNs, log, sums, toNs } = this;
    const endpoint = log[row | ROW_ENDPOINT]! | 0;
    const arrivedAt = log[row | ROW_ARRIVED]!;
    const startedAt = log[row | ROW_STARTED]!;
    const endedAt = log[row | ROW_ENDED]!;
    const givenUpAt = log[row | ROW_GIVEN_UP]!;
    const at = endpoint << SUM_SHIFT;
    sums[at | SUM_BUSY]! += this.measured(startedAt, endedAt);
    // The first of them always, which changes nothing: code that was compiled before any is given up, or lies outside, is not thrown away then.
    if (row === 0 || givenUpAt < endedAt) sums[at | SUM_ABANDONED]! += this.measured(givenUpAt > startedAt ? givenUpAt : startedAt, endedAt);
    if (startedAt > arrivedAt) sums[at | SUM_QUEUED]! += this.measured(arrivedAt, startedAt);
    if (row === 0 || arrivedAt < fromNs || endedAt > toNs) this.noteOutside(at, arrivedAt, startedAt, endedAt);
    if (log[row | ROW_COUNTED]! < 0) return;
    this.countWait(endpoint, startedAt - arrivedAt);
    const outcome = log[row | ROW_OUTCOME]! | 0;
    // `served` put one of the two there.
    if (outcome !== UNANSWERED) this.answered(endpoint, outcome as Outcome, endedAt - arrivedAt);
  }

  private countWait(endpoint: number, waitNs: number): void {
    if (waitNs === 0) this.sums[(endpoint << SUM_SHIFT) | SUM_UNWAITED]! += 1;
    else this.okAndWaits.record(endpoint, WAIT_LANE, waitNs);
  }

  private noteOutside(at: number, arrivedAt: number, startedAt: number, endedAt: number): void {
    this.outside[at | SUM_BUSY]! += endedAt - startedAt - this.measured(startedAt, endedAt);
    this.outside[at | SUM_QUEUED]! += startedAt - arrivedAt - this.measured(arrivedAt, startedAt);
  }

  /** The part of a stretch of time that lies in the measured window; nearly always all of it. */
  private measured(from: number, to: number): number {
    const { fromNs, toNs } = this;
    const begin = from > fromNs ? from : fromNs;
    const end = to < toNs ? to : toNs;
    const length = end - begin;
    return length > 0 ? length : 0;
  }
}
