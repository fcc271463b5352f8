/** Whole scenarios that parser and JSON Schema must judge alike: by shape alone, without references. */
export const BASE = `duration: 60s
services:
  web: { latency: 5ms }
traffic:
  - { to: web, rate: 100/s }
`;

export const FULL = `name: checkout-brownout
description: one line
seed: 42
duration: 60s
warmup: 10s
drain: 30s
replications: 2
zones: [eu-a, eu-b]
network: { latency: 0.25ms, betweenZones: 1ms, links: { "eu-a->eu-b": { p50: 80ms, p99: 95ms } }, loss: 0% }
services:
  web:
    replicas: 2
    latency: 2ms
    calls:
      - cart
      - { service: cart, times: 3, policy: impatient }
      - { service: cart, policy: { timeout: 20ms } }
      - parallel: [ { service: ads, probability: 30%, optional: true }, cart ]
  cart:
    replicas: 5
    concurrency: 16
    queue: { limit: 128, discipline: lifo, timeout: 500ms }
    latency: { p50: 8ms, p99: 60ms }
    errors: { rate: 0.5%, status: 503, after: 1ms }
    onCancel: dropQueued
    weights: [1, 1, 1, 1, 2]
    zones: [eu-a]
    startup: 5s
    policy: standard
  ads:
    concurrency: unlimited
    queue: unlimited
    latency: { mixture: [ { weight: 9, of: 1ms }, { weight: 1, of: { exponential: 20ms, max: 50ms } } ] }
    errors: 0.5%
    policy: none
policies:
  default: { loadBalancer: random }
  standard:
    preset: none
    loadBalancer: { type: leastRequest, choices: 3, sampling: withReplacement }
    timeout: 1s
    deadline: propagate
    retries:
      attempts: 2
      on: [5xx, reset, 503]
      perTryTimeout: 300ms
      backoff: { base: 25ms, max: 250ms, jitter: equal }
      budget: { ratio: 20%, minPerSecond: 10, ttl: 10s }
      avoidPrevious: true
      methods: [GET, HEAD]
    connectionPool: { maxConnections: 10, maxRequestsPerConnection: unlimited, protocol: http2 }
    outlierDetection: { consecutive5xx: 3, interval: 1s, maxEjectionPercent: 50% }
    panicThreshold: 30%
    locality: { mode: failover, order: { eu-a: [eu-b] } }
    split: available
    proxy: { overhead: 0.2ms }
  impatient: { timeout: 50ms, loadBalancer: { type: peakEwma, decay: 5s }, retries: { budget: { percent: 20%, minConcurrency: 3 } } }
traffic:
  - to: web
    name: browse
    clients: 4
    rate: 40/s
    arrivals: { gamma: { cv: 2 } }
    profile: [ { at: 20s, rate: 40/s }, { at: 25s, rate: 120/s }, { at: 40s, rate: 40/s, step: true } ]
    requests:
      - { name: list, weight: 9, path: /products, headers: { x-user: "{{internet.username}}", x-debug: 1 } }
      - { name: buy, method: post, path: "/orders/{{string.uuid}}", key: { zipf: { keys: 10000, s: 1.1 } } }
  - { to: web, users: 5, thinkTime: { exponential: 1s }, zones: eu-b, policy: { timeout: 2s } }
faults:
  - { name: slow-middle, at: 15s, for: 15s, target: cart/4, latency: { multiply: 10 } }
  - { at: 5s, for: 1s, repeat: { every: 3s, times: 3 }, target: web->cart, partition: true, latency: { add: 5ms } }
  - { at: 40s, target: cart@eu-a, pick: 2, errors: 20%, crash: true }
  - { at: 45s, target: zone:eu-b, pick: 50%, latency: { set: { uniform: [1s, 2s] } }, firstCalls: 3 }
thresholds:
  - latency p(99) < 250ms
  - "latency{service:cart,phase:slow-middle} med < 1s"
  - { expr: "errors{edge:web->cart#impatient} rate < 0.1%", abort: true, after: 5s }
  - { expr: "requests{class:buy} rate > 3/s", confidence: strict }
  - recovery{phase:slow-middle} max < 5s
`;

const withLatency = (latency: string): string => BASE.replace('latency: 5ms', `latency: ${latency}`);
const withPolicy = (policy: string): string => `${BASE}policies:\n  default: ${policy}\n`;

export const VALID: Readonly<Record<string, string>> = {
  base: BASE,
  full: FULL,
  exponential: withLatency('{ exponential: 5ms, min: 1ms, shift: 1ms }'),
  'lognormal by mean': withLatency('{ lognormal: { mean: 5ms, sigma: 0.5 } }'),
  'lognormal by median': withLatency('{ lognormal: { median: 5ms, sigma: 0.5 } }'),
  'quantiles with a fraction': withLatency('{ p50: 4ms, p99.9: 30ms }'),
  normal: withLatency('{ normal: { mean: 5ms, stddev: 1ms } }'),
  uniform: withLatency('{ uniform: [1ms, 9ms] }'),
  gamma: withLatency('{ gamma: { mean: 5ms, shape: 2 } }'),
  weibull: withLatency('{ weibull: { scale: 5ms, shape: 0.7 } }'),
  pareto: withLatency('{ pareto: { min: 1ms, shape: 1.5 } }'),
  'truncated pareto': withLatency('{ pareto: { min: 1ms, shape: 1.5, max: 1s } }'),
  hyperexponential: withLatency('{ hyperexponential: [ { probability: 90%, mean: 1ms }, { probability: 10%, mean: 50ms } ] }'),
  empirical: withLatency('{ empirical: [1ms, 2ms, 1m30s] }'),
  buckets: withLatency('{ buckets: [ { le: 10ms, count: 40 }, { le: 100ms, count: 50 } ] }'),
  zero: withLatency('0'),
  'retries as a number': withPolicy('{ retries: 3 }'),
  'budget as a ratio': withPolicy('{ retries: { budget: 20%, on: 503, backoff: 10ms } }'),
  'hedge by the per-try timeout': withPolicy('{ retries: { perTryTimeout: 5ms }, hedge: { after: none, onPerTryTimeout: true } }'),
  'budget by type': withPolicy('{ retries: { attempts: unlimited, budget: { type: tower, ratio: 30% } } }'),
  'AWS quota': withPolicy('{ retries: { budget: { capacity: 500, retryCost: 14 } } }'),
  'jitter with options': withPolicy('{ retries: { backoff: { base: 1s, jitter: proportional, multiplier: 2, jitterRatio: 0.3 } } }'),
  'retry words of gRPC': withPolicy('{ retries: { on: [UNAVAILABLE, unavailable, resetBeforeRequest, 429, 500-504], maxBody: 64KiB, lastTryTimeout: false } }'),
  'budget of tokens': withPolicy('{ retries: { budget: { maxTokens: 5 } } }'),
  'parts switched off': withPolicy('{ retries: none, hedge: none, timeout: none, connectionPool: none }'),
  'zones by weight': withPolicy('{ locality: { mode: weighted, overprovisioningFactor: 1, weights: { default: 3 } } }'),
  'zone awareness': withPolicy('{ locality: { mode: zoneAware, minClusterSize: 0, forceLocalZone: none, routingEnabled: 50%, basis: weights } }'),
  'failover in one word': withPolicy('{ locality: failover }'),
  'policies of a later engine': withPolicy(
    '{ loadBalancer: { type: peakEwma, maxRetryAfter: 5s }, hedge: 50ms, failureAccrual: { consecutive: { maxFailures: 3 } }, circuitBreaker: {}, admission: { type: googleSre, k: 1.5 }, concurrencyLimit: { type: gradient, minRttFixedValue: 5ms }, rateLimit: 100/s, healthCheck: { interval: 1s } }',
  ),
  'a ring': withPolicy('{ loadBalancer: { type: ringHash, maxRingSize: 4096, hashFunction: murmur2, members: all, boundedLoad: 1.25, overflow: clockwise } }'),
  'a Maglev table': withPolicy('{ loadBalancer: { type: maglev, tableSize: 251, boundedLoad: none } }'),
  'slow start': withPolicy('{ loadBalancer: leastRequest, slowStart: 30s }'),
  'a unified failure accrual and failfast': withPolicy('{ failureAccrual: { unified: { successRateThreshold: 90% } }, failfast: 1s }'),
  "Finagle's failure accrual": withPolicy('{ failureAccrual: { finagle: { consecutiveFailures: 3 } }, panicThreshold: 1% }'),
  "gRPC's outlier detection": withPolicy('{ outlierDetection: { dialect: grpc, enforcingFailurePercentage: 100% } }'),
  'a rate limit with the burst by name': withPolicy('{ rateLimit: { rate: 50/s, burst: second } }'),
  'limits by name': withPolicy('{ admission: envoyAdmissionControl, concurrencyLimit: vegas, rateLimit: { rate: 50/s, burst: 10 } }'),
  'the preset envoy': withPolicy('{ preset: envoy }'),
  'the preset istio': withPolicy('{ preset: istio, outlierDetection: { consecutiveGatewayFailure: 3 } }'),
  'the preset linkerd': withPolicy('{ preset: linkerd, retries: 2, failureAccrual: { consecutive: {} } }'),
  'the preset grpc': withPolicy('{ preset: grpc, outlierDetection: {}, loadBalancer: leastRequest }'),
  'the preset finagle': withPolicy('{ preset: finagle, retries: { budget: { maxTokens: 5 } } }'),
};

/** Wrong in shape: both must refuse. */
export const INVALID: Readonly<Record<string, string>> = {
  'no duration': BASE.replace('duration: 60s\n', ''),
  'no services': BASE.replace(/services:\n.*\n/, ''),
  'empty services': BASE.replace(/services:\n.*\n/, 'services: {}\n'),
  'unknown key': `${BASE}thresold: []\n`,
  'bare duration': BASE.replace('60s', '60'),
  'bare rate': BASE.replace('100/s', '100'),
  'ratio above one': withPolicy('{ panicThreshold: 20 }'),
  'unknown balancer': withPolicy('{ loadBalancer: leastRequests }'),
  'unknown preset': withPolicy('{ preset: nginx }'),
  'option of another balancer': withPolicy('{ loadBalancer: { type: random, choices: 2 } }'),
  'mixed budget': withPolicy('{ retries: { budget: { ratio: 20%, percent: 20% } } }'),
  'unknown retry word': withPolicy('{ retries: { on: [5xxx] } }'),
  'status out of range': withPolicy('{ retries: { on: [900] } }'),
  'two laws': withLatency('{ exponential: 5ms, normal: { mean: 1ms, stddev: 1ms } }'),
  'three in a pair': withLatency('{ uniform: [1ms, 2ms, 3ms] }'),
  'negative duration': withLatency('-5ms'),
  'replicas as text': BASE.replace('latency', 'replicas: "3", latency'),
  'stage 2 key': BASE.replace('latency', 'subsets: {}, latency'),
  'hedge without after': withPolicy('{ hedge: {} }'),
  'bad service name': BASE.replace('web:', '1web:'),
};
