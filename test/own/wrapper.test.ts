import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AttemptFailed, OwnPolicyError, parseScenario, simulate, simulateAsync, type WrapperFactory } from '../../src/index.ts';
import { EPOCH_MS } from '../../src/own/virtual-time.ts';
import { arbPart } from '../../src/check/arbitrary/policy.ts';
import { line, plainly, planWith, retrying, runWaiting, runWith, sleep } from './support.ts';

const some = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const fault = fc.tuple(
  fc.constantFrom<object>({ target: 'cart/0', crash: true }, { target: 'cart', pause: true }, { target: 'cart/1', hang: true }, { target: 'cart', errors: '50%' }, { target: 'cart', reset: '40%' }, { target: 'shop->cart', partition: true }, { target: 'shop->cart', loss: '30%' }),
  fc.integer({ min: 0, max: 800 }),
  fc.integer({ min: 1, max: 500 }),
).map(([what, at, length]) => ({ ...what, at: `${at}ms`, for: `${length}ms` }));
const mesh = fc.record({
  seed: fc.nat(),
  network: fc.constantFrom<object>({}, { latency: '1ms' }, { latency: { exponential: '2ms' } }),
  cart: fc.record({ replicas: fc.integer({ min: 2, max: 4 }), concurrency: fc.integer({ min: 1, max: 4 }), queue: fc.constantFrom<number | string>(0, 3, 'unlimited') }),
  policy: fc.record({ loadBalancer: some(arbPart('loadBalancer')), connectionPool: some(arbPart('connectionPool') as fc.Arbitrary<object>), outlierDetection: some(arbPart('outlierDetection')) }),
  faults: fc.array(fault, { maxLength: 3 }),
});
const scenarioOf = ({ cart, faults, network, policy, seed }: typeof mesh extends fc.Arbitrary<infer T> ? T : never, more: object): Readonly<Record<string, unknown>> => ({
  seed, duration: '1s', network, faults,
  services: {
    front: { replicas: 2, latency: '1ms', calls: ['cart'] },
    cart: { latency: { exponential: '6ms' }, ...cart, policy: { ...policy, ...more } },
  },
  traffic: [{ to: 'front', rate: '100/s' }, { to: 'cart', name: 'shop', rate: '60/s' }],
});

describe('a wrapper', () => {
  it('that only makes the call leaves the run as it would be without one', async () => {
    await fc.assert(
      fc.asyncProperty(mesh, async (one) => {
        const without = runWith(scenarioOf(one, {}));
        const wrapped = await runWaiting(scenarioOf(one, { wrapper: 'ours' }), { wrappers: { ours: plainly } });
        for (const part of ['totals', 'edges', 'services', 'endpoints', 'traffic', 'events', 'faults'] as const) expect(wrapped[part], part).toEqual(without[part]);
      }),
      { numRuns: 40 },
    );
  });

  it('that retries after a while does what retries of ours do', async () => {
    await fc.assert(
      fc.asyncProperty(mesh, fc.integer({ min: 1, max: 4 }), async (one, times) => {
        const on = ['5xx', 'retriable4xx', 'connectFailure', 'overload', 'reset'];
        // A limit of retries at once is the engine's.
        const connectionPool = one.policy.connectionPool === undefined ? {} : { connectionPool: { ...one.policy.connectionPool, maxRetries: 'unlimited' } };
        const ours = runWith(scenarioOf(one, { ...connectionPool, retries: { attempts: times, on, backoff: { base: '3ms', max: '3ms', jitter: 'none' } } }));
        const wrapped = await runWaiting(scenarioOf(one, { wrapper: 'ours' }), { wrappers: { ours: retrying(times, 3) } });
        // What never begins (nobody ready, a full pool) is no failed attempt to the engine, and one to code.
        fc.pre(Object.values(ours.edges).every(({ causes }) => causes['overflow'] === undefined && causes['noEndpoint'] === undefined));
        for (const part of ['totals', 'edges', 'services', 'endpoints'] as const) expect(wrapped[part], part).toEqual(ours[part]);
      }),
      { numRuns: 40 },
    );
  });

  it('may wait, and sees the time of the run', async () => {
    const times: number[] = [];
    const waiting: WrapperFactory = () => ({
      call: async (attempt) => {
        const began = Date.now();
        await sleep(30);
        times.push(began - EPOCH_MS, Date.now() - began, performance.now());
        return attempt();
      },
    });
    const { totals } = await runWaiting(line({ every: '1000ms', duration: '3s', policy: { wrapper: 'ours' } }), { wrappers: { ours: waiting } });
    expect(times).toEqual([1000, 30, 1030, 2000, 30, 2030]);
    expect(totals).toMatchObject({ requests: 2, ok: 2 });
    expect(totals.latencyMs.max).toBe(40);
  });

  it('may leave attempts running, which take their slots and are counted while the call is over', async () => {
    // Gives up after 20 ms and does not cancel; the endpoint takes 100 ms.
    const impatient: WrapperFactory = () => ({ call: (attempt) => Promise.race([attempt(), sleep(20).then(() => Promise.reject(new DOMException('late', 'TimeoutError')))]) });
    const cancelling: WrapperFactory = () => ({ call: (attempt) => attempt({ signal: AbortSignal.timeout(20) }) });
    const scenario = line({ every: '50ms', duration: '5s', service: { latency: '100ms', concurrency: 1, onCancel: 'stop' }, policy: { wrapper: 'ours' } });
    const [left, cancelled] = [await runWaiting(scenario, { wrappers: { ours: impatient } }), await runWaiting(scenario, { wrappers: { ours: cancelling } })];
    for (const { totals } of [left, cancelled]) {
      expect(totals.causes).toEqual({ timeout: totals.requests });
      expect(totals.latencyMs.max).toBe(20);
    }
    // Twice the work that the endpoint can do, and half of what it can.
    expect(left.endpoints['cart/0']!.busy).toBeGreaterThan(0.97);
    expect(cancelled.endpoints['cart/0']!.busy).toBeCloseTo(0.4, 1);
  });

  it('may begin attempts for a call that is over', async () => {
    const relentless: WrapperFactory = () => ({
      call: (attempt) => {
        const all = (async () => {
          for (let i = 0; i < 3; i++) await attempt().catch(() => sleep(50));
        })();
        return Promise.race([all, sleep(20).then(() => 'a fallback')]);
      },
    });
    const { endpoints, totals } = await runWaiting(line({ every: '1000ms', duration: '5s', service: { errors: '100%' }, policy: { wrapper: 'ours' } }), { wrappers: { ours: relentless } });
    expect(totals).toMatchObject({ requests: 4, ok: 4, attempts: 4 });
    expect(totals.latencyMs.max).toBe(20);
    expect(endpoints['cart/0']!.attempts).toBe(12);
  });

  it('hears when its own caller gives up', async () => {
    const heard: string[] = [];
    const listening: WrapperFactory = () => ({
      call: (attempt, { signal }) => {
        signal.addEventListener('abort', () => heard.push(`${Date.now() - EPOCH_MS}`));
        return attempt({ signal });
      },
    });
    const { services } = await runWaiting(
      {
        duration: '3s',
        services: { front: { replicas: 1, latency: '0ms', onCancel: 'stop', calls: ['cart'] }, cart: { replicas: 1, latency: '500ms', onCancel: 'stop', policy: { wrapper: 'ours' } } },
        traffic: [{ to: 'front', rate: '1/s', arrivals: 'uniform', policy: { timeout: '100ms' } }],
      },
      { wrappers: { ours: listening } },
    );
    expect(heard).toEqual(['1100', '2100']);
    expect(services['cart']!.causes).toEqual({ unfinished: 2 });
  });

  it('keeps the deadline of its caller', async () => {
    const never: WrapperFactory = () => ({ call: () => new Promise(() => setTimeout(() => {}, 1e9)) });
    const { services } = await runWaiting(
      {
        duration: '3s',
        services: { front: { replicas: 1, latency: '0ms', calls: ['cart'] }, cart: { replicas: 1, latency: '1ms', policy: { wrapper: 'ours' } } },
        traffic: [{ to: 'front', rate: '1/s', arrivals: 'uniform', policy: { timeout: '100ms', deadline: 'propagate' } }],
      },
      { wrappers: { ours: never } },
    );
    expect(services['cart']!.causes).toEqual({ timeout: 2 });
  });

  it('has one instance for each caller endpoint, whatever the order in which they call', async () => {
    const made: string[] = [];
    const counting: WrapperFactory = ({ caller, edge }) => {
      made.push(`${edge} ${caller}`);
      return plainly({ caller, edge });
    };
    await runWaiting({ duration: '1s', services: { front: { replicas: 3, latency: '1ms', calls: ['cart'] }, cart: { replicas: 1, latency: '1ms', policy: { wrapper: 'ours' } } }, traffic: [{ to: 'front', rate: '10/s' }] }, { wrappers: { ours: counting } });
    expect(made).toEqual(['front->cart 0', 'front->cart 1', 'front->cart 2']);
  });
});

describe('a run with a wrapper', () => {
  const random: WrapperFactory = () => ({
    call: async (attempt) => {
      for (;;) {
        try {
          return await attempt();
        } catch (failure) {
          if (Math.random() < 0.3) throw failure;
          await sleep(Math.random() * 50);
        }
      }
    },
  });
  const scenario = line({ every: '10ms', duration: '20s', service: { errors: '30%', latency: { exponential: '10ms' } }, policy: { wrapper: 'ours' } });

  it('is the same under the same seed, also beside other runs', async () => {
    const alone = await runWaiting(scenario, { wrappers: { ours: random } });
    const together = await Promise.all([1, 2, 3].map((seed) => runWaiting({ ...scenario, seed }, { wrappers: { ours: random } })));
    expect(together[0]!.digest).toBe(alone.digest);
    expect(together[1]!.digest).not.toBe(alone.digest);
    expect(alone.totals.amplification).toBeGreaterThan(1.2);
  });

  it('takes no longer for a million seconds than for what happens in them', async () => {
    const began = performance.now();
    const { endedAtMs, totals } = { endedAtMs: performance.now(), ...(await runWaiting(line({ every: '10000000ms', duration: '1000000s', policy: { wrapper: 'ours' } }), { wrappers: { ours: random } })) };
    expect(totals.requests).toBe(99);
    expect(endedAtMs - began).toBeLessThan(10_000);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('finds its warm-up by itself', async () => {
    const { plan } = parseScenario(JSON.stringify({ ...scenario, warmup: 'auto' }), { policies: { wrappers: { ours: random } } });
    expect((await simulateAsync(plan!, { policies: { wrappers: { ours: random } } })).totals.requests).toBeGreaterThan(500);
  });

  it('can be stopped', async () => {
    const policies = { wrappers: { ours: random } };
    const { complete } = await simulateAsync(planWith(scenario, policies), { policies, control: { onProgress: ({ nowNs }) => nowNs > 5e9 } });
    expect(complete).toBe(false);
  });

  it('is refused where nobody could wait for it', () => {
    const policies = { wrappers: { ours: plainly } };
    expect(() => simulate(planWith(scenario, policies), { policies })).toThrow('`simulateAsync`');
    expect(() => simulate(planWith(scenario, policies))).toThrow('pass it as `policies: { wrappers: { ours } }`');
    expect(() => simulate(planWith(scenario, policies), { policies, recordTo: '/nowhere/tape' })).toThrow('a recording is replayed without any');
  });
});

describe('what code does wrong', () => {
  const said = async (wrapper: WrapperFactory, more: object = {}): Promise<string> => {
    const failure = await runWaiting(line({ every: '1000ms', duration: '3s', policy: { wrapper: 'ours' }, ...more }), { wrappers: { ours: wrapper } }).then(() => null, (error: unknown) => error);
    expect(failure).toBeInstanceOf(OwnPolicyError);
    return (failure as OwnPolicyError).message;
  };

  it.each<readonly [string, WrapperFactory, string]>([
    ['throws', () => ({ call: () => { throw new TypeError('no such thing'); } }), 'wrapping a call at 1 s, threw: TypeError: no such thing'],
    ['is rejected with an error of its own', () => ({ call: async (attempt) => { await attempt(); throw new RangeError('of its own'); } }), 'wrapping a call at 1.01 s, threw: RangeError: of its own'],
    ['throws in a timer', () => ({ call: (attempt) => { setTimeout(() => { throw new Error('late'); }, 5); return attempt(); } }), 'in a timer at 1.005 s, threw: Error: late'],
    ['throws as it is made', () => { throw new Error('unmade'); }, 'made before the run at 0 s, threw: Error: unmade'],
    ['names an outcome that there is not', () => ({ call: () => Promise.reject(new Error('x')), outcomeOf: () => 'odd' as 'ok' }), 'saying what a call came to at 1 s, returned `odd`; outcomes are ok, error,'],
    ['never stops', () => retrying(Infinity)({ edge: '', caller: 0 }), 'wrapping a call at 1 s, has made 100000 attempts of it, and goes on'],
    ['waits for nothing', () => ({ call: () => new Promise(() => {}) }), 'at the end of the run at 3 s, has 2 calls open'.replace('3 s', '33 s')],
  ])('one that %s is told with decision and time', async (_, wrapper, message) => {
    const isEndless = message.includes('100000');
    expect(await said(wrapper, isEndless ? { faults: [{ name: 'gone', at: '0s', for: '3s', target: 'cart', crash: true }] } : {})).toContain(`the wrapper \`ours\` (edge shop->cart, caller 0), ${message}`);
  });

  it('a policy that errors with an answer as its value ends the call as that answer', async () => {
    const returning: WrapperFactory = () => ({ call: (attempt) => attempt().catch((failure: unknown) => failure) });
    const { totals } = await runWaiting(line({ every: '1000ms', duration: '3s', service: { errors: '100%' }, policy: { wrapper: 'ours' } }), { wrappers: { ours: returning } });
    expect(totals.causes).toEqual({ error: 2 });
  });

  it('an attempt that failed says how', async () => {
    const seen: unknown[] = [];
    const looking: WrapperFactory = () => ({
      call: (attempt) => attempt().catch((failure: unknown) => {
        if (failure instanceof AttemptFailed) seen.push([failure.outcome, failure.status, failure.code]);
        throw failure;
      }),
    });
    await runWaiting(line({ every: '1000ms', duration: '3s', service: { errors: '100%' }, policy: { wrapper: 'ours' }, faults: [{ name: 'gone', at: '1500ms', for: '10s', target: 'cart', crash: true }] }), { wrappers: { ours: looking } });
    expect(seen).toEqual([['error', 500, undefined], ['connectFailure', 0, 'ECONNREFUSED']]);
  });
});

describe('a scenario that names a wrapper', () => {
  const problemsOf = (policy: object, passed = true) => parseScenario(JSON.stringify(line({ policy })), passed ? { policies: { wrappers: { ours: plainly } } } : {}).problems;

  it('is refused where the code did not come with it', () => {
    expect(problemsOf({ wrapper: 'ours' }, false)).toMatchObject([{ code: 'unknown-reference', path: 'services.cart.policy.wrapper', hint: 'pass it: parseScenario(text, { policies: { wrappers: { ours } } })' }]);
    expect(problemsOf({ wrapper: 'oars' })).toMatchObject([{ code: 'unknown-reference', hint: 'did you mean `ours`?', allowed: ['ours'] }]);
  });

  it('is refused where its calls would be split', () => {
    const split = (wrapper?: string): object => ({
      duration: '1s',
      services: { cart: { replicas: 1, latency: '1ms', routes: [{ split: { one: 1, two: 1 } }], ...(wrapper === undefined ? {} : { policy: { wrapper } }) }, one: { replicas: 1, latency: '1ms' }, two: { replicas: 1, latency: '1ms' } },
      traffic: [{ to: 'cart', rate: '1/s' }],
    });
    const problemsIn = (scenario: object) => parseScenario(JSON.stringify(scenario), { policies: { wrappers: { ours: plainly } } }).problems;
    expect(problemsIn(split('ours'))).toMatchObject([{ code: 'contradiction', path: 'services.cart.routes' }]);
    expect(problemsIn(split())).toEqual([]);
  });

  it.each(['timeout', 'retries', 'hedge', 'failfast', 'circuitBreaker', 'admission', 'concurrencyLimit', 'rateLimit'])('is refused beside %s, which decides about the same calls', (key) => {
    const value = { timeout: '1s', retries: 2, hedge: '50ms', failfast: '3s', circuitBreaker: {}, admission: 'googleSre', concurrencyLimit: 'gradient', rateLimit: '10/s' }[key];
    expect(problemsOf({ wrapper: 'ours', [key]: value })).toMatchObject([{ code: 'contradiction', path: `services.cart.policy.${key}` }]);
  });
});
