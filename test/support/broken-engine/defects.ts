/**
 * Engines that are broken on purpose, and the invariant that says so. One table for all who look for them: in a run that is known to show it (`test/invariant/`), by the
 * search of a test, and by that of the command (`test/check/`), whose threads break theirs as they start (`switched-on.ts`).
 */
import { ConcurrencyGate } from '../../../src/engine/admission/concurrency-gate.ts';
import { TokenBucket } from '../../../src/engine/admission/token-bucket.ts';
import { LeastRequest } from '../../../src/engine/balance/least-request.ts';
import { RoundRobin } from '../../../src/engine/balance/round-robin.ts';
import { CircuitBreaker } from '../../../src/engine/breaker/circuit-breaker.ts';
import { FailureAccrual } from '../../../src/engine/breaker/failure-accrual.ts';
import { EndpointSet } from '../../../src/engine/endpoints.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { OutlierDetection } from '../../../src/engine/outlier/outlier-detection.ts';
import { ConnectionPools } from '../../../src/engine/pool/connection-pools.ts';
import { ConcurrencyBudget } from '../../../src/engine/retry/concurrency-budget.ts';
import { QuotaBudget } from '../../../src/engine/retry/quota-budget.ts';
import { RetryGate } from '../../../src/engine/retry/retry-gate.ts';
import { TokenBudget } from '../../../src/engine/retry/token-budget.ts';
import { TowerBudget } from '../../../src/engine/retry/tower-budget.ts';
import { WindowBudget } from '../../../src/engine/retry/window-budget.ts';
import type { InvariantName } from '../../../src/model/violation.ts';
import { Stations } from '../../../src/service/station.ts';
import { type Break, withMore } from './break.ts';

export interface Defect {
  readonly breaks: Break;
  /** The invariant that finds it. */
  readonly found: InvariantName;
}

interface AttemptParts { readonly state: number; readonly isLate: boolean }
interface SetParts { readonly active: Int32Array; readonly count: number; readonly list: Int32Array }

const ABANDONED = 2;
const OK = 0;
const HALF_OPEN = 2;

/** By name. */
export const DEFECTS: Readonly<Record<string, Defect>> = {
  'budget off by one': { found: 'retry-budget', breaks: [WindowBudget, 'withdraw', withMore('open', (self) => Number(self['cost']))] },
  'token budget that grants at half': { found: 'retry-budget', breaks: [TokenBudget, 'withdraw', () => function withdraw() {
    return Number(this['tokens']) >= Number(this['max']) / 2;
  }] },
  'tower budget off by one': { found: 'retry-budget', breaks: [TowerBudget, 'withdraw', withMore('written', (self) => Number(self['withdrawAmount']))] },
  'quota that goes into debt': { found: 'budget-not-negative', breaks: [QuotaBudget, 'withdraw', withMore('balance', () => 5)] },
  'share of requests off by one': { found: 'retry-budget', breaks: [ConcurrencyBudget, 'withdraw', () => function withdraw() {
    return Number(this['balance']) >= 0;
  }] },
  'call retried once too often': { found: 'attempts-limit', breaks: [RetryGate, 'decide', (original) => function decide(...args) {
    const [call] = args as [{ retriesLeft: number }];
    if (call.retriesLeft === 0) call.retriesLeft = 1;
    return original.apply(this, args);
  }] },
  'retry after the deadline': { found: 'no-late-attempt', breaks: [Engine, 'callTimedOut', (original) => function callTimedOut(...args) {
    return (args[0] as { awaitsRetry: boolean }).awaitsRetry ? undefined : original.apply(this, args);
  }] },
  'ejection above the maximum': { found: 'ejected-share', breaks: [OutlierDetection, 'detected', withMore('ejectedCount', () => -1)] },
  'breaker stuck half-open': { found: 'half-open-permits', breaks: [CircuitBreaker, 'record', (original) => function record(...args) {
    return this['current'] === HALF_OPEN ? undefined : original.apply(this, args);
  }] },
  'breaker that permits one probe too many': { found: 'half-open-permits', breaks: [CircuitBreaker, 'toHalfOpen', (original) => function toHalfOpen(...args) {
    original.apply(this, args);
    (this as Record<string, number>)['permits']!++;
  }] },
  'failure accrual that sends more than a probe': { found: 'half-open-permits', breaks: [FailureAccrual, 'sent', () => () => {}] },
  'lost late answer': { found: 'answers-once', breaks: [Engine, 'attemptDone', (original) => function attemptDone(...args) {
    const { rows } = this['attempts'] as { readonly rows: readonly AttemptParts[] };
    return rows[Number(args[0])]!.state === ABANDONED ? undefined : original.apply(this, args);
  }] },
  'late answer that counts for nothing': { found: 'settles-once', breaks: [Engine, 'attemptDone', (original) => function attemptDone(...args) {
    const { rows } = this['attempts'] as { readonly rows: readonly AttemptParts[] };
    return rows[Number(args[0])]!.isLate && args[1] === OK ? undefined : original.apply(this, args);
  }] },
  'double settle': { found: 'settles-once', breaks: [Engine, 'settle', (original) => function settle(...args) {
    const [call, , outcome, status, now] = args as [unknown, unknown, number, number, number];
    const world = this['world'] as { settle(call: unknown, outcome: number, status: number, now: number): void };
    if (outcome === OK) world.settle(call, outcome, status, now);
    return original.apply(this, args);
  }] },
  'call that nobody settles': { found: 'settles-once', breaks: [Engine, 'failed', () => () => {}] },
  'unfair tie-break': { found: 'fair-picks', breaks: [LeastRequest, 'twoDistinct', () => function twoDistinct() {
    const { active, count, list } = this['set'] as SetParts;
    const random = this['random'] as { below(n: number): number };
    const i = random.below(count);
    const j = (i + 1 + random.below(count - 1)) % count;
    const [first, second] = [list[Math.min(i, j)]!, list[Math.max(i, j)]!];
    return active[second]! < active[first]! ? second : first;
  }] },
  'round robin that stays': { found: 'fair-picks', breaks: [RoundRobin, 'pick', (original) => function pick(...args) {
    if (Number(this['counter']) % 5 === 0) (this as Record<string, number>)['counter']!--;
    return original.apply(this, args);
  }] },
  'panic ignored': { found: 'panic-below-threshold', breaks: [EndpointSet, 'setReady', (original) => function setReady(...args) {
    this['panicBelow'] = 0;
    return original.apply(this, args);
  }] },
  'ejection that picks do not heed': { found: 'ready-picks', breaks: [EndpointSet, 'setReady', () => () => false] },
  'backoff not counted': { found: 'in-flight-limits', breaks: [RetryGate, 'decide', (original) => function decide(...args) {
    const verdict = original.apply(this, args);
    this['active'] = 0;
    return verdict;
  }] },
  'backoff not waited for': { found: 'backoff-waited', breaks: [Engine, 'backOff', (original) => function backOff(...args) {
    const [, , now] = args as [unknown, unknown, number];
    const world = this['world'] as { arm(timer: number, due: number): void };
    const { arm } = world;
    world.arm = (timer) => arm.call(world, timer, now);
    original.apply(this, args);
    world.arm = arm;
  }] },
  'backoff that does not grow': { found: 'backoff-waited', breaks: [Engine, 'backOff', (original) => function backOff(...args) {
    (args[0] as { retries: number }).retries = 0;
    original.apply(this, args);
  }] },
  'timer leak': { found: 'timers-owned', breaks: [Engine, 'settle', (original) => function settle(...args) {
    (args[0] as { isTimed: boolean }).isTimed = false;
    return original.apply(this, args);
  }] },
  'timer leak of an attempt': { found: 'timers-owned', breaks: [Engine, 'giveUp', (original) => function giveUp(...args) {
    const world = this['world'] as { disarm(timer: number): void };
    const { disarm } = world;
    world.disarm = () => {};
    original.apply(this, args);
    world.disarm = disarm;
  }] },
  'per-try timeout that does not fire': { found: 'timeouts-fire', breaks: [Engine, 'attemptTimedOut', () => () => {}] },
  'deadline that grows': { found: 'deadline-never-grows', breaks: [Engine, 'deadlineOf', (original) => function deadlineOf(...args) {
    return Number(original.apply(this, args)) + 1e6;
  }] },
  'more requests than the pool allows': { found: 'in-flight-limits', breaks: [ConnectionPools, 'request', withMore('active', () => -1)] },
  'more connections than the pool allows': { found: 'in-flight-limits', breaks: [ConnectionPools, 'openMissing', withMore('connections', () => -1)] },
  'concurrency limit off by one': { found: 'in-flight-limits', breaks: [ConcurrencyGate, 'admit', withMore('inFlight', () => -1)] },
  'rate limit that is generous': { found: 'in-flight-limits', breaks: [TokenBucket, 'take', () => () => true] },
  'queue that nobody serves': { found: 'work-conserved', breaks: [Stations, 'startQueued', () => () => {}] },
};

/** What anybody may get wrong who writes such an engine. */
export const TEN: readonly string[] = [
  'budget off by one', 'retry after the deadline', 'ejection above the maximum', 'breaker stuck half-open', 'lost late answer',
  'double settle', 'unfair tie-break', 'panic ignored', 'backoff not counted', 'timer leak',
];
