/** Engines that are broken on purpose: each is found, by the invariant that it breaks, in a run that is known to show it. */
import { afterEach, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { INVARIANT_NAMES } from '../../src/invariant/registry.ts';
import { NS_PER_MS } from '../../src/model/units.ts';
import type { OwnPolicies } from '../../src/own/policies.ts';
import { audited } from '../../src/run/audited.ts';
import { simulate } from '../../src/run/run.ts';
import { runScenario } from '../../src/run/scenario-run.ts';
import type { ScenarioDocument } from '../../src/scenario/document.ts';
import { breakIt } from '../support/broken-engine/break.ts';
import { DEFECTS } from '../support/broken-engine/defects.ts';
import { planFrom } from '../support/plan-from.ts';
import type { ScenarioObject } from '../support/random-scenario.ts';

let undo: () => void = () => {};
afterEach(() => undo());

/** One service that fails often, under this policy. */
function shop(policy: ScenarioObject, rest: ScenarioObject = {}): ScenarioObject {
  return {
    name: 'broken', duration: '2s', drain: '1s',
    services: { cart: { replicas: 4, concurrency: 8, latency: { exponential: '10ms' }, errors: '40%', policy } },
    traffic: [{ to: 'cart', name: 'web', rate: '200/s' }],
    ...rest,
  };
}

const cut = (): ScenarioObject => ({ faults: [{ name: 'slow', at: '500ms', for: '700ms', target: 'cart', latency: { multiply: 20 } }] });

const shown: readonly (readonly [defect: string, by: ScenarioObject])[] = [
  ['budget off by one', shop({ retries: { attempts: 2, budget: { ratio: '10%', minPerSecond: 1, ttl: '1s' } } })],
  ['token budget that grants at half', shop({ retries: { attempts: 2, budget: { maxTokens: 10, tokenRatio: 1 } } })],
  ['tower budget off by one', shop({ retries: { attempts: 2, budget: { type: 'tower', ratio: '10%', minPerSecond: 1, ttl: '1s' } } })],
  ['quota that goes into debt', shop({ retries: { attempts: 2, budget: { capacity: 10, retryCost: 5, timeoutCost: 5 } } })],
  ['share of requests off by one', shop({ retries: { attempts: 2, backoff: { base: '50ms', max: '50ms', jitter: 'none' }, budget: { percent: '10%', minConcurrency: 1 } } })],
  ['call retried once too often', shop({ retries: { attempts: 1 } })],
  ['retry after the deadline', shop({ timeout: '60ms', retries: { attempts: 3, backoff: { base: '50ms', max: '50ms', jitter: 'none' } } })],
  ['ejection above the maximum', shop({ outlierDetection: { consecutive5xx: 2, maxEjectionPercent: '50%', baseEjectionTime: '500ms', interval: '100ms' }, panicThreshold: '0%' })],
  ['breaker stuck half-open', shop({ circuitBreaker: { slidingWindowSize: 10, minimumNumberOfCalls: 5, failureRateThreshold: '30%', waitDurationInOpenState: '100ms', permittedNumberOfCallsInHalfOpenState: 3 } })],
  ['breaker that permits one probe too many', shop({ circuitBreaker: { slidingWindowSize: 10, minimumNumberOfCalls: 5, failureRateThreshold: '30%', waitDurationInOpenState: '100ms', permittedNumberOfCallsInHalfOpenState: 3 } })],
  ['breaker stuck half-open', shop({ circuitBreaker: { scope: 'endpoint', slidingWindowSize: 10, minimumNumberOfCalls: 5, failureRateThreshold: '60%', waitDurationInOpenState: '100ms', permittedNumberOfCallsInHalfOpenState: 2 } })],
  ['failure accrual that sends more than a probe', shop({ failureAccrual: { consecutive: { maxFailures: 2, minPenalty: '100ms', maxPenalty: '200ms' } } })],
  ['lost late answer', shop({ retries: { attempts: 1, on: ['timeout'], perTryTimeout: '10ms' } })],
  ['late answer that counts for nothing', shop({ timeout: '1s', hedge: { after: 'none', onPerTryTimeout: true }, retries: { attempts: 1, on: ['timeout'], perTryTimeout: '10ms' } })],
  ['double settle', shop({})],
  ['call that nobody settles', shop({})],
  ['unfair tie-break', shop({ loadBalancer: 'leastRequest' }, { traffic: [{ to: 'cart', name: 'web', rate: '60/s' }], duration: '6s' })],
  ['round robin that stays', shop({ loadBalancer: 'roundRobin' })],
  ['panic ignored', shop({ panicThreshold: '60%', outlierDetection: { consecutive5xx: 2, maxEjectionPercent: '100%', baseEjectionTime: '500ms', interval: '100ms' } })],
  ['ejection that picks do not heed', shop({ panicThreshold: '0%', outlierDetection: { consecutive5xx: 2, maxEjectionPercent: '50%', baseEjectionTime: '500ms', interval: '100ms' } })],
  ['backoff not waited for', shop({ retries: { attempts: 2, backoff: { base: '20ms', max: '80ms', jitter: 'equal' } } })],
  ['backoff that does not grow', shop({ retries: { attempts: 3, backoff: { base: '20ms', max: '1s', jitter: 'none' } } })],
  ['backoff not counted', shop({ connectionPool: { maxRetries: 1 }, retries: { attempts: 2, backoff: { base: '50ms', max: '50ms', jitter: 'none' } } })],
  ['timer leak', shop({ timeout: '500ms' })],
  ['timer leak of an attempt', shop({ hedge: { after: '5ms', max: 1, budget: '100%' }, retries: { attempts: 1, perTryTimeout: '200ms' } })],
  ['per-try timeout that does not fire', shop({ retries: { attempts: 1, perTryTimeout: '10ms' } })],
  ['deadline that grows', shop({ timeout: '100ms', deadline: 'propagate' })],
  ['more requests than the pool allows', shop({ connectionPool: { maxRequests: 4, maxConnections: 'unlimited' } }, cut())],
  ['more connections than the pool allows', shop({ connectionPool: { maxConnections: 5 } }, cut())],
  ['concurrency limit off by one', shop({ concurrencyLimit: { type: 'aimd', initialLimit: 3, minLimit: 2, maxLimit: 4 } }, cut())],
  ['rate limit that is generous', shop({ rateLimit: { rate: '100/s', burst: 5 } })],
  ['queue that nobody serves', shop({}, cut())],
];

test('each defect has a run that shows it', () => {
  expect([...new Set(shown.map(([defect]) => defect))].sort()).toEqual(Object.keys(DEFECTS).sort());
});

test.each(shown)('%s', (name, scenario) => {
  const { breaks, found } = DEFECTS[name]!;
  const plan = planFrom(scenario);
  expect(audited(plan).violations).toEqual([]);
  undo = breakIt(breaks);
  const { violations } = audited(plan);
  const violation = violations.find(({ invariant }) => invariant === found);
  expect(violation, violations.map(({ message }) => message).join('\n')).toBeDefined();
  expect(violation!.message).toContain(`${found}: at `);
});

test('a retry policy that is code waits as long as it likes, and its retries are sent when that is over', () => {
  const scenario = shop({ retries: { own: 'patient' } }) as unknown as ScenarioDocument;
  const policies: OwnPolicies = { retries: { patient: () => ({ decide: ({ attempt }) => (attempt <= 2 ? { retryAfterMs: 400 * attempt } : null) }) } };
  expect(runScenario(scenario, policies).violations).toEqual([]);
  undo = breakIt(DEFECTS['backoff not waited for']!.breaks);
  expect(runScenario(scenario, policies).violations).toMatchObject([{ invariant: 'backoff-waited', message: expect.stringContaining('retry 1 waits 0 s, and its backoff is 0.4 s to 0.4 s') }]);
});

test('a run may end with what breaks an invariant first, before anything comes of it', () => {
  const plan = planFrom(shop({ timeout: '500ms' }));
  const brokenBy = (defect: string): readonly string[] => {
    undo = breakIt(DEFECTS[defect]!.breaks);
    const { run, violations } = audited(plan, plan.seed, INVARIANT_NAMES, undefined, { untilBroken: true });
    undo();
    expect(run.ending).toBe('stopped');
    expect(run.world.now - violations[0]!.atNs).toBeLessThan(50 * NS_PER_MS);
    return violations.map(({ invariant }) => invariant);
  };
  expect(brokenBy('timer leak')).toEqual(['timers-owned']);
  // One input, two of them.
  expect(brokenBy('double settle')).toEqual(['timers-owned', 'settles-once']);
});

test('an engine that throws ends its run, and the audit says so', () => {
  const plan = planFrom(shop({}));
  undo = breakIt([Engine, 'failed', () => () => {
    throw new TypeError('nobody is there');
  }]);
  const { run, violations } = audited(plan);
  expect(run.ending).toBe('stopped');
  expect(violations).toMatchObject([{ invariant: 'does-not-throw', decision: 'TypeError: nobody is there' }]);
  expect(run.world.now).toBe(violations[0]!.atNs);
  // Whoever does not ask hears it themselves.
  expect(() => audited(plan, plan.seed, ['settles-once'])).toThrow('nobody is there');
  expect(() => simulate(plan)).toThrow('nobody is there');
});
