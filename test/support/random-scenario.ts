/** Small scenarios of every kind, as objects that are also YAML. All of them are valid. */
import fc from 'fast-check';
import {
  admission, circuitBreaker, concurrencyLimit, connectionPool, failfast, failureAccrual, healthCheck, hedge, loadBalancer, localityOf, ms, outlierDetection, percent, preset, rateLimit, retriesWith, slowStart,
} from './random-policy.ts';

export type ScenarioObject = Readonly<Record<string, unknown>>;

const some = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });

const distribution: fc.Arbitrary<unknown> = fc.oneof(
  ms(0, 30),
  fc.record({ exponential: ms(1, 30) }),
  fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 2, max: 8 })).map(([median, factor]) => ({ p50: `${median}ms`, p99: `${median * factor}ms` })),
  fc.tuple(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 1, max: 20 })).map(([low, width]) => ({ uniform: [`${low}ms`, `${low + width}ms`] })),
  fc.record({ gamma: fc.record({ mean: ms(1, 20), shape: fc.constantFrom(0.5, 2) }) }),
  fc.record({ normal: fc.record({ mean: ms(5, 20), stddev: ms(1, 5) }) }),
);

const errors = fc.oneof(percent(1, 60), fc.record({ rate: percent(1, 60), status: fc.constantFrom(500, 503, 409), after: ms(0, 3) }));

const ZONES = ['a', 'b'] as const;

/** In one policy of four: with all of them at once nothing would get through. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const policy = fc.record({
  preset: seldom(preset),
  loadBalancer: some(loadBalancer),
  timeout: some(ms(61, 400)),
  deadline: fc.constantFrom('ignore', 'propagate'),
  // Shorter than any timeout of a whole call.
  retries: some(retriesWith(fc.oneof(fc.constant('none'), ms(3, 60)))),
  hedge: seldom(hedge),
  connectionPool: seldom(connectionPool),
  outlierDetection: seldom(outlierDetection),
  failureAccrual: seldom(failureAccrual),
  failfast: seldom(failfast),
  circuitBreaker: seldom(circuitBreaker),
  healthCheck: seldom(healthCheck),
  rateLimit: seldom(rateLimit),
  admission: seldom(admission),
  concurrencyLimit: seldom(concurrencyLimit),
  panicThreshold: some(fc.oneof(fc.constant('0%'), percent(0, 100))),
  // Where there are two zones, and where there are none.
  locality: seldom(fc.tuple(localityOf(ZONES), localityOf([]))),
  split: some(fc.constantFrom('fixed', 'available')),
  slowStart: seldom(slowStart),
  proxy: some(fc.record({ overhead: ms(0, 2) })),
});

const service = fc.record({
  replicas: fc.integer({ min: 1, max: 4 }),
  concurrency: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant('unlimited')),
  queue: fc.record({ limit: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.constant('unlimited')), discipline: fc.constantFrom('fifo', 'lifo'), timeout: some(ms(5, 100)) }),
  latency: distribution,
  errors: some(errors),
  onCancel: fc.constantFrom('continue', 'dropQueued', 'stop'),
  startup: fc.constantFrom(0, '200ms'),
});

const traffic = fc.record({
  load: fc.oneof(
    fc.record({ rate: fc.integer({ min: 5, max: 200 }).map((rate) => `${rate}/s`), arrivals: fc.constantFrom('poisson', 'uniform', { gamma: { cv: 2 } }) }),
    fc.record({ users: fc.integer({ min: 1, max: 20 }), thinkTime: fc.constantFrom('50ms', { exponential: '100ms' }) }),
    fc.integer({ min: 20, max: 300 }).map((rate) => ({ profile: [{ at: 0, rate: '20/s' }, { at: '500ms', rate: `${rate}/s`, step: true }, { at: '1s', rate: '10/s' }] })),
  ),
  clients: fc.integer({ min: 1, max: 3 }),
  requests: fc.constantFrom(undefined, [{ name: 'list', weight: 3 }, { name: 'buy', weight: 1, method: 'POST' }]),
});

const endpointEffect: fc.Arbitrary<ScenarioObject> = fc.oneof(
  fc.record({ latency: fc.oneof(fc.record({ add: distribution }), fc.record({ multiply: fc.constantFrom(0.5, 3, 10) }), fc.record({ set: distribution })) }),
  fc.record({ errors }),
  ...['crash', 'pause', 'hang'].map((effect) => fc.constant({ [effect]: true })),
  fc.record({ reset: percent(1, 60) }),
  fc.record({ capacity: percent(0, 90) }),
  fc.record({ firstCalls: fc.integer({ min: 1, max: 20 }) }),
);
const edgeEffect: fc.Arbitrary<ScenarioObject> = fc.oneof(
  fc.record({ latency: fc.record({ add: distribution }) }),
  fc.record({ loss: percent(1, 30) }),
  fc.constant({ partition: true }),
  fc.record({ reset: percent(1, 60) }),
);
const fault = fc.record({
  at: ms(0, 900),
  for: some(ms(1, 600)),
  repeat: fc.boolean(),
  onEdge: fc.boolean(),
  where: fc.nat(),
  single: fc.boolean(),
  endpointEffects: fc.array(endpointEffect, { minLength: 1, maxLength: 2 }),
  edgeEffects: fc.array(edgeEffect, { minLength: 1, maxLength: 2 }),
});

/** Weights of the service itself and of others. */
const split = fc.record({ own: fc.option(fc.integer({ min: 0, max: 3 })), others: fc.array(fc.record({ to: fc.nat(), weight: fc.integer({ min: 1, max: 3 }) }), { minLength: 1, maxLength: 2 }) });

const step = fc.record({ to: fc.nat(), probability: fc.constantFrom(undefined, '40%'), optional: fc.boolean(), times: fc.integer({ min: 1, max: 3 }), parallel: fc.boolean() });

/** One to four services that call only later ones, one or two sources, up to three faults; about a second of time. */
export const randomScenario: fc.Arbitrary<ScenarioObject> = fc
  .record({
    seed: fc.integer({ min: 0, max: 1_000_000 }),
    warmup: fc.constantFrom(0, '300ms'),
    duration: ms(800, 1500),
    drain: fc.constantFrom('0s', '2s', '100s'),
    zones: fc.boolean(),
    services: fc.array(fc.tuple(service, policy, fc.array(step, { maxLength: 3 }), seldom(split)), { minLength: 1, maxLength: 4 }),
    traffic: fc.array(traffic, { minLength: 1, maxLength: 2 }),
    faults: fc.array(fault, { maxLength: 3 }),
  })
  .map(({ services, traffic: sources, faults, zones, ...rest }) => {
    const edges = new Set(sources.map((_, i) => `source-${i}->s0`));
    const written = services.map(([values, { locality, ...policyOfIt }, steps, shared], i) => {
      const later = services.length - i - 1;
      const calls = later === 0 ? [] : steps.map(({ to, parallel, ...site }) => {
        const callee = `s${i + 1 + (to % later)}`;
        edges.add(`s${i}->${callee}`);
        return parallel ? { parallel: [{ service: callee, ...site }, { service: `s${i + 1}` }] } : { service: callee, ...site };
      });
      if (calls.some((call) => 'parallel' in call)) edges.add(`s${i}->s${i + 1}`);
      const routes = shared === undefined || later === 0 ? undefined : [{ split: Object.fromEntries([...(shared.own === null ? [] : [[`s${i}`, shared.own]]), ...shared.others.map(({ to, weight }) => [`s${i + 1 + (to % later)}`, weight])]) }];
      return [`s${i}`, { ...values, calls, routes, policy: { ...policyOfIt, locality: locality?.[zones ? 0 : 1] } }] as const;
    });
    const edgeNames = [...edges];
    return withoutUndefined({
      name: 'generated',
      ...rest,
      ...(zones ? { zones: ZONES, network: { latency: '1ms', betweenZones: { uniform: ['2ms', '6ms'] } } } : {}),
      services: Object.fromEntries(written),
      traffic: sources.map(({ load, ...values }, i) => ({ to: 's0', name: `source-${i}`, ...load, ...values })),
      faults: faults.map(({ onEdge, where, single, endpointEffects, edgeEffects, repeat, ...when }, i) => {
        const target = where % services.length;
        const { replicas, concurrency } = services[target]![0];
        const effects = Object.assign({}, ...(onEdge ? edgeEffects : endpointEffects)) as Record<string, unknown>;
        if (typeof effects['capacity'] === 'string') {
          // At least one slot must be left, and a share of no limit is no limit.
          if (concurrency === 'unlimited') Object.assign(effects, { capacity: undefined, errors: '5%' });
          else effects['capacity'] = `${Math.max(parseInt(effects['capacity'], 10), Math.ceil(100 / Number(concurrency)))}%`;
        }
        return {
          name: `fault-${i}`,
          ...when,
          ...(repeat && when.for !== undefined ? { repeat: { every: '650ms', times: 2 } } : {}),
          target: onEdge ? edgeNames[where % edgeNames.length] : single ? `s${target}/${where % replicas}` : `s${target}`,
          ...effects,
        };
      }),
    });
  });

function withoutUndefined(value: ScenarioObject): ScenarioObject {
  return JSON.parse(JSON.stringify(value)) as ScenarioObject;
}
