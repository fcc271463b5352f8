import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arbScenario, type CheckOptions, checkPolicy, holds, INVARIANT_NAMES, type Property, runScenario, type ScenarioDocument, type ScenarioRun } from '../../src/testing.ts';
import { documentOf } from '../../src/scenario/document.ts';
import { expectedRequests } from '../../src/check/simplify/size.ts';

const GREEDY = { retries: { attempts: 3, on: ['5xx'], backoff: 0 } };

function thrownBy(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}

/** Of the message of a counter-example. */
function scenarioIn(message: string): ScenarioDocument {
  const [, indented = ''] = message.split('the scenario, for `meshsim run`:\n');
  return documentOf(indented.replace(/^ {4}/gm, ''));
}

describe('checkPolicy', () => {
  test('tells the story of what it found, with the file and the way back to it', () => {
    const { message } = thrownBy(() => checkPolicy(GREEDY, 'retries ratio <= 2', { seed: 1 }));
    expect(message).toMatch(/^threshold broken: retries ratio <= 2 +after \d+ cases? · shrunk \d+ times\n/);
    expect(message).toContain('1 service, 1 edge');
    expect(message).toContain('retries: { attempts: 3, on: [5xx], backoff: 0 }');
    expect(message).toMatch(/retries ratio <= 2: it is [2-4]/);
    const scenario = scenarioIn(message);
    expect(runScenario(scenario).result.thresholds).toMatchObject([{ expr: 'retries ratio <= 2', pass: false }]);
    expect(expectedRequests(scenario)).toBeLessThanOrEqual(50);
    // A fault that is left is what it takes: without it nothing would be retried.
    const { faults = [], ...calm } = scenario;
    for (const i of faults.keys()) expect(runScenario({ ...calm, faults: faults.toSpliced(i, 1) }).result.thresholds).toMatchObject([{ pass: true }]);
  });

  test.each([
    ['go where the service fails by itself', '70%', 0, 0],
    ['are left where it does not, and each is needed', '0%', 1, 2],
  ])('faults %s', (_, errors, least, most) => {
    const shop = { duration: '10s', services: { web: { replicas: 2, latency: '5ms', errors, policy: GREEDY } }, traffic: [{ to: 'web', rate: '50/s' }] };
    for (const seed of [1, 2, 3]) {
      const { faults = [], ...calm } = scenarioIn(thrownBy(() => checkPolicy(shop, 'retries ratio <= 2', { seed })).message);
      // Of two endpoints each may need one.
      expect(faults.length).toBeGreaterThanOrEqual(least);
      expect(faults.length).toBeLessThanOrEqual(most);
      for (const i of faults.keys()) expect(runScenario({ ...calm, faults: faults.toSpliced(i, 1) }).result.thresholds).toMatchObject([{ pass: true }]);
    }
  });

  test('the same seed finds the same, and seed and path go straight there', () => {
    const first = thrownBy(() => checkPolicy(GREEDY, 'retries ratio <= 2', { seed: 42 })).message;
    expect(thrownBy(() => checkPolicy(GREEDY, 'retries ratio <= 2', { seed: 42 })).message).toBe(first);
    const [, path] = /path: "([^"]*)"/.exec(first)!;
    expect(scenarioIn(thrownBy(() => checkPolicy(GREEDY, 'retries ratio <= 2', { seed: 42, path: path! })).message)).toEqual(scenarioIn(first));
  });

  test('what holds is tried as often as asked for', () => {
    expect(checkPolicy(GREEDY, 'retries ratio <= 4', { seed: 1, numRuns: 150 })).toEqual({ cases: 150, seed: 1 });
  });

  test.each([
    ['latency{service:cart} p(99) < 1s', {}, /^nothing was tried: the threshold cannot be asked of the scenarios that are drawn: there is no service `cart`$/],
    ['retries ratio <= 4', { interruptAfterTimeLimit: 0 }, /^nothing was tried: the time was over before the first case$/],
    ['retries ratio <= 4', { numRuns: 0 }, /`numRuns` is a whole number of 1 or more, and 0 is none/],
    ['retries ratio <= 4', { numRuns: -1 }, /and -1 is none/],
    ['retries ratio <= 4', { numRuns: NaN }, /and NaN is none/],
  ])('a search that tries nothing has not found that it holds: %s, %j', (property, options, message) => {
    expect(thrownBy(() => checkPolicy(GREEDY, property, { seed: 1, ...options })).message).toMatch(message);
  });

  test('a service that is in some of the scenarios is asked for in those', () => {
    expect(checkPolicy(GREEDY, 'latency{service:s3} p(99) < 1h', { seed: 1, numRuns: 10 })).toEqual({ cases: 10, seed: 1 });
  });

  test('of a scenario, services and policies stay as they are unless only invariants are asked', () => {
    const text = `
name: shop
duration: 10s
services:
  web: { replicas: 3, latency: 5ms, calls: cart }
  cart: { replicas: 2, latency: { p50: 8ms, p99: 60ms }, policy: standard }
policies: { standard: { timeout: 100ms, retries: { attempts: 1, on: [5xx, reset, connectFailure] } } }
traffic: [{ to: web, name: browse, rate: 50/s }]
`;
    const property = function noTimeouts({ result }: ReturnType<typeof runScenario>): boolean {
      return result.edges['web->cart']?.causes.timeout === undefined;
    };
    const { message } = thrownBy(() => checkPolicy(text, property, { seed: 3 }));
    expect(message).toMatch(/^property broken: noTimeouts /);
    const found = scenarioIn(message);
    expect(found.policies).toEqual(documentOf(text).policies);
    expect(found.services).toEqual(documentOf(text).services);
    expect(expectedRequests(found)).toBeLessThanOrEqual(50);
  });

  test('and so do all who ask them: a share of all requests is of all', () => {
    const shop = {
      duration: '10s',
      services: { web: { replicas: 2, latency: '5ms' }, admin: { latency: '5ms' } },
      traffic: [{ to: 'web', name: 'browse', rate: '50/s' }, { to: 'admin', name: 'edit', rate: '50/s' }],
    };
    const sources = (scenario: ScenarioDocument): unknown => scenario.traffic.map(({ name, to }) => ({ name, to }));
    expect(sources(scenarioIn(thrownBy(() => checkPolicy(shop, 'errors rate < 20%', { seed: 1 })).message))).toEqual(sources(shop));
  });

  test('the error of a property that throws is its cause', () => {
    const cause = new RangeError('too many');
    const error = thrownBy(() => checkPolicy(GREEDY, () => {
      throw cause;
    }, { seed: 1 }));
    expect(error.cause).toBe(cause);
    expect(error.message).toContain('too many');
  });

  test.each([
    ['fulfilled', async () => undefined],
    ['rejected', async () => Promise.reject(new Error('nobody hears this'))],
  ])('a property that returns a promise, %s, is for checkPolicyAsync', (_, later) => {
    expect(() => checkPolicy(GREEDY, later, { seed: 1 })).toThrow(/^the property returns a promise: await `checkPolicyAsync`$/);
    const shop = { duration: '1s', services: { web: { latency: '1ms' } }, traffic: [{ to: 'web', rate: '1/s' }] };
    expect(() => holds(later)(shop)).toThrow(/^the property returns a promise: await `checkPolicyAsync`$/);
  });

  test.each([
    ['errors rte < 1%', /neither an invariant nor a threshold: `rte` cannot be asked[\s\S]*invariants: settles-once/],
    [[], /there is none/],
    [null, /a list of these, and null is none/],
    [undefined, /and undefined is none/],
    [7, /and 7 is none/],
    [['settles-once', { threshold: 'errors rate < 1%' }], /and {"threshold":"errors rate < 1%"} is none/],
  ])('%s is no property', (property, message) => {
    // As from JavaScript.
    expect(() => checkPolicy(GREEDY, property as Property)).toThrow(message);
    expect(() => holds(property as Property)).toThrow(message);
  });

  test.each([
    [{ numRun: 10 }, 'there is no option `numRun`: did you mean `numRuns`?'],
    [{ threshold: 'errors rate < 1%' }, 'there is no option `threshold`: there are faults, interruptAfterTimeLimit, numRuns, '],
    [{ requests: [10, 1] }, '`requests` is the fewest and the most, whole numbers from 1 on such as [1, 3], and [10,1] is not'],
    [{ requests: [0, 0] }, 'and [0,0] is not'],
    [{ faults: 'two' }, "`faults` is 'none', 'single', 'any', or the fewest and the most, whole numbers from 0 on such as [0, 2], and \"two\" is not"],
    [{ services: [0, 2] }, '`services` is the fewest'],
  ])('%j is no option', (options, message) => expect(() => checkPolicy(GREEDY, 'settles-once', options as CheckOptions)).toThrow(message));

  test.each([{ requests: [10, 1] }, { faults: 'two' }])('nor is %j one of a search in a scenario', (options) => {
    const shop = { duration: '1s', services: { web: { latency: '1ms' } }, traffic: [{ to: 'web', rate: '1/s' }] };
    expect(() => checkPolicy(shop, 'settles-once', options as CheckOptions)).toThrow(/the fewest and the most/);
  });

  test('a run that the property leaves out is no counter-example', () => {
    let runs = 0;
    const property = ({ result }: ScenarioRun): boolean => {
      runs++;
      fc.pre(result.faults.length > 0);
      return true;
    };
    expect(checkPolicy(GREEDY, property, { seed: 1, numRuns: 20 })).toEqual({ cases: 20, seed: 1 });
    expect(runs).toBeGreaterThan(20);
    expect(() => checkPolicy(GREEDY, () => fc.pre(false), { seed: 1, requests: [1, 1], services: [1, 1] })).toThrow('nothing was tried: the property leaves out all that is drawn');
    const details = fc.check(fc.property(arbScenario(), holds(() => fc.pre(false))), { seed: 1, numRuns: 1, maxSkipsPerRun: 2 });
    expect(details).toMatchObject({ numSkips: 3, counterexample: null });
  });

  test('a threshold about what the scenario has not is a mistake, not a counter-example', () => {
    const shop = { duration: '1s', services: { web: { latency: '1ms' } }, traffic: [{ to: 'web', rate: '1/s' }] };
    expect(() => checkPolicy(shop, 'latency{service:cart} p(99) < 1s')).toThrow(/the scenario cannot be run[\s\S]*cart/);
  });
});

describe('recovers', () => {
  /** Bronson et al., Metastable Failures in Distributed Systems (HotOS 2021): retries keep the database down that a partition overloaded, as in `scenarios/retry-storm.yaml`. */
  const storm = {
    duration: '10s',
    services: { database: { concurrency: 30, queue: { limit: 'unlimited' }, latency: { exponential: '100ms' }, policy: { retries: { attempts: 1, on: 'timeout', perTryTimeout: '1s', backoff: 0 } } } },
    traffic: [{ to: 'database', name: 'app', rate: '280/s' }],
    faults: [{ at: '3s', for: '2s', target: 'app->database', partition: true }],
  };

  test('is looked after where the time that it may take is given', () => {
    expect(runScenario(storm).violations).toEqual([]);
    expect(runScenario(storm, {}, { recoverWithin: '3s' }).violations).toMatchObject([{ invariant: 'recovers' }]);
    expect(() => runScenario(storm, {}, { recoverWithin: '3' })).toThrow("`recoverWithin` is a time such as '5s', and `3` is none");
    expect(() => holds('recovers', { recoverWithin: '3s' })(storm)).toThrow(/^invariant broken: recovers\n/);
  });

  test('says nothing where nobody asks after the fault, unless somebody waits', () => {
    const shop = (errors: object): ScenarioDocument => ({
      duration: '10s',
      services: { web: { latency: '5ms' } },
      traffic: [{ to: 'web', profile: [{ at: 0, rate: '50/s' }, { at: '5s', rate: '0/s', step: true }] }],
      faults: [{ at: '4s', for: '2s', target: 'web', ...errors }],
    });
    const violations = (errors: object): unknown => runScenario(shop(errors), {}, { recoverWithin: '2s' }).violations;
    expect(violations({ errors: '100%' })).toEqual([]);
    expect(violations({ hang: true })).toMatchObject([{ invariant: 'recovers' }]);
  });

  test('and searched for, with services, policies and load as they are', () => {
    const { message } = thrownBy(() => checkPolicy(storm, 'recovers', { recoverWithin: '3s', requests: [1000, 3000], seed: 1 }));
    expect(message).toMatch(/^invariant broken: recovers /);
    const found = scenarioIn(message);
    expect(found.services).toEqual(storm.services);
    expect(found.faults).toHaveLength(1);
    expect(expectedRequests(found)).toBeGreaterThanOrEqual(900);
  });

  test('is no question without that time, nor where no scenario lasts so long', () => {
    expect(() => checkPolicy(storm, 'recovers')).toThrow('give `recoverWithin`');
    expect(() => holds('recovers')).toThrow('give `recoverWithin`');
    const short = { duration: '1s', services: { web: { latency: '1ms' } }, traffic: [{ to: 'web', rate: '1/s' }] };
    expect(() => checkPolicy(short, ['recovers', 'settles-once'], { recoverWithin: '5s', requests: [1, 5], seed: 1 })).toThrow(/^nothing was tried: no scenario that is drawn /);
  });
});

describe('holds, under fc.assert', () => {
  test('fails with the story', () => {
    const details = fc.check(fc.property(arbScenario({ services: [1, 2] }), holds('errors count < 3')), { seed: 2 });
    expect(details.failed).toBe(true);
    expect((details.errorInstance as Error).message).toMatch(/^threshold broken: errors count < 3\n\n {2}1 service, 1 edge/);
    expect(() => fc.assert(fc.property(arbScenario({ services: [1, 2] }), holds('errors count < 3')), { seed: 2 })).toThrow(/seed: 2, path: /);
  });

  test('and is silent where nothing is broken', () => {
    fc.assert(fc.property(arbScenario({ policy: GREEDY }), holds([...INVARIANT_NAMES, 'retries ratio <= 4'])), { numRuns: 30, seed: 1 });
  });
});
