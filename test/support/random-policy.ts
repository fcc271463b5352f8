/** Parts of policies of every kind, as they stand in a file. Times suit runs of about a second. */
import fc from 'fast-check';

export type PolicyPart = fc.Arbitrary<unknown>;

export const ms = (low: number, high: number): fc.Arbitrary<string> => fc.integer({ min: low, max: high }).map((value) => `${value}ms`);
export const percent = (low: number, high: number): fc.Arbitrary<string> => fc.integer({ min: low, max: high }).map((value) => `${value}%`);
/** Each key is there or not, so that defaults are met too. */
const sparse = (fields: Readonly<Record<string, PolicyPart>>, required: readonly string[] = []): PolicyPart => fc.record(fields, { requiredKeys: [...required] });
const kind = (name: string, fields: Readonly<Record<string, PolicyPart>> = {}): PolicyPart => sparse({ type: fc.constant(name), ...fields }, ['type']);
const count = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

export const loadBalancer: PolicyPart = fc.oneof(
  fc.constantFrom('roundRobin', 'random', 'leastRequest', 'peakEwma'),
  kind('leastRequest', { choices: count(2, 4), sampling: fc.constantFrom('distinct', 'withReplacement'), activeRequestBias: fc.constantFrom(0, 0.5, 1, 2), fullScan: fc.boolean() }),
  kind('ringHash', { minRingSize: fc.constantFrom(1, 100), hashFunction: fc.constantFrom('xxHash', 'murmur2'), members: fc.constantFrom('ready', 'all'), boundedLoad: fc.constantFrom('none', 1, 1.25), overflow: fc.constantFrom('shuffled', 'clockwise') }),
  sparse({ type: fc.constant('maglev'), tableSize: fc.constant(251), boundedLoad: fc.constantFrom('none', 1.25) }, ['type', 'tableSize']),
  kind('peakEwma', { decay: ms(50, 2000), estimator: fc.constantFrom('tower', 'penalize', 'finagle'), penalty: ms(0, 2000) }),
);

export const budget: PolicyPart = fc.oneof(
  fc.record({ ratio: percent(0, 50), minPerSecond: count(0, 20) }),
  fc.record({ percent: percent(0, 50), minConcurrency: count(0, 4) }),
  fc.record({ maxTokens: count(1, 20), tokenRatio: fc.constantFrom(0.1, 0.5) }),
  fc.record({ type: fc.constant('tower'), ratio: percent(0, 100), minPerSecond: count(0, 20), ttl: fc.constantFrom('1s', '10s') }),
  sparse({ capacity: count(1, 100), retryCost: count(1, 6), timeoutCost: count(1, 12), throttleCost: count(1, 6), refund: count(0, 2) }, ['capacity']),
);
/** Those that stop retries without a limit, if only because nothing is left: not those that refill with each call or by being quiet. */
const exhaustibleBudget: PolicyPart = fc.record({ type: fc.constant('tower'), ratio: percent(0, 50), minPerSecond: fc.constant(0), ttl: fc.constant('60s') });

const longest = { max: fc.constantFrom('20ms', '100ms') };

export const backoff: PolicyPart = fc.oneof(
  fc.constant({ base: 0, max: 0, jitter: 'none' }),
  fc.record({ base: ms(0, 20), jitter: fc.constantFrom('full', 'equal', 'decorrelated', 'none', 'envoy', 'envoyDocumented'), ...longest }),
  sparse({ base: ms(1, 20), jitter: fc.constant('linkerd'), jitterRatio: fc.constantFrom(0, 0.5, 100), ...longest }, ['base', 'jitter', 'max']),
  sparse({ base: ms(1, 20), jitter: fc.constant('grpc'), multiplier: fc.constantFrom(1, 1.6), ...longest }, ['base', 'jitter', 'max']),
  sparse({ base: ms(1, 20), jitter: fc.constant('proportional'), multiplier: fc.constantFrom(1, 3), jitterRatio: fc.constantFrom(0, 1), ...longest }, ['base', 'jitter', 'max']),
);

export const RETRY_ON: readonly (string | number)[] = [
  '5xx', 'gatewayError', 'reset', 'resetBeforeRequest', 'connectFailure', 'timeout', 'overload', 'failfast', 'retriable4xx', 'retriableHeaders', 'envoyRatelimited', 'refusedStream',
  'cancelled', 'unavailable', 'UNAVAILABLE', 'DEADLINE_EXCEEDED', 'UNKNOWN', '500-502', 503,
];

/** @param perTryTimeout  a call of its own, which must be below the timeout of the whole call */
export const retriesWith = (perTryTimeout: PolicyPart): PolicyPart => {
  const common = {
    on: fc.subarray([...RETRY_ON], { minLength: 1 }), perTryTimeout, backoff, avoidPrevious: fc.boolean(),
    methods: fc.constantFrom('any', ['GET']), maxBody: fc.constantFrom('0B', '64KiB'), lastTryTimeout: fc.boolean(),
  };
  return fc.oneof(
    { weight: 6, arbitrary: sparse({ attempts: count(0, 3), budget, ...common }) },
    { weight: 1, arbitrary: sparse({ attempts: fc.constant('unlimited'), budget: exhaustibleBudget, ...common }, ['attempts', 'budget']) },
  );
};

export const hedge: PolicyPart = fc.oneof(
  sparse({ after: fc.oneof(fc.constant(0), ms(0, 30)), max: count(1, 4), budget: percent(0, 100) }, ['after']),
  fc.constant({ after: 'none', onPerTryTimeout: true }),
  sparse({ after: ms(0, 30), max: count(1, 2), budget: percent(0, 100), onPerTryTimeout: fc.constant(true) }, ['after', 'onPerTryTimeout']),
);

export const connectionPool: PolicyPart = sparse({
  maxConnections: fc.constantFrom<number | string>(1, 2, 6, 'unlimited'),
  maxPendingRequests: count(0, 6),
  maxRequests: count(1, 12),
  maxRetries: count(0, 4),
  maxRequestsPerConnection: fc.constantFrom<number | string>('unlimited', 1, 3),
  connectTimeout: ms(1, 100),
  idleTimeout: fc.constantFrom('10ms', '1h'),
  protocol: fc.constantFrom('http1', 'http2'),
  maxConcurrentStreams: fc.constantFrom<number | string>(1, 3, 'unlimited'),
  perUpstreamPreconnectRatio: fc.constantFrom(1, 1.5, 3),
});

export const outlierDetection: PolicyPart = sparse({
  dialect: fc.constantFrom('envoy', 'grpc'),
  consecutive5xx: count(0, 4),
  enforcingConsecutive5xx: percent(50, 100),
  consecutiveGatewayFailure: count(0, 3),
  enforcingConsecutiveGatewayFailure: percent(0, 100),
  splitExternalLocalOriginErrors: fc.boolean(),
  consecutiveLocalOriginFailure: count(0, 3),
  enforcingConsecutiveLocalOriginFailure: percent(0, 100),
  interval: ms(5, 400),
  baseEjectionTime: ms(10, 400),
  maxEjectionTimeJitter: ms(0, 50),
  maxEjectionPercent: percent(0, 100),
  alwaysEjectOneHost: fc.boolean(),
  successRateMinimumHosts: count(0, 3),
  successRateRequestVolume: count(0, 10),
  successRateStdevFactor: count(0, 2000),
  failurePercentageThreshold: percent(0, 100),
  failurePercentageMinimumHosts: count(0, 3),
  failurePercentageRequestVolume: count(0, 10),
  enforcingFailurePercentage: percent(0, 100),
  enforcingFailurePercentageLocalOrigin: percent(0, 100),
  successfulActiveHealthCheckUnejectHost: fc.boolean(),
}, ['interval']);

const penalties = { minPenalty: ms(0, 100), maxPenalty: ms(100, 400), jitterRatio: fc.constantFrom(0, 0.5, 10) };

export const failureAccrual: PolicyPart = fc.oneof(
  sparse({ maxFailures: count(1, 4), ...penalties }, ['minPenalty', 'maxPenalty']).map((consecutive) => ({ consecutive })),
  sparse({ maxFailures: count(0, 4), successRateThreshold: percent(0, 100), successRateWindow: ms(10, 500), successRateMinRequests: count(0, 5), ...penalties }, ['minPenalty', 'maxPenalty']).map((unified) => ({ unified })),
  sparse({ consecutiveFailures: count(0, 4), successRate: percent(0, 100), window: ms(5, 500), windowRequests: count(0, 20), minRequests: count(0, 5), markDeadFor: ms(1, 100), maxMarkDeadFor: ms(100, 400) }, ['markDeadFor', 'maxMarkDeadFor']).map((finagle) => ({ finagle })),
);

export const failfast: PolicyPart = sparse({ timeout: ms(1, 200), capacity: count(1, 20) }, ['timeout']);

export const circuitBreaker: PolicyPart = sparse({
  scope: fc.constantFrom('service', 'endpoint'),
  failureRateThreshold: percent(10, 100),
  slowCallRateThreshold: percent(10, 100),
  slowCallDurationThreshold: ms(1, 100),
  slidingWindowType: fc.constantFrom('count', 'time'),
  slidingWindowSize: count(1, 12),
  minimumNumberOfCalls: count(1, 10),
  waitDurationInOpenState: ms(1, 300),
  permittedNumberOfCallsInHalfOpenState: count(1, 4),
  maxWaitDurationInHalfOpenState: ms(0, 100),
  automaticTransitionFromOpenToHalfOpenEnabled: fc.boolean(),
}, ['slidingWindowSize', 'minimumNumberOfCalls', 'waitDurationInOpenState']);

export const healthCheck: PolicyPart = sparse({
  interval: ms(1, 100),
  timeout: ms(1, 100),
  unhealthyThreshold: count(1, 3),
  healthyThreshold: count(1, 3),
  noTrafficInterval: ms(10, 300),
  noTrafficHealthyInterval: ms(0, 100),
  unhealthyInterval: ms(0, 100),
  unhealthyEdgeInterval: ms(0, 100),
  healthyEdgeInterval: ms(0, 100),
  initialJitter: ms(0, 50),
  intervalJitter: ms(0, 50),
  intervalJitterPercent: percent(0, 100),
}, ['interval', 'timeout']);

export const rateLimit: PolicyPart = fc.record({ rate: count(5, 300).map((rate) => `${rate}/s`), burst: count(1, 20) });

export const admission: PolicyPart = fc.oneof(
  kind('googleSre', { k: fc.constantFrom(1, 1.1, 2), window: fc.constantFrom('1s', '2m') }),
  kind('envoyAdmissionControl', { samplingWindow: fc.constantFrom('1s', '30s'), srThreshold: percent(1, 100), aggression: fc.constantFrom(0.5, 1, 2), rpsThreshold: count(0, 20), maxRejectionProbability: percent(0, 100) }),
);

const window = { window: fc.constantFrom('none', '100ms'), windowSize: count(10, 20), minRttThreshold: ms(0, 2) };
const limits = { initialLimit: count(5, 20), minLimit: count(1, 5), maxLimit: count(20, 50) };

export const concurrencyLimit: PolicyPart = fc.oneof(
  kind('gradient', {
    sampleAggregatePercentile: percent(0, 100), concurrencyUpdateInterval: ms(1, 200), maxConcurrencyLimit: count(10, 100), minRttInterval: ms(1, 500), minRttRequestCount: count(1, 10),
    minRttJitter: percent(0, 100), minRttFixedValue: fc.constantFrom('none', '1ms', '20ms'), minConcurrency: count(1, 5), minRttBuffer: percent(0, 100),
  }),
  sparse({ type: fc.constant('gradient1'), ...limits, smoothing: percent(0, 100), rttTolerance: fc.constantFrom(1, 3), backoffRatio: fc.constantFrom(0.5, 1), probeInterval: fc.constantFrom('none', 1, 20), ...window }, ['type', 'initialLimit']),
  sparse({ type: fc.constant('gradient2'), ...limits, smoothing: percent(0, 100), queueSize: count(0, 4), longWindow: count(1, 50), rttTolerance: fc.constantFrom(1, 3), ...window }, ['type', 'initialLimit', 'minLimit']),
  kind('vegas', { initialLimit: count(1, 20), maxLimit: count(20, 50), smoothing: percent(0, 100), probeMultiplier: count(1, 5), decrease: fc.constantFrom('log10', 'half'), ...window }),
  sparse({ type: fc.constant('aimd'), ...limits, backoffRatio: fc.constantFrom(0.5, 0.9), timeout: ms(1, 200), ...window }, ['type', 'initialLimit', 'minLimit']),
);

/** @param zones  their names, two of them where the scenario has any */
export const localityOf = (zones: readonly string[]): PolicyPart => {
  const [a = 'default', b = a] = zones;
  return fc.oneof(
    fc.constantFrom('failover', 'zoneAware'),
    sparse({ mode: fc.constant('zoneAware'), minClusterSize: count(0, 3), routingEnabled: percent(0, 100), forceLocalZone: fc.constantFrom('none', 1, 2), basis: fc.constantFrom('hosts', 'weights'), failTrafficOnPanic: fc.boolean() }, ['mode']),
    sparse({ mode: fc.constant('failover'), overprovisioningFactor: fc.constantFrom(1, 1.4), weightedHealth: fc.boolean(), order: fc.constant({ [a]: [b] }) }, ['mode']),
    sparse({ mode: fc.constant('weighted'), weights: fc.constantFrom({ [a]: 1 }, { [a]: 3, [b]: 1 }), overprovisioningFactor: fc.constantFrom(1, 1.4) }, ['mode', 'weights']),
  );
};

export const slowStart: PolicyPart = fc.oneof(ms(1, 500), sparse({ window: ms(1, 500), aggression: fc.constantFrom(0.5, 1, 2), minWeight: percent(0, 100) }, ['window']));

/** The preset's own values stand where the policy has none. */
export const preset: PolicyPart = fc.constantFrom('envoy', 'istio', 'linkerd', 'grpc', 'finagle');
