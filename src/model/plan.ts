/**
 * A resolved run: every reference an index, every duration integer nanoseconds, every ratio 0..1,
 * every default filled in. Plain data: it can be cloned to a worker and compared with `deepEqual`.
 * `scenario/` is the only place that builds one from a file; inside, nothing re-checks it.
 */
import type { EdgeId, EndpointId, ServiceId } from './ids.ts';
import type { Chosen, OptionValues } from './kind.ts';

export interface Plan {
  readonly name: string;
  readonly description: string;
  readonly seed: number;
  /** Arrivals stop here. */
  readonly durationNs: number;
  /** Requests that arrive before this are not counted. */
  readonly warmupNs: number;
  /** `warmupNs` is 0 and stands for what `run/warmup.ts` finds. */
  readonly isWarmupAuto: boolean;
  /** Longest wait for work in flight after `durationNs`. */
  readonly drainNs: number;
  readonly replications: number;
  /** At least one; a scenario without `zones` has the single zone `default`. */
  readonly zones: readonly string[];
  readonly network: NetworkPlan;
  readonly services: readonly ServicePlan[];
  readonly edges: readonly EdgePlan[];
  readonly traffic: readonly TrafficPlan[];
  readonly faults: readonly FaultPlan[];
  readonly thresholds: readonly ThresholdPlan[];
}

/** A distribution of durations in ns (see `random/distribution/registry.ts`). */
export interface DistributionPlan {
  readonly law: LawPlan;
  /** Clamp, then shift, in ns. */
  readonly minNs: number;
  readonly maxNs: number;
  readonly shiftNs: number;
}

export type LawPlan =
  | { readonly kind: 'constant'; readonly valueNs: number }
  | { readonly kind: 'exponential'; readonly meanNs: number }
  /** exp(N(mu, sigma)) nanoseconds. */
  | { readonly kind: 'lognormal'; readonly mu: number; readonly sigma: number }
  /** Cut at 0. */
  | { readonly kind: 'normal'; readonly meanNs: number; readonly stddevNs: number }
  | { readonly kind: 'uniform'; readonly lowNs: number; readonly highNs: number }
  | { readonly kind: 'gamma'; readonly meanNs: number; readonly shape: number }
  | { readonly kind: 'weibull'; readonly scaleNs: number; readonly shape: number }
  /** `maxNs` bounds the law itself (a truncated Pareto), `Infinity` for none. */
  | { readonly kind: 'pareto'; readonly minNs: number; readonly shape: number; readonly maxNs: number }
  | { readonly kind: 'hyperexponential'; readonly phases: readonly { readonly probability: number; readonly meanNs: number }[] }
  | { readonly kind: 'mixture'; readonly parts: readonly { readonly weight: number; readonly of: DistributionPlan }[] }
  | { readonly kind: 'empirical'; readonly valuesNs: readonly number[] }
  /** Cumulative counts, ascending; linear inside a bucket, the first one from 0. */
  | { readonly kind: 'buckets'; readonly buckets: readonly { readonly leNs: number; readonly count: number }[] };

export interface NetworkPlan {
  /** One-way latency from zone i to zone j at `[i * zones + j]`; null is no latency at all. */
  readonly links: readonly (DistributionPlan | null)[];
  /** Share of messages lost on any link, 0..1. */
  readonly loss: number;
}

export interface ServicePlan {
  readonly name: string;
  readonly firstEndpoint: EndpointId;
  readonly replicas: number;
  /** Requests one endpoint works on at once, or `Infinity`. */
  readonly concurrency: number;
  readonly queue: { readonly limit: number; readonly discipline: 'fifo' | 'lifo'; readonly timeout: DistributionPlan | null };
  /** Own work per request. */
  readonly latency: DistributionPlan;
  readonly errors: ErrorPlan | null;
  readonly onCancel: 'continue' | 'dropQueued' | 'stop';
  /** Made after the own work, one step after the other. */
  readonly calls: readonly StepPlan[];
  /** One entry a replica. */
  readonly weights: readonly number[];
  /** Index into `Plan.zones`, one entry a replica. */
  readonly zones: readonly number[];
  /** From (re)start to ready. */
  readonly startupNs: number;
}

export interface ErrorPlan {
  readonly rate: number;
  readonly status: number;
  /** The failure is answered after this much work instead of the own work; null is after the own work. */
  readonly afterNs: number | null;
}

/** Calls made at once; the next step starts when all of them have settled. */
export interface StepPlan {
  readonly calls: readonly CallSitePlan[];
}

export interface CallSitePlan {
  readonly edge: EdgeId;
  /** Chance that this request makes the call at all. */
  readonly probability: number;
  /** A failure does not fail the request. */
  readonly optional: boolean;
  /** One after another. */
  readonly times: number;
}

/** Who calls whom under which policy. Callers are the replicas of a service or the clients of a traffic source. */
export interface CallerPlan {
  readonly kind: 'traffic' | 'service';
  readonly index: number;
}

export interface EdgePlan {
  /** `caller->service`; a call with a policy of its own adds `#policy`. Unique. */
  readonly name: string;
  readonly from: CallerPlan;
  readonly to: ServiceId;
  readonly policy: PolicyPlan;
  /** Zone of each caller: index into `Plan.zones`. */
  readonly callerZones: readonly number[];
  /** Where calls on this edge really go, if the called service splits them; null is to the service itself. */
  readonly split: SplitPlan | null;
  /** What sockets would add in virtual time; null is nothing. It is measured (`verify/calibration.ts`) and never written in a file. */
  readonly sockets: SocketPlan | null;
}

/** What a machine's sockets and timers add to an edge. */
export interface SocketPlan {
  /** To an attempt, from its being due until its answer has been read, its time at the endpoint apart. */
  readonly attempt: DistributionPlan;
  /** To opening a connection. */
  readonly opening: DistributionPlan;
}

/** The first route of a service. A backend is an edge of the same callers, whose policy says how endpoints are used there. */
export interface SplitPlan {
  readonly mode: 'fixed' | 'available';
  /** At least one with a weight above 0; whole numbers. */
  readonly backends: readonly { readonly edge: EdgeId; readonly weight: number }[];
}

export interface PolicyPlan {
  readonly name: string;
  readonly loadBalancer: Chosen;
  /** The whole call, all attempts and backoffs; `Infinity` for none. */
  readonly timeoutNs: number;
  /** Downstream calls get what is left. */
  readonly propagateDeadline: boolean;
  readonly retries: RetryPlan | null;
  readonly hedge: HedgePlan | null;
  readonly connectionPool: ConnectionPoolPlan | null;
  /** Options of `engine/outlier/outlier-options.ts`. */
  readonly outlierDetection: OptionValues | null;
  /** Options of `engine/breaker/failure-accrual-options.ts`. */
  readonly failureAccrual: Chosen<'consecutive' | 'unified' | 'finagle'> | null;
  /** Options of `engine/breaker/circuit-breaker-options.ts`. */
  readonly circuitBreaker: OptionValues | null;
  /** Options of `engine/breaker/health-check-options.ts`. */
  readonly healthCheck: OptionValues | null;
  /** Options of `engine/breaker/failfast-options.ts`; null settles a call at once where no endpoint is ready. */
  readonly failfast: OptionValues | null;
  /** Options of `engine/admission/rate-limit.ts`. */
  readonly rateLimit: OptionValues | null;
  /** Client-side throttling. */
  readonly admission: Chosen | null;
  /** Adaptive limit of calls in flight. */
  readonly concurrencyLimit: Chosen | null;
  /** Below this share of ready endpoints all are used; 0 turns it off. */
  readonly panicThreshold: number;
  readonly locality: LocalityPlan;
  /** What becomes of calls to a service that splits them: `engine/route/kinds.ts`. */
  readonly split: SplitPlan['mode'];
  /** Options of `engine/balance/slow-start.ts`. */
  readonly slowStart: OptionValues | null;
  /** Time the client and server proxies add to an attempt; null is none. */
  readonly proxyOverhead: DistributionPlan | null;
  /** Name of the code that takes the calls over (`engine/own/`), which comes with the run; null where the engine makes their attempts. */
  readonly wrapper: string | null;
}

/** Options of `engine/locality/kinds.ts`. Zones are indices into `Plan.zones`. */
export type LocalityPlan =
  | { readonly mode: 'none' }
  | {
      readonly mode: 'zoneAware';
      readonly routingEnabled: number;
      readonly minClusterSize: number;
      readonly forceLocalZone: number;
      readonly basis: 'hosts' | 'weights';
      readonly failTrafficOnPanic: boolean;
    }
  /** A weight for each zone. */
  | { readonly mode: 'weighted'; readonly overprovisioningFactor: number; readonly weights: readonly number[] }
  /** For callers of each zone: the zones they prefer, one priority each, before all others together. */
  | { readonly mode: 'failover'; readonly overprovisioningFactor: number; readonly weightedHealth: boolean; readonly order: readonly (readonly number[])[] };

export interface RetryPlan {
  /** After the first. */
  readonly attempts: number;
  readonly on: readonly RetryWord[];
  readonly perTryTimeoutNs: number;
  readonly backoff: BackoffPlan;
  readonly budget: Chosen | null;
  readonly avoidPrevious: boolean;
  /** Upper-case methods that may be retried; null is any. */
  readonly methods: readonly string[] | null;
  /** Requests with a longer body are not retried; bytes. */
  readonly maxBodyBytes: number;
  /** Whether `perTryTimeoutNs` also limits the last attempt. */
  readonly lastTryTimeout: boolean;
  /** Name of the code that decides in place of `attempts`, `on` and `backoff`, and comes with the run; null for those. */
  readonly own: string | null;
}

export interface BackoffPlan {
  readonly baseNs: number;
  readonly maxNs: number;
  /** A name of `engine/retry/jitter-kinds.ts`; the options below count where it has them. */
  readonly jitter: string;
  readonly multiplier: number;
  readonly jitterRatio: number;
}

export interface HedgePlan {
  /** Infinity where only the per-try timeout hedges. */
  readonly afterNs: number;
  /** Copies beside the first attempt. */
  readonly max: number;
  /** Hedges per call in the long run, 0..1. */
  readonly budget: number;
  readonly onPerTryTimeout: boolean;
}

/** A condition under which an attempt is retried: a word of `engine/retry/condition.ts`, or a status. */
export type RetryWord = string | number;

export interface ConnectionPoolPlan {
  readonly maxConnections: number;
  readonly maxPendingRequests: number;
  readonly maxRequests: number;
  readonly maxRetries: number;
  readonly connectTimeoutNs: number;
  readonly idleTimeoutNs: number;
  readonly maxRequestsPerConnection: number;
  readonly protocol: 'http1' | 'http2';
  /** On one connection; HTTP/1 has one. */
  readonly maxConcurrentStreams: number;
  /** Connections held for each request there is, 1..3. */
  readonly perUpstreamPreconnectRatio: number;
}

export interface TrafficPlan {
  readonly name: string;
  readonly edge: EdgeId;
  /** Independent caller endpoints. */
  readonly clients: number;
  /** Index into `Plan.zones`, one entry a client. */
  readonly zones: readonly number[];
  readonly load: LoadPlan;
  /** At least one. */
  readonly classes: readonly RequestClassPlan[];
}

export type LoadPlan =
  /** Open loop: arrivals wait for nobody. */
  | { readonly kind: 'open'; readonly profile: readonly RatePoint[]; readonly arrivals: ArrivalPlan }
  /** Closed loop: a user thinks, asks, waits for the answer, thinks again. */
  | { readonly kind: 'closed'; readonly users: number; readonly thinkTime: DistributionPlan }
  /** Recorded offsets from the start, ascending, with the class of each. */
  | { readonly kind: 'recorded'; readonly offsetsNs: readonly number[]; readonly classes: readonly number[] };

/** The rate from `atNs` on: linear towards the next point, or a step when the next point has `step`. */
export interface RatePoint {
  readonly atNs: number;
  readonly ratePerS: number;
  /** The rate jumps to this value at `atNs` and was constant before. */
  readonly step: boolean;
}

export type ArrivalPlan =
  | { readonly kind: 'poisson' }
  | { readonly kind: 'uniform' }
  | { readonly kind: 'gamma'; readonly cv: number };

export interface RequestClassPlan {
  readonly name: string;
  readonly weight: number;
  readonly method: string;
  /** These may hold faker templates (`{{internet.username}}`). */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly key: KeyPlan | null;
}

/** What consistent-hash balancers hash; null on the class means the rendered path. */
export type KeyPlan =
  | { readonly kind: 'zipf'; readonly keys: number; readonly s: number }
  | { readonly kind: 'uniform'; readonly keys: number }
  | { readonly kind: 'template'; readonly text: string };

export interface FaultPlan {
  readonly name: string;
  /** When it is on: [start, end) in ns, ascending, apart; `Infinity` for an end never reached. */
  readonly windows: readonly { readonly fromNs: number; readonly toNs: number }[];
  readonly target: FaultTargetPlan;
  readonly effects: readonly EffectPlan[];
}

export type FaultTargetPlan =
  /** `pick` keeps that many of them (a count) or that share (0..1), chosen by seed; null is all. */
  | { readonly kind: 'endpoints'; readonly endpoints: readonly EndpointId[]; readonly pick: PickPlan | null }
  | { readonly kind: 'edges'; readonly edges: readonly EdgeId[] };

export type PickPlan = { readonly count: number } | { readonly share: number };

export type EffectPlan =
  | { readonly kind: 'latency'; readonly mode: 'add' | 'set'; readonly distribution: DistributionPlan }
  | { readonly kind: 'latency'; readonly mode: 'multiply'; readonly factor: number }
  | { readonly kind: 'errors'; readonly errors: ErrorPlan }
  | { readonly kind: 'crash' }
  | { readonly kind: 'pause' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset'; readonly share: number }
  | { readonly kind: 'capacity'; readonly share: number }
  | { readonly kind: 'firstCalls'; readonly count: number }
  | { readonly kind: 'loss'; readonly share: number }
  | { readonly kind: 'partition' };

/** A number that a run gives: `run/threshold-value.ts` says what each means. */
export interface MetricPlan {
  readonly metric: ThresholdMetric;
  readonly tags: Readonly<Partial<Record<ThresholdTag, string>>>;
  readonly stat: ThresholdStat;
  /** Durations in ns, rates per second, ratios 0..1, counts as they are. */
  readonly unit: 'ns' | 'ratio' | 'perSecond' | 'count';
}

export interface ThresholdPlan extends MetricPlan {
  /** As written. */
  readonly expr: string;
  readonly op: '<' | '<=' | '>' | '>=' | '==' | '!=';
  /** In `unit`. */
  readonly limit: number;
  readonly abort: { readonly afterNs: number } | null;
  readonly confidence: 'point' | 'strict' | 'lenient';
  /** Where it stands, for annotations; null when it came from a flag. */
  readonly line: number | null;
}

export const THRESHOLD_METRICS = [
  'latency', 'errors', 'requests', 'goodput', 'retries', 'hedges', 'queue', 'busy', 'ejected', 'breaker_open', 'recovery',
] as const;
export type ThresholdMetric = (typeof THRESHOLD_METRICS)[number];

export const THRESHOLD_TAGS = ['service', 'edge', 'endpoint', 'traffic', 'class', 'phase'] as const;
export type ThresholdTag = (typeof THRESHOLD_TAGS)[number];

export type ThresholdStat =
  | { readonly kind: 'percentile'; /** 0..1 */ readonly p: number }
  | { readonly kind: 'avg' | 'min' | 'max' | 'count' | 'rate' | 'ratio' };
