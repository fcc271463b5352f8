/** Engines that are broken on purpose: each is found, by the invariant that it breaks. */
import { afterEach, expect, test } from 'vitest';
import { ConcurrencyGate } from '../../src/engine/admission/concurrency-gate.ts';
import { TokenBucket } from '../../src/engine/admission/token-bucket.ts';
import { LeastRequest } from '../../src/engine/balance/least-request.ts';
import { RoundRobin } from '../../src/engine/balance/round-robin.ts';
import { CircuitBreaker } from '../../src/engine/breaker/circuit-breaker.ts';
import { FailureAccrual } from '../../src/engine/breaker/failure-accrual.ts';
import { EndpointSet } from '../../src/engine/endpoints.ts';
import { Engine } from '../../src/engine/engine.ts';
import { OutlierDetection } from '../../src/engine/outlier/outlier-detection.ts';
import { ConnectionPools } from '../../src/engine/pool/connection-pools.ts';
import { ConcurrencyBudget } from '../../src/engine/retry/concurrency-budget.ts';
import { QuotaBudget } from '../../src/engine/retry/quota-budget.ts';
import { RetryGate } from '../../src/engine/retry/retry-gate.ts';
import { TokenBudget } from '../../src/engine/retry/token-budget.ts';
import { TowerBudget } from '../../src/engine/retry/tower-budget.ts';
import { WindowBudget } from '../../src/engine/retry/window-budget.ts';
import type { InvariantName } from '../../src/model/violation.ts';
import { audited } from '../../src/run/audited.ts';
import { Stations } from '../../src/service/station.ts';
import { planFrom } from '../support/plan-from.ts';
import type { ScenarioObject } from '../support/random-scenario.ts';

/** An object whose private parts a broken method gets at. */
type Parts = Record<string, never> & Record<string, unknown>;
type Method = (this: Parts, ...args: unknown[]) => unknown;
type Break = readonly [of: { readonly prototype: object }, method: string, made: (original: Method) => Method];

const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

function breakIt([of, method, made]: Break): void {
  const methods = of.prototype as Record<string, Method>;
  const descriptor = Object.getOwnPropertyDescriptor(methods, method)!;
  Object.defineProperty(methods, method, 'value' in descriptor ? { ...descriptor, value: made(descriptor.value as Method) } : { ...descriptor, get: made(descriptor.get as Method) });
  undo.push(() => Object.defineProperty(methods, method, descriptor));
}

/** One service that fails often, under this policy. */
function shop(policy: ScenarioObject, rest: ScenarioObject = {}): ScenarioObject {
  return {
    name: 'broken', duration: '2s', drain: '1s',
    services: { cart: { replicas: 4, concurrency: 8, latency: { exponential: '10ms' }, errors: '40%', policy } },
    traffic: [{ to: 'cart', name: 'web', rate: '200/s' }],
    ...rest,
  };
}

const withMore = (field: string, by: (self: Parts) => number): ((original: Method) => Method) => (original) => function (...args) {
  const parts = this as Record<string, number>;
  parts[field]! += by(this);
  const answer = original.apply(this, args);
  parts[field]! -= by(this);
  return answer;
};
const cut = (): ScenarioObject => ({ faults: [{ name: 'slow', at: '500ms', for: '700ms', target: 'cart', latency: { multiply: 20 } }] });

const engines: readonly (readonly [what: string, breaks: Break, found: InvariantName, scenario: ScenarioObject])[] = [
  ['a window budget that grants one too many', [WindowBudget, 'withdraw', withMore('open', (self) => Number(self['cost']))], 'retry-budget', shop({ retries: { attempts: 2, budget: { ratio: '10%', minPerSecond: 1, ttl: '1s' } } })],
  ['a token budget that grants at half', [TokenBudget, 'withdraw', () => function () { return Number(this['tokens']) >= Number(this['max']) / 2; }], 'retry-budget', shop({ retries: { attempts: 2, budget: { maxTokens: 10, tokenRatio: 1 } } })],
  ['a tower budget that grants one too many', [TowerBudget, 'withdraw', withMore('written', (self) => Number(self['withdrawAmount']))], 'retry-budget', shop({ retries: { attempts: 2, budget: { type: 'tower', ratio: '10%', minPerSecond: 1, ttl: '1s' } } })],
  ['a quota that goes into debt', [QuotaBudget, 'withdraw', withMore('balance', () => 5)], 'budget-not-negative', shop({ retries: { attempts: 2, budget: { capacity: 10, retryCost: 5, timeoutCost: 5 } } })],
  ['a share of requests that is one too many', [ConcurrencyBudget, 'withdraw', () => function () { return Number(this['balance']) >= 0; }], 'retry-budget', shop({ retries: { attempts: 2, backoff: { base: '50ms', max: '50ms', jitter: 'none' }, budget: { percent: '10%', minConcurrency: 1 } } })],
  ['a call that is retried once too often', [RetryGate, 'decide', (original) => function (...args) { const [call] = args as [{ retriesLeft: number }]; if (call.retriesLeft === 0) call.retriesLeft = 1; return original.apply(this, args); }], 'attempts-limit', shop({ retries: { attempts: 1 } })],
  ['a retry that outlives the deadline', [Engine, 'callTimedOut', (original) => function (...args) { return (args[0] as { awaitsRetry: boolean }).awaitsRetry ? undefined : original.apply(this, args); }], 'no-late-attempt', shop({ timeout: '60ms', retries: { attempts: 3, backoff: { base: '50ms', max: '50ms', jitter: 'none' } } })],
  ['an ejection above the maximum', [OutlierDetection, 'detected', withMore('ejectedCount', () => -1)], 'ejected-share', shop({ outlierDetection: { consecutive5xx: 2, maxEjectionPercent: '50%', baseEjectionTime: '500ms', interval: '100ms' }, panicThreshold: '0%' })],
  ['a breaker that is stuck half-open', [CircuitBreaker, 'record', (original) => function (...args) { return this['current'] === 2 ? undefined : original.apply(this, args); }], 'half-open-permits', shop({ circuitBreaker: { slidingWindowSize: 10, minimumNumberOfCalls: 5, failureRateThreshold: '30%', waitDurationInOpenState: '100ms', permittedNumberOfCallsInHalfOpenState: 3 } })],
  ['a breaker that lets one probe too many through', [CircuitBreaker, 'toHalfOpen', (original) => function (...args) { original.apply(this, args); (this as Record<string, number>)['permits']!++; }], 'half-open-permits', shop({ circuitBreaker: { slidingWindowSize: 10, minimumNumberOfCalls: 5, failureRateThreshold: '30%', waitDurationInOpenState: '100ms', permittedNumberOfCallsInHalfOpenState: 3 } })],
  ['a breaker of an endpoint that is stuck half-open', [CircuitBreaker, 'record', (original) => function (...args) { return this['current'] === 2 ? undefined : original.apply(this, args); }], 'half-open-permits', shop({ circuitBreaker: { scope: 'endpoint', slidingWindowSize: 10, minimumNumberOfCalls: 5, failureRateThreshold: '60%', waitDurationInOpenState: '100ms', permittedNumberOfCallsInHalfOpenState: 2 } })],
  ['failure accrual that sends more than a probe', [FailureAccrual, 'sent', () => () => {}], 'half-open-permits', shop({ failureAccrual: { consecutive: { maxFailures: 2, minPenalty: '100ms', maxPenalty: '200ms' } } })],
  ['a lost late answer', [Engine, 'attemptDone', (original) => function (...args) { const { rows } = this['attempts'] as { rows: { state: number }[] }; return rows[Number(args[0])]!.state === 2 ? undefined : original.apply(this, args); }], 'answers-once', shop({ retries: { attempts: 1, on: ['timeout'], perTryTimeout: '10ms' } })],
  ['a good answer that comes late and counts for nothing', [Engine, 'attemptDone', (original) => function (...args) { const { rows } = this['attempts'] as { rows: { isLate: boolean }[] }; return rows[Number(args[0])]!.isLate && args[1] === 0 ? undefined : original.apply(this, args); }], 'settles-once', shop({ timeout: '1s', hedge: { after: 'none', onPerTryTimeout: true }, retries: { attempts: 1, on: ['timeout'], perTryTimeout: '10ms' } })],
  ['a double settle', [Engine, 'settle', (original) => function (...args) { const [call, , outcome, status, now] = args as [{ id: number }, unknown, number, number, number]; if (outcome === 0) (this['world'] as unknown as { settle: (...args: unknown[]) => void }).settle(call.id, outcome, status, now); return original.apply(this, args); }], 'settles-once', shop({})],
  ['a call that nobody settles', [Engine, 'failed', () => () => {}], 'settles-once', shop({})],
  ['a tie that always goes to the first', [LeastRequest, 'twoDistinct', () => function () { const { active, count, list } = this['set'] as unknown as EndpointSet; const random = this['random'] as unknown as { below: (n: number) => number }; const i = random.below(count); const j = (i + 1 + random.below(count - 1)) % count; const [a, b] = [list[Math.min(i, j)]!, list[Math.max(i, j)]!]; return active[b]! < active[a]! ? b : a; }], 'fair-picks', shop({ loadBalancer: 'leastRequest' }, { traffic: [{ to: 'cart', name: 'web', rate: '60/s' }], duration: '6s' })],
  ['a round robin that stays', [RoundRobin, 'pick', (original) => function (...args) { if (Number(this['counter']) % 5 === 0) (this as Record<string, number>)['counter']!--; return original.apply(this, args); }], 'fair-picks', shop({ loadBalancer: 'roundRobin' })],
  ['a panic that is ignored', [EndpointSet, 'setReady', (original) => function (...args) { (this as Record<string, number>)['panicBelow'] = 0; return original.apply(this, args); }], 'panic-below-threshold', shop({ panicThreshold: '60%', outlierDetection: { consecutive5xx: 2, maxEjectionPercent: '100%', baseEjectionTime: '500ms', interval: '100ms' } })],
  ['an ejection that picks do not heed', [EndpointSet, 'setReady', () => () => false], 'ready-picks', shop({ panicThreshold: '0%', outlierDetection: { consecutive5xx: 2, maxEjectionPercent: '50%', baseEjectionTime: '500ms', interval: '100ms' } })],
  ['a backoff that is not waited for', [Engine, 'backOff', (original) => function (...args) { const [, , now] = args as [unknown, unknown, number]; const world = this['world'] as unknown as { arm: (timer: number, due: number) => void }; const { arm } = world; world.arm = (timer) => arm.call(world, timer, now); original.apply(this, args); world.arm = arm; }], 'backoff-waited', shop({ retries: { attempts: 2, backoff: { base: '20ms', max: '80ms', jitter: 'equal' } } })],
  ['a backoff that does not grow', [Engine, 'backOff', (original) => function (...args) { const [call] = args as [{ attempts: number }]; const { attempts } = call; call.attempts = 1; original.apply(this, args); call.attempts = attempts; }], 'backoff-waited', shop({ retries: { attempts: 3, backoff: { base: '20ms', max: '1s', jitter: 'none' } } })],
  ['retries in backoff that do not count', [RetryGate, 'decide', (original) => function (...args) { const verdict = original.apply(this, args); (this as Record<string, number>)['active'] = 0; return verdict; }], 'in-flight-limits', shop({ connectionPool: { maxRetries: 1 }, retries: { attempts: 2, backoff: { base: '50ms', max: '50ms', jitter: 'none' } } })],
  ['a timer of a call that is left', [Engine, 'settle', (original) => function (...args) { (args[0] as { deadline: number }).deadline = Infinity; return original.apply(this, args); }], 'timers-owned', shop({ timeout: '500ms' })],
  ['a timer of an attempt that is left', [Engine, 'giveUp', (original) => function (...args) { const world = this['world'] as unknown as { disarm: (timer: number) => void }; const { disarm } = world; world.disarm = () => {}; original.apply(this, args); world.disarm = disarm; }], 'timers-owned', shop({ hedge: { after: '5ms', max: 1, budget: '100%' }, retries: { attempts: 1, perTryTimeout: '200ms' } })],
  ['a per-try timeout that does not fire', [Engine, 'attemptTimedOut', () => () => {}], 'timeouts-fire', shop({ retries: { attempts: 1, perTryTimeout: '10ms' } })],
  ['a deadline that grows', [Engine, 'deadlineOf', (original) => function (...args) { return Number(original.apply(this, args)) + 1e6; }], 'deadline-never-grows', shop({ timeout: '100ms', deadline: 'propagate' })],
  ['more requests than the pool allows', [ConnectionPools, 'request', withMore('active', () => -1)], 'in-flight-limits', shop({ connectionPool: { maxRequests: 4, maxConnections: 'unlimited' } }, cut())],
  ['more connections than the pool allows', [ConnectionPools, 'openMissing', withMore('connections', () => -1)], 'in-flight-limits', shop({ connectionPool: { maxConnections: 5 } }, cut())],
  ['a concurrency limit that is one too many', [ConcurrencyGate, 'admit', withMore('inFlight', () => -1)], 'in-flight-limits', shop({ concurrencyLimit: { type: 'aimd', initialLimit: 3, minLimit: 2, maxLimit: 4 } }, cut())],
  ['a rate limit that is generous', [TokenBucket, 'take', () => () => true], 'in-flight-limits', shop({ rateLimit: { rate: '100/s', burst: 5 } })],
  ['a queue that nobody serves', [Stations, 'startQueued', () => () => {}], 'work-conserved', shop({}, cut())],
];

test.each(engines)('%s', (_, breaks, found, scenario) => {
  const plan = planFrom(scenario);
  expect(audited(plan).violations).toEqual([]);
  breakIt(breaks);
  const { violations } = audited(plan);
  const violation = violations.find(({ invariant }) => invariant === found);
  expect(violation, violations.map(({ message }) => message).join('\n')).toBeDefined();
  expect(violation!.message).toContain(`${found}: at `);
});
