/** Small scenarios of every kind, as objects that are also YAML. All of them are valid. */
import fc from 'fast-check';

export type ScenarioObject = Readonly<Record<string, unknown>>;

const ms = (low: number, high: number): fc.Arbitrary<string> => fc.integer({ min: low, max: high }).map((value) => `${value}ms`);
const percent = (low: number, high: number): fc.Arbitrary<string> => fc.integer({ min: low, max: high }).map((value) => `${value}%`);
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

const loadBalancer = fc.oneof(
  fc.constantFrom('roundRobin', 'random', 'leastRequest', 'peakEwma'),
  fc.record({ type: fc.constant('leastRequest'), choices: fc.integer({ min: 2, max: 4 }), sampling: fc.constantFrom('distinct', 'withReplacement') }),
  fc.constant({ type: 'leastRequest', fullScan: true }),
  fc.record({ type: fc.constant('ringHash'), minRingSize: fc.constantFrom(1, 100), members: fc.constantFrom('ready', 'all'), boundedLoad: fc.constantFrom('none', 1.25), overflow: fc.constantFrom('shuffled', 'clockwise') }),
  fc.record({ type: fc.constant('maglev'), tableSize: fc.constant(251), boundedLoad: fc.constantFrom('none', 1.25) }),
  fc.record({ type: fc.constant('peakEwma'), decay: ms(50, 2000), estimator: fc.constantFrom('tower', 'penalize', 'finagle') }),
);

const budget = fc.oneof(
  fc.record({ ratio: percent(0, 50), minPerSecond: fc.integer({ min: 0, max: 20 }) }),
  fc.record({ percent: percent(5, 50), minConcurrency: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ maxTokens: fc.integer({ min: 1, max: 20 }), tokenRatio: fc.constantFrom(0.1, 0.5) }),
  fc.record({ type: fc.constant('tower'), ratio: percent(0, 50), minPerSecond: fc.integer({ min: 0, max: 20 }) }),
  fc.record({ capacity: fc.integer({ min: 1, max: 100 }) }),
);

const retries = fc.record({
  attempts: fc.integer({ min: 0, max: 3 }),
  on: fc.subarray(['5xx', 'gatewayError', 'reset', 'connectFailure', 'timeout', 'overload', 'retriable4xx', 503], { minLength: 1 }),
  // Shorter than any timeout of a whole call.
  perTryTimeout: some(ms(3, 60)),
  backoff: fc.oneof(fc.constant(0), fc.record({ base: ms(1, 20), jitter: fc.constantFrom('full', 'equal', 'decorrelated', 'none', 'envoy', 'linkerd') })),
  budget: some(budget),
  avoidPrevious: fc.boolean(),
  methods: fc.constantFrom('any', ['GET']),
});

const policy = fc.record({
  loadBalancer,
  timeout: some(ms(61, 400)),
  deadline: fc.constantFrom('ignore', 'propagate'),
  retries: some(retries),
  hedge: some(fc.oneof(fc.record({ after: ms(0, 30), max: fc.integer({ min: 1, max: 3 }), budget: percent(0, 100) }), fc.constant({ after: 'none', onPerTryTimeout: true }))),
  connectionPool: some(fc.record({
    maxConnections: fc.integer({ min: 1, max: 6 }),
    maxPendingRequests: fc.integer({ min: 0, max: 6 }),
    maxRequests: fc.integer({ min: 1, max: 12 }),
    maxRetries: fc.integer({ min: 0, max: 4 }),
    maxRequestsPerConnection: fc.constantFrom('unlimited', 1, 3),
    protocol: fc.constantFrom('http1', 'http2'),
    connectTimeout: fc.constantFrom('5ms', '100ms'),
    idleTimeout: fc.constantFrom('20ms', '1h'),
    maxConcurrentStreams: fc.constantFrom('unlimited', 1, 3),
    perUpstreamPreconnectRatio: fc.constantFrom(1, 1.5, 3),
  })),
  outlierDetection: some(fc.record({ consecutive5xx: fc.integer({ min: 1, max: 4 }), interval: ms(50, 400), baseEjectionTime: ms(50, 400), maxEjectionPercent: percent(10, 100) })),
  panicThreshold: percent(0, 100),
  locality: some(fc.oneof(
    fc.constantFrom('failover', 'zoneAware'),
    fc.record({ mode: fc.constant('zoneAware'), minClusterSize: fc.integer({ min: 0, max: 3 }), routingEnabled: percent(0, 100) }),
    fc.record({ mode: fc.constant('failover'), overprovisioningFactor: fc.constantFrom(1, 1.4), weightedHealth: fc.boolean() }),
  )),
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

const step = fc.record({ to: fc.nat(), probability: fc.constantFrom(undefined, '40%'), optional: fc.boolean(), times: fc.integer({ min: 1, max: 3 }), parallel: fc.boolean() });

/** One to four services that call only later ones, one or two sources, up to three faults; about a second of time. */
export const randomScenario: fc.Arbitrary<ScenarioObject> = fc
  .record({
    seed: fc.integer({ min: 0, max: 1_000_000 }),
    warmup: fc.constantFrom(0, '300ms'),
    duration: ms(800, 1500),
    drain: fc.constantFrom('0s', '2s', '100s'),
    zones: fc.boolean(),
    services: fc.array(fc.tuple(service, policy, fc.array(step, { maxLength: 3 })), { minLength: 1, maxLength: 4 }),
    traffic: fc.array(traffic, { minLength: 1, maxLength: 2 }),
    faults: fc.array(fault, { maxLength: 3 }),
  })
  .map(({ services, traffic: sources, faults, zones, ...rest }) => {
    const edges = new Set(sources.map((_, i) => `source-${i}->s0`));
    const written = services.map(([values, policyOfIt, steps], i) => {
      const later = services.length - i - 1;
      const calls = later === 0 ? [] : steps.map(({ to, parallel, ...site }) => {
        const callee = `s${i + 1 + (to % later)}`;
        edges.add(`s${i}->${callee}`);
        return parallel ? { parallel: [{ service: callee, ...site }, { service: `s${i + 1}` }] } : { service: callee, ...site };
      });
      if (calls.some((call) => 'parallel' in call)) edges.add(`s${i}->s${i + 1}`);
      return [`s${i}`, { ...values, calls, policy: policyOfIt }] as const;
    });
    const edgeNames = [...edges];
    return withoutUndefined({
      name: 'generated',
      ...rest,
      ...(zones ? { zones: ['a', 'b'], network: { latency: '1ms', betweenZones: { uniform: ['2ms', '6ms'] } } } : {}),
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
