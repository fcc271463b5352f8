import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EndpointView, type OwnBalancerFactory, OwnPolicyError, type PickRequest, parseScenario, simulate } from '../../src/index.ts';
import { arbPart } from '../../src/check/arbitrary/policy.ts';
import { line, planWith, runWaiting, runWith, sleep } from './support.ts';

const random: OwnBalancerFactory = () => ({ pick: (ready, _request, _now, chance) => ready[Math.floor(chance() * ready.length)]!.index });
const first: OwnBalancerFactory = () => ({ pick: (ready) => ready[0]!.index });

const some = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const mesh = fc.record({
  seed: fc.nat(),
  replicas: fc.integer({ min: 1, max: 5 }),
  policy: fc.record<Record<string, unknown>>({
    connectionPool: some(arbPart('connectionPool')), outlierDetection: some(arbPart('outlierDetection')), failureAccrual: some(arbPart('failureAccrual')),
    healthCheck: some(arbPart('healthCheck')), retries: some(arbPart('retries')), locality: some(arbPart('locality', ['a', 'b'])),
  }),
  faults: fc.array(fc.record({ target: fc.constantFrom('cart', 'cart/0'), errors: fc.constantFrom('30%', '100%'), at: fc.constantFrom('100ms', '400ms'), for: fc.constant('500ms') }), { maxLength: 2 }),
});
const scenarioOf = ({ faults, policy, replicas, seed }: typeof mesh extends fc.Arbitrary<infer T> ? T : never, loadBalancer: unknown): Readonly<Record<string, unknown>> => ({
  seed, duration: '1s', zones: ['a', 'b'], faults,
  services: { front: { replicas: 2, latency: '1ms', calls: ['cart'] }, cart: { replicas, latency: { exponential: '6ms' }, policy: { ...policy, loadBalancer } } },
  traffic: [{ to: 'front', rate: '200/s' }],
});

describe('a balancer of its own', () => {
  it('that picks uniformly picks as `random` does, whatever the rest of the policy', () => {
    fc.assert(
      fc.property(mesh, (one) => {
        // With a locality, `random` takes the draw that chose the zone for the endpoint, too.
        fc.pre(one.policy['locality'] === undefined || one.policy['locality'] === 'none');
        expect(runWith(scenarioOf(one, { own: 'ours' }), { balancers: { ours: random } }).digest).toBe(runWith(scenarioOf(one, 'random')).digest);
      }),
      { numRuns: 40 },
    );
  });

  it('picks only among those that are ready, with any locality, and hears of each attempt once', () => {
    fc.assert(
      fc.property(mesh, (one) => {
        let [picked, finished] = [0, 0];
        const careful: OwnBalancerFactory = ({ endpoints }) => {
          const out = new Set<number>();
          return {
            pick: (ready, request, now, chance) => {
              picked++;
              expect(ready.length).toBeGreaterThan(0);
              // Nobody panics.
              expect(ready.filter(({ index }) => out.has(index))).toEqual([]);
              for (const { active } of ready) expect(active).toBeGreaterThanOrEqual(0);
              return random({ edge: '', caller: 0, endpoints }).pick(ready, request, now, chance);
            },
            finished: (_endpoint, { latencyMs }) => {
              finished++;
              expect(latencyMs).toBeGreaterThanOrEqual(0);
            },
            ejected: (endpoint) => {
              expect(out.has(endpoint)).toBe(false);
              out.add(endpoint);
            },
            returned: (endpoint) => expect(out.delete(endpoint)).toBe(true),
          };
        };
        const { totals } = runWith(scenarioOf({ ...one, policy: { ...one.policy, panicThreshold: '0%' } }, { own: 'ours' }), { balancers: { ours: careful } });
        expect(totals.requests).toBeGreaterThan(100);
        expect(finished).toBeLessThanOrEqual(picked);
      }),
      { numRuns: 40 },
    );
  });

  it('is told of endpoints, requests and outcomes in plain words', () => {
    const made: unknown[] = [];
    const asked: [PickRequest, readonly EndpointView[], number][] = [];
    const heard: unknown[] = [];
    const watching: OwnBalancerFactory = (about) => {
      made.push([about.edge, about.caller, about.endpoints.map(({ name, weight, zone }) => `${name} ${weight} ${zone}`)]);
      return {
        pick: (ready, request, now) => {
          asked.push([request, ready, now]);
          return ready[request.attempt % ready.length]!.index;
        },
        finished: (...args) => heard.push(args),
      };
    };
    runWith(
      {
        duration: '1500ms', zones: ['east', 'west'],
        services: { cart: { replicas: 2, weights: [1, 3], latency: '10ms', errors: '100%', policy: { loadBalancer: { own: 'ours' }, retries: { attempts: 1, avoidPrevious: true, backoff: { base: '5ms', jitter: 'none' } } } } },
        traffic: [{ to: 'cart', name: 'shop', rate: '1/s', arrivals: 'uniform' }],
      },
      { balancers: { ours: watching } },
    );
    expect(made).toEqual([['shop->cart', 0, ['cart/0 1 east', 'cart/1 3 west']]]);
    expect(asked.map(([{ attempt, previous, tries }, ready, now]) => [attempt, previous, tries, ready.length, now])).toEqual([[1, null, 0, 2, 1000], [2, 1, 0, 2, 1015]]);
    expect(new Set(asked.map(([{ hashKey }]) => hashKey)).size).toBe(1);
    expect(heard).toEqual([[1, { outcome: 'error', status: 500, latencyMs: 10 }, 1010], [0, { outcome: 'error', status: 500, latencyMs: 10 }, 1025]]);
  });

  it('may use clocks and chance of the platform, which are those of the run', () => {
    const careless: OwnBalancerFactory = () => ({
      pick: (ready, _request, now) => {
        expect(performance.now()).toBe(now);
        return ready[Math.floor(Math.random() * ready.length)]!.index;
      },
    });
    const scenario = line({ service: { replicas: 4 }, policy: { loadBalancer: { own: 'ours' } } });
    const [one, two] = [runWith(scenario, { balancers: { ours: careless } }), runWith(scenario, { balancers: { ours: careless } })];
    expect(one.digest).toBe(two.digest);
    expect(Object.values(one.endpoints).every(({ attempts }) => attempts > 5)).toBe(true);
  });

  it('may set timers where the run waits for them', async () => {
    const lazy: OwnBalancerFactory = () => {
      let turn = 0;
      return {
        pick: (ready) => {
          setTimeout(() => turn++, 50);
          return turn % ready.length;
        },
      };
    };
    const scenario = line({ every: '1000ms', duration: '5s', service: { replicas: 2 }, policy: { loadBalancer: { own: 'ours' } } });
    const { endpoints } = await runWaiting(scenario, { balancers: { ours: lazy } });
    expect([endpoints['cart/0']!.attempts, endpoints['cart/1']!.attempts]).toEqual([2, 2]);
    expect(() => runWith(scenario, { balancers: { ours: lazy } })).toThrow('timers need a run that waits for them: simulateAsync');
    await sleep(1);
  });
});

describe('what a balancer does wrong', () => {
  it.each<readonly [string, OwnBalancerFactory, string]>([
    ['an endpoint that there is not', () => ({ pick: () => 7 }), 'picking for attempt 1 of a call at 0.1 s, picked `7`, which is no endpoint; ready are 0, 1, 2'],
    ['a fraction', () => ({ pick: () => 0.5 }), 'picked `0.5`, which is no endpoint'],
    ['a text', () => ({ pick: () => '0' as unknown as number }), 'picked `0`, which is no endpoint'],
    ['nothing', () => ({ pick: () => undefined as unknown as number }), 'picked `undefined`, which is no endpoint'],
    ['somebody who is out', () => ({ pick: () => 0 }), 'picked cart/0, which is not ready; ready are 1, 2'],
  ])('is told where it picks %s', (_, ours, message) => {
    const scenario = line({
      duration: '3s', service: { replicas: 3 }, policy: { loadBalancer: { own: 'ours' }, outlierDetection: { consecutive5xx: 2, maxEjectionPercent: '100%' }, panicThreshold: '0%' },
      faults: [{ name: 'sick', at: '1s', for: '2s', target: 'cart/0', errors: '100%' }],
    });
    const run = (): unknown => runWith(scenario, { balancers: { ours } });
    expect(run).toThrow(OwnPolicyError);
    expect(run).toThrow(`the balancer \`ours\` (edge shop->cart, caller 0), `);
    expect(run).toThrow(message);
  });

  it.each<readonly [string, OwnBalancerFactory, string]>([
    ['picks', () => ({ pick: () => { throw new TypeError('unready'); } }), 'picking for attempt 1 of a call at 0.1 s, threw: TypeError: unready'],
    ['is made', () => { throw new Error('unmade'); }, 'made before the run at 0 s, threw: Error: unmade'],
    ['hears', () => ({ ...first({ edge: '', caller: 0, endpoints: [] }), finished: () => { throw new Error('deaf'); } }), 'hearing that an attempt to cart/0 is over at 0.11 s, threw: Error: deaf'],
  ])('is told where it throws as it %s', (_, ours, message) => {
    const run = (): unknown => runWith(line({ policy: { loadBalancer: { own: 'ours' } } }), { balancers: { ours } });
    expect(run).toThrow(message);
    expect(Math.random()).not.toBe(Math.random());
  });
});

describe('a scenario that names a balancer', () => {
  const policies = { balancers: { ours: first } };
  const textOf = (loadBalancer: unknown, preset?: string): string => JSON.stringify(line({ policy: { ...(preset === undefined ? {} : { preset }), loadBalancer } }));

  it('is refused where the code did not come with it, or is not named', () => {
    expect(parseScenario(textOf({ own: 'ours' })).problems).toMatchObject([{ code: 'unknown-reference', path: 'services.cart.policy.loadBalancer.own' }]);
    expect(parseScenario(textOf({ own: 'ours', choices: 2 }), { policies }).problems).toMatchObject([{ code: 'unknown-key' }]);
    expect(() => simulate(planWith(line({ policy: { loadBalancer: { own: 'ours' } } }), policies))).toThrow('the edge shop->cart names `ours`, which is code');
  });

  it.each(['envoy', 'istio', 'linkerd', 'grpc', 'finagle'])('may have it in place of that of the preset %s', (preset) => {
    const { plan, resolved } = parseScenario(textOf({ own: 'ours' }, preset), { policies });
    expect(plan!.edges[0]!.policy.loadBalancer).toEqual({ kind: 'own', options: { name: 'ours' } });
    expect(parseScenario(JSON.stringify(resolved), { policies }).plan).toEqual(plan);
  });
});
