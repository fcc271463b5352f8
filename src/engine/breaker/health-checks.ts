/**
 * Envoy's active health checks of one caller endpoint (envoy.md 10;
 * `source/extensions/health_checkers/common/health_checker_base_impl.cc`, 1.38).
 *
 *   failed   new endpoints are --(first check passes, or healthyThreshold in a row)--> healthy
 *   healthy  --(unhealthyThreshold network failures, timeouts or retriable answers in a row; any other
 *            failure at once)--> failed
 *
 * The next check is due some time after the result of the last, so the period is the interval and the answer's time.
 * Left out: degraded hosts, checks with bodies, failing a host by a header of its answers, kept connections.
 */
import type { OptionValues } from '../../model/kind.ts';
import { NS_PER_MS } from '../../model/units.ts';
import type { Sequence } from '../../random/sequence.ts';
import { percentOf } from '../outlier/statistics.ts';
import { Detection } from './detection.ts';
import { DueQueue } from './due-queue.ts';
import type { BreakerTarget } from './endpoint-breaker.ts';

export const CheckResult = {
  /** An expected status. */
  pass: 0,
  /** An answer that is neither expected nor retriable. */
  fail: 1,
  /** A status that may be retried, such as what `retriable_statuses` lists. */
  retriable: 2,
  /** No connection, or it broke. */
  network: 3,
  timeout: 4,
} as const;
export type CheckResult = (typeof CheckResult)[keyof typeof CheckResult];

/** Who carries checks to endpoints. It never answers from within a call. */
export interface ProbePort {
  /** Answered by `HealthChecks.answered` with the same serial, at most once; the caller keeps the timeout itself. */
  probe(endpoint: number, serial: number, now: number): void;
}

export interface HealthTarget extends BreakerTarget {
  /** A check of an endpoint that is healthy now has passed. */
  passed(endpoint: number, now: number): void;
}

interface Options {
  readonly interval: number;
  readonly timeout: number;
  readonly unhealthyThreshold: number;
  readonly healthyThreshold: number;
  readonly noTrafficInterval: number;
  readonly noTrafficHealthyInterval: number;
  readonly unhealthyInterval: number;
  readonly unhealthyEdgeInterval: number;
  readonly healthyEdgeInterval: number;
  readonly initialJitter: number;
  readonly intervalJitter: number;
  readonly intervalJitterPercent: number;
}

/** Health of an endpoint: failed since it is known, or since a check failed it. */
const HEALTHY = 0;
const NEW = 1;
const FAILED = 2;

/** What a result did to it. */
const UNCHANGED = 0;
const CHANGED = 1;
/** It counts towards a change that is still to come. */
const PENDING = 2;
type Transition = typeof UNCHANGED | typeof CHANGED | typeof PENDING;

export class HealthChecks {
  /** Whether this caller has ever opened a connection to the service; without, checks are rare. */
  hasTraffic: boolean = false;
  private readonly options: Options;
  private readonly size: number;
  private readonly dice: Pick<Sequence, 'below'>;
  private readonly target: HealthTarget;
  private readonly port: ProbePort;
  private readonly health: Uint8Array;
  /** 0 until the first result. */
  private readonly isKnown: Uint8Array;
  private readonly passes: Int32Array;
  private readonly failures: Int32Array;
  /** Odd while a check is under way. */
  private readonly serials: Int32Array;
  private readonly passedAt: Float64Array;
  /** Next checks, and ends of the patience with those under way. */
  private readonly due: DueQueue;

  constructor(size: number, options: OptionValues, dice: Pick<Sequence, 'below'>, target: HealthTarget, port: ProbePort) {
    // The scenario has filled in every option of health-check-options.ts.
    this.options = options as unknown as Options;
    this.size = size;
    this.dice = dice;
    this.target = target;
    this.port = port;
    this.health = new Uint8Array(size);
    this.isKnown = new Uint8Array(size);
    this.passes = new Int32Array(size);
    this.failures = new Int32Array(size);
    this.serials = new Int32Array(size);
    this.passedAt = new Float64Array(size).fill(-Infinity);
    this.due = new DueQueue(size);
  }

  get dueAt(): number {
    return this.due.nextAt;
  }

  isHealthy(endpoint: number): boolean {
    return this.health[endpoint] === HEALTHY;
  }

  /** When a check last passed that found it failed, which is where slow start counts from; -Infinity for never. */
  lastRecoveryAt(endpoint: number): number {
    return this.passedAt[endpoint]!;
  }

  /**
   * The first checks: at once, or within `initialJitter`. Until its first result an endpoint is failed.
   * @param areKnown  the endpoints were healthy before and stay so
   */
  start(now: number, areKnown: boolean): void {
    for (let i = 0; i < this.size; i++) {
      if (!areKnown) {
        this.health[i] = NEW;
        this.target.setReady(i, false, now);
      }
      this.due.set(i, this.options.initialJitter < NS_PER_MS ? now : now + this.jittered(0, this.options.initialJitter, 0));
    }
    this.tick(now);
  }

  tick(now: number): void {
    while (this.due.nextAt <= now) {
      const endpoint = this.due.first;
      if ((this.serials[endpoint]! & 1) === 0) this.check(endpoint, now);
      else this.over(endpoint, CheckResult.timeout, now);
    }
  }

  answered(endpoint: number, serial: number, result: CheckResult, now: number): void {
    if (this.serials[endpoint] === serial) this.over(endpoint, result, now);
  }

  private check(endpoint: number, now: number): void {
    const serial = ++this.serials[endpoint]!;
    this.due.set(endpoint, now + this.options.timeout);
    this.port.probe(endpoint, serial, now);
  }

  private over(endpoint: number, result: CheckResult, now: number): void {
    this.serials[endpoint]!++;
    const transition = result === CheckResult.pass ? this.pass(endpoint, now) : this.fail(endpoint, result, now);
    this.due.set(endpoint, now + this.intervalNs(result === CheckResult.pass, transition));
  }

  private pass(endpoint: number, now: number): Transition {
    const isFirst = this.isKnown[endpoint] === 0;
    this.isKnown[endpoint] = 1;
    this.failures[endpoint] = 0;
    let transition: Transition = UNCHANGED;
    if (this.health[endpoint] !== HEALTHY) {
      this.passedAt[endpoint] = now;
      if (!isFirst && ++this.passes[endpoint]! !== this.options.healthyThreshold) return PENDING;
      this.target.setReady(endpoint, true, now);
      if (this.health[endpoint] === FAILED) this.target.recovered(endpoint, now);
      this.health[endpoint] = HEALTHY;
      transition = CHANGED;
    }
    this.target.passed(endpoint, now);
    return transition;
  }

  private fail(endpoint: number, result: CheckResult, now: number): Transition {
    this.isKnown[endpoint] = 1;
    this.passes[endpoint] = 0;
    if (this.health[endpoint] !== HEALTHY) return UNCHANGED;
    const isPatient = result !== CheckResult.fail;
    if (isPatient && ++this.failures[endpoint]! !== this.options.unhealthyThreshold) return PENDING;
    this.health[endpoint] = FAILED;
    this.target.setReady(endpoint, false, now);
    this.target.tripped(endpoint, now, Detection.healthCheck);
    return CHANGED;
  }

  private intervalNs(passed: boolean, transition: Transition): number {
    const { options } = this;
    const { interval, noTrafficInterval, intervalJitter, intervalJitterPercent } = options;
    const isPending = transition === PENDING;
    const unhealthy = options.unhealthyInterval || interval;
    let base: number;
    if (!this.hasTraffic) base = passed && !isPending ? options.noTrafficHealthyInterval || noTrafficInterval : noTrafficInterval;
    else if (passed) base = isPending ? options.healthyEdgeInterval || interval : interval;
    else base = isPending ? options.unhealthyEdgeInterval || unhealthy : unhealthy;
    return this.jittered(base, intervalJitter, intervalJitterPercent);
  }

  /** Whole milliseconds, at least one; both jitters exclude their upper end. */
  private jittered(baseNs: number, jitterNs: number, jitterRatio: number): number {
    const baseMs = Math.floor(baseNs / NS_PER_MS);
    const shareMs = Math.floor((percentOf(jitterRatio) * baseMs) / 100);
    const jitterMs = Math.floor(jitterNs / NS_PER_MS);
    const drawnMs = (shareMs > 0 ? this.dice.below(shareMs) : 0) + (jitterMs > 0 ? this.dice.below(jitterMs) : 0);
    return Math.max(1, baseMs + drawnMs) * NS_PER_MS;
  }
}
