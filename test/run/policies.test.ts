/**
 * Policies at work in whole runs, against what their rules give by hand or in closed form. Arrivals are uniform where
 * single calls are counted: the n-th is at n / rate, none at the end. Sections are those of the products' documentation
 * as the engine's files name it.
 */
import { describe, expect, test } from 'vitest';
import type { Result } from '../../src/result/result.ts';
import { simulate } from '../../src/run/run.ts';
import { planFrom } from '../support/plan-from.ts';

interface Setting {
  readonly duration: string;
  readonly warmup?: string;
  readonly rate: string;
  readonly policy: object;
  readonly poisson?: boolean;
  /** Of the service `s`. */
  readonly service?: object;
  /** Of the source `c`. */
  readonly source?: object;
  readonly others?: object;
  readonly zones?: readonly string[];
  readonly faults?: readonly object[];
}

function run({ duration, warmup = '0s', rate, policy, poisson = false, service = {}, source = {}, others = {}, zones, faults = [] }: Setting): Result {
  return simulate(planFrom({
    name: 'policies', duration, warmup, drain: '100s', ...(zones === undefined ? {} : { zones }),
    services: { s: { latency: '1ms', concurrency: 'unlimited', ...service }, ...others },
    traffic: [{ to: 's', name: 'c', rate, arrivals: poisson ? 'poisson' : 'uniform', policy, ...source }],
    faults,
  }));
}

/** What callers did to endpoints. */
const ejectionsOf = ({ events }: Result): Result['events'] => events.filter(({ endpoint }) => endpoint !== undefined);
const eventsOf = (result: Result): readonly unknown[] => ejectionsOf(result).map(({ atMs, kind, endpoint }) => [atMs, kind, endpoint]);
const requestsAt = ({ endpoints }: Result, name: string): number => endpoints[name]!.requests;
const shareOf = ({ endpoints }: Result, names: readonly string[]): number => names.reduce((sum, name) => sum + endpoints[name]!.share!, 0);
/** Of a share that n independent draws show: none in 15,000 runs is further off. */
const fourSigma = (share: number, n: number): number => 4 * Math.sqrt((share * (1 - share)) / n);
const failing = (target: string, more: object = {}): object => ({ target, errors: 1, ...more });

describe('a rate limit', () => {
  test('passes its burst and its rate, and not one call more', () => {
    const { totals } = run({ duration: '10s', rate: '200/s', policy: { rateLimit: { rate: '50/s', burst: 20 } } });
    // Full until the first call at 5 ms; 20 + 50/s x 9.99 s by the last at 9.995 s.
    expect([totals.ok, totals.causes]).toEqual([519, { rateLimited: 1999 - 519 }]);
  });
});

describe('client-side throttling', () => {
  test('googleSre lets k times through what an overloaded backend accepts', () => {
    // One slot, no queue: of x calls/s x / (1 + 10 ms x) are accepted. So x = k times that: x = (k - 1) / 10 ms.
    for (const k of [1.5, 2]) {
      const { totals } = run({
        duration: '200s', warmup: '50s', rate: '400/s', poisson: true, policy: { admission: { type: 'googleSre', k, window: '20s' } },
        service: { latency: '10ms', concurrency: 1, queue: 0 },
      });
      expect(totals.attempts / totals.requests).toBeCloseTo((k - 1) / 0.01 / 400, 2);
    }
  });

  test('envoyAdmissionControl refuses 1 - success rate / threshold, and at most the maximum', () => {
    const refused = (rate: number): number => {
      const { totals } = run({ duration: '200s', warmup: '40s', rate: '200/s', poisson: true, policy: { admission: { type: 'envoyAdmissionControl' } }, faults: [{ target: 's', errors: rate }] });
      return 1 - totals.attempts / totals.requests;
    };
    expect(refused(0.5)).toBeCloseTo(1 - 0.5 / 0.95, 1);
    expect(Math.abs(refused(0.5) - (1 - 0.5 / 0.95))).toBeLessThan(0.02);
    expect(Math.abs(refused(1) - 0.8)).toBeLessThan(fourSigma(0.8, 32_000));
    // A few failures are within the threshold; fluctuations above it refuse a little.
    expect(refused(0.02)).toBeLessThan(0.002);
  });
});

describe('a concurrency limit', () => {
  test.each([['gradient', 3], ['gradient1', 50], ['gradient2', 20], ['vegas', 20], ['aimd', 20]])('%s begins with %d calls in flight', (type, limit) => {
    const { totals } = run({ duration: '2s', rate: '100/s', policy: { concurrencyLimit: { type } }, faults: [{ target: 's', hang: true }] });
    expect(totals.causes).toEqual({ unfinished: limit, overflow: 199 - limit });
  });

  test('aimd goes up to where answers take too long, and down from there', () => {
    // Six slots at 10 ms: with 30 in flight answers take 50 ms, the longest that is no drop; until the first drop is seen each of these has added one.
    const { services, totals } = run({
      duration: '60s', warmup: '10s', rate: '1500/s', poisson: true, policy: { concurrencyLimit: { type: 'aimd', initialLimit: 10, minLimit: 1, timeout: '50ms' } },
      service: { latency: '10ms', concurrency: 6, queue: 'unlimited' },
    });
    expect(services['s']!.busy).toBeGreaterThan(0.85);
    expect(totals.okLatencyMs.max!).toBeGreaterThan(2 * 50);
    expect(totals.okLatencyMs.max!).toBeLessThan(2 * 50 + 10);
    expect(totals.ok + totals.causes.overflow!).toBe(totals.requests);
  });
});

describe('failure accrual', () => {
  const accrual = (failureAccrual: object): Setting => ({ duration: '20s', rate: '100/s', policy: { loadBalancer: 'roundRobin', failureAccrual }, service: { replicas: 2 } });
  const consecutive = { consecutive: { maxFailures: 5, jitterRatio: 0 } };

  test("Linkerd's shuts an endpoint after n failures, and probes it after 1, 2, 4 and 8 s more", () => {
    const result = run({ ...accrual(consecutive), faults: [failing('s/0')] });
    expect([requestsAt(result, 's/0'), result.totals.causes]).toEqual([5 + 4, { error: 9 }]);
    expect(ejectionsOf(result).map(({ kind, endpoint }) => [kind, endpoint])).toEqual([['breakerOpened', 's/0']]);
  });

  test('the first probe that succeeds opens it for all', () => {
    const result = run({ ...accrual(consecutive), faults: [failing('s/0', { for: '10s' })] });
    const [shut, open] = ejectionsOf(result);
    // Of 0.1 s, with probes 1, 3, 7 and 15 s later, each at the next turn of its endpoint.
    expect(result.totals.causes).toEqual({ error: 5 + 3 });
    expect([shut!.atMs <= 101, open!.atMs - shut!.atMs >= 15_000, open!.atMs - shut!.atMs < 15_100]).toEqual([true, true, true]);
  });

  test('429 is no failure, but lowers the success rate of the unified one and fails its probes', () => {
    const faults = [{ target: 's/0', errors: { rate: 1, status: 429 } }];
    expect(requestsAt(run({ ...accrual(consecutive), faults }), 's/0')).toBeGreaterThan(990);
    expect(requestsAt(run({ ...accrual({ unified: { jitterRatio: 0 } }), faults }), 's/0')).toBe(5 + 4);
  });

  test("Finagle's marks dead for 5 s, then for 5 to 10 s, then for 10 to 20 s", () => {
    expect(requestsAt(run({ ...accrual({ finagle: {} }), duration: '19s', faults: [failing('s/0')] }), 's/0')).toBe(5 + 2);
  });
});

describe('a failfast', () => {
  // One failure shuts the only endpoint at 101 ms.
  const policy = (minPenalty: string): object => ({ failureAccrual: { consecutive: { maxFailures: 1, minPenalty, jitterRatio: 0 } }, failfast: {} });

  test('answers those who wait after 3 s, and all who come later at once', () => {
    const { totals } = run({ duration: '10s', rate: '10/s', policy: policy('20s'), faults: [failing('s')] });
    // They come at 0.2, 0.3 ... 3.1 s and leave at 3.2 s.
    const waits = Array.from({ length: 30 }, (_, i) => 3000 - 100 * i).reduce((sum, wait) => sum + wait, 0);
    expect([totals.causes, totals.latencyMs.max]).toEqual([{ error: 1, noEndpoint: 98 }, 3000]);
    expect(totals.latencyMs.mean!).toBeCloseTo((1 + waits) / 99, 6);
  });

  test('lets all go when the probe has passed', () => {
    const { totals } = run({ duration: '10s', rate: '10/s', policy: policy('1s'), faults: [failing('s', { for: '150ms' })] });
    // The first of them, of 0.2 s, is the probe at 1.101 s; the others follow its answer.
    expect([totals.causes, totals.latencyMs.max]).toEqual([{ error: 1 }, 902]);
  });

  test('is off in the middle of a wait when its queue is full', () => {
    const { totals } = run({ duration: '3s', rate: '10/s', policy: { ...policy('20s'), failfast: { capacity: 4 } }, faults: [failing('s')] });
    expect([totals.causes, totals.latencyMs.p50]).toEqual([{ error: 1, noEndpoint: 28 }, 0]);
  });
});

describe('a circuit breaker', () => {
  const options = { slidingWindowSize: 10, minimumNumberOfCalls: 10, waitDurationInOpenState: '5s', permittedNumberOfCallsInHalfOpenState: 3 };
  const setting = (more: object = {}): Setting => ({ duration: '11s', rate: '100/s', policy: { loadBalancer: 'roundRobin', panicThreshold: 0, circuitBreaker: { ...options, ...more } } });

  test('opens with the call that fills its window, and lets three through after each wait', () => {
    const { totals } = run({ ...setting(), faults: [failing('s')] });
    // Open at 0.101 s and, after three failures, at 5.131 and 10.161 s.
    expect([totals.attempts, totals.causes]).toEqual([16, { error: 16, breakerOpen: 1099 - 16 }]);
  });

  test('closes when the three are good', () => {
    const { totals } = run({ ...setting(), faults: [failing('s', { for: '3s' })] });
    // From 0.11 to 5.10 s; at 5.101 s the wait is over.
    expect(totals.causes).toEqual({ error: 10, breakerOpen: 500 });
  });

  test('opens on slow calls as on failed ones', () => {
    const { totals } = run({ ...setting({ slowCallDurationThreshold: '4ms' }), service: { latency: '5ms' } });
    expect([totals.attempts, totals.ok]).toEqual([16, 16]);
  });

  test('of each endpoint takes that endpoint out', () => {
    const result = run({ ...setting({ scope: 'endpoint' }), service: { replicas: 2 }, faults: [failing('s/0')] });
    expect([requestsAt(result, 's/0'), result.totals.causes]).toEqual([16, { error: 16 }]);
  });

  test('goes by whole seconds where its window is time', () => {
    // At most nine calls in the present second and the one before: never enough.
    const slow = { ...setting({ slidingWindowType: 'time', slidingWindowSize: 2 }), faults: [failing('s')] };
    expect(run({ ...slow, rate: '4/s' }).totals.causes).toEqual({ error: 43 });
    // At 1.5 s there are ten: five of the first second, which began at 0, and those of 1 to 1.5 s.
    expect(run({ ...slow, rate: '6/s' }).totals.attempts).toBe(10 + 3);
  });
});

describe('health checks', () => {
  const healthCheck = { interval: '1s', noTrafficInterval: '1s', timeout: '500ms', unhealthyThreshold: 3, healthyThreshold: 2 };
  const setting: Setting = { duration: '60s', rate: '100/s', policy: { loadBalancer: 'roundRobin', panicThreshold: 0, healthCheck }, service: { replicas: 2 } };

  test('take a crashed endpoint out at the third refusal, and bring it back at the second pass', () => {
    const result = run({ ...setting, faults: [{ target: 's/0', at: '10.5s', for: '20s', crash: true }] });
    expect(eventsOf(result)).toEqual([[13_000, 'unhealthy', 's/0'], [32_000, 'healthy', 's/0']]);
    // Every second call of 2.5 s.
    expect(result.totals.causes).toEqual({ connectFailure: 125 });
  });

  test('wait for a hung one to time out each time', () => {
    const result = run({ ...setting, policy: { ...setting.policy, timeout: '1s' }, faults: [{ target: 's/0', at: '10.5s', for: '20s', hang: true }] });
    // Begun at 11, 12.5 and 14 s; the last that fails begins at 30.5 s, or 29 s, as checks come 1.5 s apart.
    expect(eventsOf(result)[0]).toEqual([14_500, 'unhealthy', 's/0']);
  });

  test('see nothing of failing answers, and undo what outlier detection concludes from them', () => {
    const outlierDetection = { consecutive5xx: 5, maxEjectionPercent: 1 };
    const result = run({ ...setting, duration: '3.5s', policy: { ...setting.policy, outlierDetection }, faults: [failing('s/0')] });
    const ejections = result.events.filter(({ kind }) => kind === 'ejected').map(({ atMs }) => Math.ceil(atMs / 100));
    expect(result.events.filter(({ kind }) => kind === 'unejected').map(({ atMs }) => atMs)).toEqual([1000, 2000, 3000]);
    // Five calls of its own, at every 20 ms, after the start and after each check.
    expect(ejections).toEqual([1, 11, 21, 31].map((tenths) => tenths + (ejections[0]! - 1)));
  });
});

describe('hedging', () => {
  const setting = (hedge: object): Setting => ({ duration: '200s', rate: '200/s', policy: { hedge: { max: 1, budget: 1, ...hedge } }, service: { replicas: 2, latency: { exponential: '10ms' } } });

  test('at once takes the faster of two: exponential, of half the mean', () => {
    const { latencyMs, attempts, requests } = run(setting({ after: 0 })).totals;
    expect(attempts).toBe(2 * requests);
    expect(latencyMs.mean! / 5).toBeCloseTo(1, 1);
    expect(Math.abs(latencyMs.mean! / 5 - 1)).toBeLessThan(4 / Math.sqrt(requests));
    expect(Math.abs(latencyMs.p99! / (5 * Math.log(100)) - 1)).toBeLessThan(0.05);
  });

  test('after a delay leaves the delay and the faster of two', () => {
    const { latencyMs, attempts, requests } = run(setting({ after: '10ms' })).totals;
    const late = Math.exp(-1);
    expect(Math.abs(attempts / requests - 1 - late)).toBeLessThan(fourSigma(late, requests));
    expect(Math.abs(latencyMs.mean! / (10 * (1 - late) + 5 * late) - 1)).toBeLessThan(4 / Math.sqrt(requests));
    expect(Math.abs(latencyMs.p99! / (10 + 5 * Math.log(100 * late)) - 1)).toBeLessThan(0.05);
  });

  test('costs no more than its budget', () => {
    const { attempts, requests } = run(setting({ after: 0, budget: 0.05 })).totals;
    expect((attempts - requests) / requests).toBeLessThanOrEqual(0.05);
    expect((attempts - requests) / requests).toBeGreaterThan(0.0495);
  });

  test('passes a slow replica by, though its copy takes the turn of the other, so that round robin begins each call at the slow one', () => {
    const { totals } = run({
      ...setting({ after: '10ms' }), policy: { loadBalancer: 'roundRobin', hedge: { after: '10ms', budget: 1 } }, service: { replicas: 2, latency: '1ms' },
      faults: [{ target: 's/0', latency: { set: '100ms' } }],
    });
    expect([totals.latencyMs.p50, totals.latencyMs.p99, totals.latencyMs.max]).toEqual([11, 11, 11]);
  });
});

describe('a split', () => {
  const policy = { panicThreshold: 0, healthCheck: { interval: '1s', noTrafficInterval: '1s', unhealthyThreshold: 1 } };
  const setting = (split: string): Setting => ({
    duration: '50s', warmup: '3s', rate: '200/s', poisson: true, policy: { ...policy, split },
    service: { routes: [{ split: { s: 3, t: 1 } }] }, others: { t: { latency: '1ms', policy } },
  });

  test.each(['fixed', 'available'])('%s: shares are those of the weights', (mode) => {
    const { services, totals } = run(setting(mode));
    expect(Math.abs(services['t']!.requests / totals.requests - 0.25)).toBeLessThan(fourSigma(0.25, totals.requests));
    expect(services['t']!.requests + services['s']!.requests).toBe(totals.requests);
  });

  const gone = [{ target: 't', at: '500ms', crash: true }];
  test('fixed: calls for a backend without endpoints have none', () => {
    const { totals } = run({ ...setting('fixed'), faults: gone });
    expect(Math.abs(totals.causes.noEndpoint! / totals.requests - 0.25)).toBeLessThan(fourSigma(0.25, totals.requests));
  });

  test('available: it becomes a failover', () => {
    const { services, totals } = run({ ...setting('available'), faults: gone });
    expect([totals.failed, services['s']!.requests]).toEqual([0, totals.requests]);
  });
});

describe('retry budgets', () => {
  const setting = (retries: object): Setting => ({ duration: '9s', rate: '100/s', policy: { retries: { attempts: 3, on: ['5xx'], backoff: 0, ...retries } } });

  test("AWS's quota pays for 100 retries, or for 50 after timeouts, and then for none", () => {
    const retries = (effect: object, more: object = {}): number => run({ ...setting({ budget: { capacity: 500 }, ...more }), faults: [{ target: 's', ...effect }] }).edges['c->s']!.retries;
    expect(retries({ errors: 1 })).toBe(100);
    expect(retries({ hang: true }, { perTryTimeout: '20ms' })).toBe(50);
  });

  test('what a successful retry took is there again', () => {
    // Of every ten calls the first attempt of one fails.
    const { edges } = run({ ...setting({ budget: { capacity: 5, refund: 0 } }), faults: [failing('s', { at: '45ms', for: '5.5ms', repeat: { every: '100ms', times: 80 } })] });
    expect([edges['c->s']!.retries, edges['c->s']!.ok]).toEqual([80, 899]);
  });

  test("tower's pays for a hundred at once, and then for a fifth of what is not retried and ten a second", () => {
    const budget = { type: 'tower', ratio: 0.2, minPerSecond: 10, ttl: '10s' };
    expect(run({ ...setting({ attempts: 'unlimited', budget }), faults: [failing('s')] }).edges['c->s']!.retries).toBe(100);
    const { retries, requests } = run({ ...setting({ attempts: 'unlimited', budget }), duration: '220s', warmup: '20s', rate: '1000/s', faults: [{ target: 's', errors: 0.5 }] }).edges['c->s']!;
    // r = (reserve + calls / 10) / 0.9 a second: of all attempts half deposit a fifth of a retry. The reserve is for 10 to 11 s.
    expect(retries / 200).toBeGreaterThan((100 / 11 + 100) / 0.9 - 1);
    expect(retries / 200).toBeLessThan((100 / 10 + 100) / 0.9 + 1);
    expect(requests).toBe(200_000);
  });

  test("Finagle's pays for a fifth of the calls and ten a second", () => {
    const { retries } = run({ ...setting({ budget: { ratio: 0.2, minPerSecond: 10, ttl: '10s' } }), duration: '220s', warmup: '20s', rate: '1000/s', faults: [failing('s')] }).edges['c->s']!;
    // The reserve is for 9 to 10 s.
    expect(retries / 200).toBeGreaterThan(200 + 100 / 10 - 1);
    expect(retries / 200).toBeLessThan(200 + 100 / 9 + 1);
  });

  test("Envoy's lets a fifth of what is active be retries, and three at least", () => {
    const hung = { ...setting({ attempts: 1, on: ['timeout'], perTryTimeout: '500ms', budget: { percent: 0.2, minConcurrency: 3 } }), duration: '60s', warmup: '10s', faults: [{ target: 's', hang: true }] };
    const { retries, requests } = run(hung).edges['c->s']!;
    // Each attempt takes 500 ms, so 50 are first ones, that which asks included. With 11 retries 61 are active: 12 may be; with 12 there are 62, and no more.
    expect(requests).toBe(5000);
    expect(retries / 50 / 2).toBeGreaterThan(11.9);
    expect(retries / 50 / 2).toBeLessThanOrEqual(12);
  });
});

describe('locality', () => {
  // s/0, s/2 ... are in zone a, the others in b; whoever fails twice is out for good.
  const failureAccrual = { consecutive: { maxFailures: 2, minPenalty: '1000s', maxPenalty: '1000s' } };
  const setting = (locality: unknown, out: readonly number[], more: object = {}): Setting => ({
    duration: '60s', warmup: '10s', rate: '400/s', zones: ['a', 'b'], policy: { loadBalancer: 'roundRobin', failureAccrual, locality, ...more },
    service: { replicas: 8 }, source: { zones: ['a'] }, faults: out.map((endpoint) => failing(`s/${endpoint}`)),
  });
  const n = 20_000;
  const inB = ['s/1', 's/3', 's/5', 's/7'];
  const isNear = (share: number, expected: number): void => expect(Math.abs(share - expected)).toBeLessThanOrEqual(fourSigma(expected, n));

  test.each([[[0], 0], [[0, 2], 0.3], [[0, 2, 4], 0.65], [[0, 2, 4, 6], 1]])('failover: with endpoints %j of four gone %d of the load is for the next zone', (out, share) => {
    const result = run(setting('failover', out));
    expect(result.totals.failed).toBe(0);
    isNear(shareOf(result, inB), share);
  });

  test('failover: zones that can serve it all together do not panic, however bad each is', () => {
    // a can take 70, b 35.
    const result = run(setting('failover', [0, 2, 1, 3, 5], { panicThreshold: 0.5 }));
    isNear(shareOf(result, ['s/7']), 0.3);
    expect([result.totals.failed, result.edges['c->s']!.panicMs]).toEqual([0, 0]);
  });

  test('failover: when all zones panic the load goes by endpoints, ready or not', () => {
    const result = run(setting('failover', [0, 2, 4, 6, 1, 3, 5], { panicThreshold: 0.5 }));
    isNear(shareOf(result, inB), 0.5);
    for (const endpoint of inB) isNear(shareOf(result, [endpoint]), 0.125);
    isNear(result.totals.ok / result.totals.requests, 0.125);
    expect(result.edges['c->s']!.panicMs).toBe(50_000);
  });

  test('failover: without a panic threshold there is nobody', () => {
    expect(run(setting('failover', [0, 1, 2, 3, 4, 5, 6, 7])).totals.causes).toEqual({ noEndpoint: n });
  });

  test('weighted: a zone has its weight as far as 1.4 times its ready endpoints go', () => {
    expect(shareOf(run(setting({ mode: 'weighted', weights: { a: 1, b: 1 } }, [0, 2])), inB)).toBeCloseTo(1 / 1.7, 3);
    expect(shareOf(run(setting({ mode: 'weighted', weights: { a: 3, b: 1 } }, [0])), inB)).toBeCloseTo(0.25, 3);
  });

  test('zoneAware: zones with fewer endpoints than callers send the rest away, so that all endpoints have the same', () => {
    const result = run({ ...setting('zoneAware', []), service: { replicas: 6, zones: ['a', 'b', 'b'] }, source: { zones: ['a', 'b'], clients: 2 } });
    isNear(shareOf(result, ['s/0', 's/3']), 1 / 3);
  });
});

describe('slow start', () => {
  test.each([[1, (age: number) => age], [2, (age: number) => Math.sqrt(age)]])('an endpoint that is back has its weight by its age, with aggression %d', (aggression, weightAt) => {
    // Back at the check of 25 s, for the 10 s of its window; the window of the others is over.
    const result = run({
      duration: '35s', warmup: '25s', rate: '2000/s',
      policy: { loadBalancer: 'roundRobin', panicThreshold: 0, slowStart: { window: '10s', aggression }, healthCheck: { interval: '1s', noTrafficInterval: '1s', unhealthyThreshold: 1, healthyThreshold: 1 } },
      service: { replicas: 4 }, faults: [{ target: 's/0', at: '20.5s', for: '4s', crash: true }],
    });
    let share = 0;
    for (let i = 0; i < 1000; i++) {
      const weight = Math.max(0.1, weightAt((i + 0.5) / 1000));
      share += weight / (weight + 3) / 1000;
    }
    expect(shareOf(result, ['s/0']) / share).toBeCloseTo(1, 2);
  });
});

describe('outlier detection', () => {
  test('a success rate far below the others is ejected at the first sweep, for one sweep more than its time', () => {
    // Of ten one at 80 %: mean 98, deviation 6, threshold 98 - 1.9 x 6 = 86.6.
    const result = run({
      duration: '45s', rate: '500/s', policy: { loadBalancer: 'roundRobin', outlierDetection: { consecutive5xx: 0 } }, service: { replicas: 10 }, faults: [{ target: 's/3', errors: 0.2, for: '15s' }],
    });
    expect(eventsOf(result)).toEqual([[10_000, 'ejected', 's/3'], [40_000, 'unejected', 's/3']]);
  });

  test('nine endpoints are too few for 10 %, ten lose one', () => {
    const ejectedOf = (replicas: number): number =>
      run({ duration: '20s', rate: '500/s', policy: { loadBalancer: 'roundRobin', outlierDetection: {} }, service: { replicas }, faults: [failing('s/0'), failing('s/1')] }).edges['c->s']!.ejections;
    expect([ejectedOf(9), ejectedOf(10)]).toEqual([0, 1]);
  });
});
