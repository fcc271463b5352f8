/** Searches in shipped scenarios whose whole grid can be run as well: what to look for, and where. */
export interface KnownSearch {
  /** A shipped scenario. */
  readonly scenario: string;
  readonly set: readonly string[];
  readonly over: readonly string[];
  readonly goals: readonly string[];
  readonly minimise: string;
}

export const SEARCHES: readonly KnownSearch[] = [
  {
    scenario: 'quickstart',
    set: ['duration=20s', 'faults[0].at=5s', 'policies.careful.retries.on=[connectFailure, reset, timeout]'],
    over: ['policies.careful.retries.attempts=0..4', 'policies.careful.retries.backoff.base=1ms..100ms:7', 'policies.careful.retries.perTryTimeout=30ms..300ms:9'],
    goals: ['errors rate < 0.5%', 'retries ratio < 1.15'],
    minimise: 'latency p(99)',
  },
  {
    scenario: 'slow-replica',
    set: ['duration=30s', 'faults[0].at=8s', 'faults[0].for=12s', 'services.cart.concurrency=32', 'policies.steer.hedge={ after: 50ms }'],
    over: ['policies.steer.hedge.after=20ms..200ms:12', 'policies.steer.hedge.budget=1%..30%:8', 'policies.steer.loadBalancer=roundRobin,leastRequest,{ type: peakEwma }'],
    goals: ['latency{phase:slow-cart} p(99) < 110ms', 'errors rate < 0.1%'],
    minimise: 'hedges',
  },
  {
    scenario: 'fan-out-tail',
    set: ['duration=6s', 'warmup=1s', 'traffic[0].rate=300/s'],
    over: ['policies.second-try.retries.perTryTimeout=10ms..120ms:12', 'policies.second-try.retries.attempts=0..3', 'policies.second-try.retries.budget.ratio=1%..20%:6'],
    goals: ['latency p(99) < 80ms', 'errors rate < 0.1%'],
    minimise: 'retries',
  },
  {
    scenario: 'product-defaults',
    set: ['policies.default.outlierDetection={ maxEjectionPercent: 50% }'],
    over: ['policies.default.outlierDetection.consecutive5xx=1..12', 'policies.default.outlierDetection.baseEjectionTime=500ms..30s:8', 'policies.default.retries.attempts=0..3'],
    goals: ['errors rate < 0.3%'],
    minimise: 'ejected ratio',
  },
  {
    scenario: 'cascading-timeout',
    set: ['duration=16s', 'warmup=1s', 'faults[0].at=4s', 'faults[0].for=3s'],
    over: ['policies.patient.timeout=100ms..2s:12', 'services.database.queue.limit=8..1000:8:log', 'policies.patient.deadline=ignore,propagate', 'services.database.onCancel=continue,dropQueued'],
    goals: ['errors rate < 9%', 'errors{phase:after:slow-database} rate < 2%'],
    minimise: 'latency p(99)',
  },
];
