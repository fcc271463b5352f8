/**
 * Shipped scenarios as the parity suite runs them: the same topology, latencies and policies, for seconds instead of a minute. Faults and what
 * policies remember for long are moved into that time, and rates are what one event loop carries beside everything else; where that
 * is still too much, or latencies are so short that sockets are a good part of them, time is stretched. Where one request in a hundred fails, p99 is now the
 * time of those that do not and now of those that do, and no repetition is like the next: faults are kept off that share.
 */
export interface ParityScenario {
  /** Below `scenarios/`, without its ending. */
  readonly name: string;
  readonly set: Readonly<Record<string, string>>;
  readonly timeScale: number;
  /** Part of `npm test`. */
  readonly isShort?: true;
}

export const PARITY_SCENARIOS: readonly ParityScenario[] = [
  { name: 'quickstart', timeScale: 1, isShort: true, set: { duration: '3s', 'faults[0].at': '1s', 'faults[0].for': '1s', 'traffic[0].rate': '300/s' } },
  { name: 'linkerd-2016', timeScale: 1, isShort: true, set: { duration: '3s', 'faults[0].at': '0.5s', 'faults[0].for': '0.5s', 'traffic[0].rate': '300/s' } },
  { name: 'hanging-dependency', timeScale: 1, isShort: true, set: { duration: '3s', warmup: '0s', 'faults[0].at': '1s', 'faults[0].for': '1s', 'faults[1].at': '1s', 'faults[1].for': '1s', 'traffic[0].users': '200' } },
  { name: 'museum/least-request-pending', timeScale: 1, set: { duration: '3s', 'faults[0].at': '0.5s', 'faults[0].for': '2s', 'faults[1].at': '0.5s', 'faults[1].for': '2s' } },
  { name: 'slow-replica', timeScale: 3, set: { duration: '4s', warmup: '0s', 'faults[0].at': '1s', 'faults[0].for': '2s' } },
  { name: 'product-defaults', timeScale: 4, set: { duration: '6s', 'faults[0].at': '1s', 'faults[0].for': '2s', 'faults[1].at': '4s', 'faults[1].for': '1.5s' } },
  { name: 'overload-bounded-queue', timeScale: 2, set: { duration: '4s', 'traffic[0].profile': '[{ at: 0s, rate: 500/s }, { at: 1s, rate: 1200/s, step: true }, { at: 2.5s, rate: 500/s, step: true }]', 'services.api.replicas': '2' } },
  { name: 'fan-out-tail', timeScale: 4, set: { duration: '5s', warmup: '0s', 'traffic[0].rate': '100/s' } },
  { name: 'cascading-timeout', timeScale: 2, set: { duration: '6s', warmup: '0s', 'traffic[0].rate': '400/s', 'faults[0].at': '1s', 'faults[0].for': '2s', 'services.database.replicas': '1' } },
  { name: 'retry-storm', timeScale: 1, set: { duration: '8s', 'faults[0].at': '1s', 'faults[0].for': '3s' } },
  { name: 'retry-storm-budget', timeScale: 1, set: { duration: '8s', 'faults[0].at': '1s', 'faults[0].for': '0.5s' } },
  {
    name: 'zone-outage', timeScale: 4,
    set: {
      duration: '5s', warmup: '0s', 'traffic[0].rate': '400/s', 'faults[0].at': '1s', 'faults[0].for': '2s', 'services.web.startup': '0.5s', 'services.cart.startup': '0.5s',
      'policies.resilient.outlierDetection.interval': '200ms', 'policies.resilient.outlierDetection.baseEjectionTime': '500ms',
    },
  },
  { name: 'museum/fast-failures-attract', timeScale: 2, set: { duration: '5s', 'faults[0].at': '1s', 'faults[0].for': '3s', 'faults[1].at': '1s', 'faults[1].for': '3s', 'traffic[0].rate': '200/s', 'traffic[1].rate': '200/s' } },
  { name: 'museum/small-cluster-ejection', timeScale: 2, set: { duration: '5s', 'traffic[0].rate': '200/s', 'traffic[1].rate': '200/s' } },
  { name: 'museum/timeout-before-retry', timeScale: 1, set: { duration: '6s', 'traffic[0].rate': '150/s', 'traffic[1].rate': '150/s' } },
  { name: 'museum/split-stays', timeScale: 3, set: { duration: '5s', 'faults[0].at': '1s', 'faults[0].for': '2s', 'faults[1].at': '1s', 'faults[1].for': '2s' } },
  { name: 'museum/retry-amplification', timeScale: 4, set: { duration: '4s', 'faults[0].at': '1s', 'faults[0].for': '1s', 'faults[1].at': '1s', 'faults[1].for': '1s', 'traffic[0].rate': '60/s', 'traffic[1].rate': '60/s' } },
  { name: 'museum/least-request-alone', timeScale: 1, set: { duration: '8s' } },
];
