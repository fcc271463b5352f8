import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FailedAttempt, OwnPolicyError, type OwnRetryFactory, parseScenario } from '../../src/index.ts';
import { arbPart } from '../../src/check/arbitrary/policy.ts';
import { line, planWith, runWith } from './support.ts';

const some = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const percent = fc.integer({ min: 0, max: 50 }).map((value) => `${value}%`);
/** Those that do not ask whether a failure that nobody retries is one of a kind that is retried: code gives no reason. */
const budget = fc.oneof(fc.record({ ratio: percent, minPerSecond: fc.integer({ min: 0, max: 20 }) }), fc.record({ percent: percent, minConcurrency: fc.integer({ min: 0, max: 4 }) }));
const mesh = fc.record({
  seed: fc.nat(),
  errors: fc.constantFrom('5%', '40%', '100%'),
  policy: fc.record({ timeout: some(fc.constantFrom('60ms', '200ms')), connectionPool: some(arbPart('connectionPool')), outlierDetection: some(arbPart('outlierDetection')) }),
  retries: fc.record({ perTryTimeout: fc.constantFrom('none', '20ms'), budget: some(budget), avoidPrevious: fc.boolean() }),
});
const scenarioOf = ({ errors, policy, seed }: typeof mesh extends fc.Arbitrary<infer T> ? T : never, retries: unknown): Readonly<Record<string, unknown>> => ({
  seed, duration: '1s',
  services: { cart: { replicas: 3, concurrency: 2, queue: 2, latency: { exponential: '10ms' }, errors, policy: { ...policy, retries } } },
  traffic: [{ to: 'cart', name: 'shop', rate: '200/s' }],
});

/** The same as `attempts: 2, on: [5xx], backoff: { base: 5ms, max: 10ms, jitter: none }`. */
const usual: OwnRetryFactory = () => ({
  decide: ({ attempt, outcome }) => (attempt <= 2 && ['error', 'timeout', 'reset'].includes(outcome) ? { retryAfterMs: 5 * attempt } : null),
});

describe('a retry policy of its own', () => {
  it('that decides as one of ours gives the same run, with its budget and its limits', () => {
    fc.assert(
      fc.property(mesh, (one) => {
        const ours = runWith(scenarioOf(one, { ...one.retries, attempts: 2, on: ['500-599', 'reset', 'timeout'], backoff: { base: '5ms', max: '10ms', jitter: 'none' } }));
        const own: OwnRetryFactory = () => ({
          decide: ({ attempt, outcome, status }) => (attempt <= 2 && (status >= 500 || outcome === 'timeout' || outcome === 'reset') ? { retryAfterMs: 5 * attempt } : null),
        });
        expect(runWith(scenarioOf(one, { ...one.retries, own: 'ours' }), { retries: { ours: own } }).digest).toBe(ours.digest);
      }),
      { numRuns: 100 },
    );
  });

  it('hears of calls, failures and successes in plain words', () => {
    const heard: unknown[] = [];
    const watching: OwnRetryFactory = ({ caller, edge }) => ({
      called: (now) => heard.push(`${edge} ${caller} called ${now}`),
      decide: (failed: FailedAttempt, now, random) => {
        heard.push({ ...failed, now });
        expect(random()).not.toBe(random());
        return failed.attempt === 1 ? { retryAfterMs: 2.5 } : null;
      },
      succeeded: (now) => heard.push(`succeeded ${now}`),
    });
    const scenario = line({ every: '1000ms', duration: '2500ms', service: { latency: '10ms' }, policy: { timeout: '1s', retries: { own: 'ours' } }, faults: [{ name: 'sick', at: '0s', for: '1500ms', target: 'cart', errors: '100%' }] });
    runWith(scenario, { retries: { ours: watching } });
    expect(heard).toEqual([
      'shop->cart 0 called 1000',
      { outcome: 'error', status: 500, attempt: 1, elapsedMs: 10, remainingMs: 990, endpoint: 0, now: 1010 },
      { outcome: 'error', status: 500, attempt: 2, elapsedMs: 22.5, remainingMs: 977.5, endpoint: 0, now: 1022.5 },
      'shop->cart 0 called 2000', 'succeeded 2010',
    ]);
  });

  it('may go on for as long as it likes, under a budget of the scenario', () => {
    const endless: OwnRetryFactory = () => ({ decide: () => ({ retryAfterMs: 1 }) });
    const scenario = (limit: object) => line({ duration: '20s', service: { errors: '100%' }, policy: { timeout: '1s', retries: { own: 'ours', ...limit } } });
    expect(runWith(scenario({}), { retries: { ours: endless } }).totals.amplification).toBeGreaterThan(50);
    const { totals } = runWith(scenario({ budget: { ratio: '20%', minPerSecond: 0 } }), { retries: { ours: endless } });
    expect(totals.amplification).toBeLessThan(1.21);
    expect(totals.amplification).toBeGreaterThan(1.1);
  });
});

describe('what a retry policy does wrong', () => {
  it.each<readonly [string, OwnRetryFactory, string]>([
    ['a wait below zero', () => ({ decide: () => ({ retryAfterMs: -1 }) }), 'deciding about attempt 1 of a call (error 500) at 0.11 s, returned {"retryAfterMs":"-1"}: retryAfterMs is a number of ms, 0 or more, and null gives up'],
    ['no number', () => ({ decide: () => ({ retryAfterMs: Number.NaN }) }), 'returned {"retryAfterMs":"NaN"}'],
    ['a word', () => ({ decide: () => 'again' as unknown as null }), 'returned `again`'],
    ['an error', () => ({ decide: () => { throw new Error('undecided'); } }), 'deciding about attempt 1 of a call (error 500) at 0.11 s, threw: Error: undecided'],
    ['more attempts than there is time for', () => ({ decide: () => ({ retryAfterMs: 0 }) }), 'has asked for 100000 attempts of one call, and goes on'],
  ])('is told where it answers with %s', (_, ours, message) => {
    const run = (): unknown => runWith(line({ service: { errors: '100%', latency: message.includes('100000') ? '0ms' : '10ms' }, policy: { retries: { own: 'ours' } } }), { retries: { ours } });
    expect(run).toThrow(OwnPolicyError);
    expect(run).toThrow(message);
  });
});

describe('a scenario that names a retry policy', () => {
  const policies = { retries: { ours: usual } };
  const problemsOf = (policy: object, passed: object = policies) => parseScenario(JSON.stringify(line({ policy })), { policies: passed }).problems;

  it('is refused where the code did not come with it, and beside what the code decides', () => {
    expect(problemsOf({ retries: { own: 'ours' } }, {})).toMatchObject([{ code: 'unknown-reference', path: 'services.cart.policy.retries.own' }]);
    expect(problemsOf({ retries: { own: 'ours', attempts: 2 } })).toMatchObject([{ code: 'unknown-key', path: 'services.cart.policy.retries.attempts' }]);
    expect(problemsOf({ retries: { own: 'ours', perTryTimeout: '10ms' }, hedge: { after: 'none', onPerTryTimeout: true } })).toMatchObject([{ code: 'contradiction', path: 'services.cart.policy.hedge' }]);
  });

  it.each(['envoy', 'istio', 'linkerd', 'grpc', 'finagle'])('may have it in place of that of the preset %s', (preset) => {
    const plan = planWith(line({ policy: { preset, retries: { own: 'ours', budget: '20%' } } }), policies);
    expect(plan.edges[0]!.policy.retries).toMatchObject({ own: 'ours', budget: { kind: 'window' } });
  });
});
