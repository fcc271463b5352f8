/** The benchmark workloads as scenario files, so that what is measured is the whole way a user's file goes. */

export interface Workload {
  readonly name: string;
  /** Its name in the lower-bound program. */
  readonly limit: string;
  readonly what: string;
  readonly rps: number;
  readonly requests: number;
  readonly body: string;
}

/** Per-try timeout always armed, 5 % errors, up to two retries under a budget, ejection after five failures in a row. */
const POLICIES = `
policies:
  busy:
    loadBalancer: { type: peakEwma, decay: 10s }
    retries: { attempts: 2, perTryTimeout: 1s, on: [5xx], backoff: { base: 25ms }, budget: { ratio: 20% } }
    outlierDetection: { consecutive5xx: 5, interval: 10s, baseEjectionTime: 10s, maxEjectionPercent: 10%, enforcingSuccessRate: 0% }
`;

const QUEUE = 'queue: { limit: unlimited }';

export const WORKLOADS: readonly Workload[] = [
  {
    name: 'W1', limit: 'w1', what: 'one endpoint, one slot, rho 0.8', rps: 800, requests: 5e6,
    body: `services: { s: { concurrency: 1, ${QUEUE}, latency: { exponential: 1ms } } }`,
  },
  {
    name: 'W2', limit: 'w2', what: 'two choices over 100 endpoints, rho 0.9', rps: 9000, requests: 5e6,
    body: `services: { s: { replicas: 100, concurrency: 1, ${QUEUE}, latency: { exponential: 10ms }, policy: { loadBalancer: leastRequest } } }`,
  },
  {
    name: 'W3', limit: 'w3', what: 'all policies over 100 endpoints x 4 slots', rps: 28000, requests: 5e6,
    body: `${POLICIES}
services: { s: { replicas: 100, concurrency: 4, ${QUEUE}, latency: { lognormal: { mean: 10ms, sigma: 1 } }, errors: 5%, policy: busy } }`,
  },
  {
    // A request holds its slot while it waits for its own calls, which the lower bound's does not: hence the slots.
    name: 'W4', limit: 'w4', what: 'a root, two parallel, two sequential calls each', rps: 8000, requests: 5e5,
    body: `${POLICIES}
services:
  s: { replicas: 20, concurrency: 64, ${QUEUE}, latency: { lognormal: { mean: 2ms, sigma: 1 } }, errors: 5%, policy: busy, calls: [ { parallel: [left, right] } ] }
  left: { replicas: 20, concurrency: 64, ${QUEUE}, latency: { lognormal: { mean: 2ms, sigma: 1 } }, errors: 5%, policy: busy, calls: [ { service: back, times: 2 } ] }
  right: { replicas: 20, concurrency: 64, ${QUEUE}, latency: { lognormal: { mean: 2ms, sigma: 1 } }, errors: 5%, policy: busy, calls: [ { service: back, times: 2 } ] }
  back: { replicas: 100, concurrency: 4, ${QUEUE}, latency: { lognormal: { mean: 5ms, sigma: 1 } }, errors: 5%, policy: busy }`,
  },
  {
    name: 'W5', limit: 'w5', what: 'W2 with 10,000 endpoints', rps: 900000, requests: 5e6,
    body: `services: { s: { replicas: 10000, concurrency: 1, ${QUEUE}, latency: { exponential: 10ms }, policy: { loadBalancer: leastRequest } } }`,
  },
];

export function scenarioOf(workload: Workload, requests: number): string {
  return `name: ${workload.name}\nseed: 42\nduration: ${requests / workload.rps}s\n${workload.body}\ntraffic: [ { to: s, name: client, rate: ${workload.rps}/s } ]\n`;
}
