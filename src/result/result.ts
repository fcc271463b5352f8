/**
 * The result file, `result.json`. Field names are a contract with other tools; only `env` may differ
 * between two equal runs. Non-finite numbers are null.
 */
import type { DetectionName } from '../engine/breaker/detection.ts';
import type { HistogramData } from '../model/histogram-data.ts';
import type { OutcomeName } from '../model/outcome.ts';
import type { Audited } from '../model/violation.ts';
import type { Interval } from '../stats/interval.ts';

export const RESULT_SCHEMA = 'meshsim/result/1';

/**
 * Of one run, or of several replications together: counts are sums, rates and ratios of all measured time, percentiles of all calls. What is
 * a story and no sum, `events` and the `targets` of faults, is that of the first replication.
 */
export interface Result {
  readonly schema: typeof RESULT_SCHEMA;
  /** Version that made it. */
  readonly meshsim: string;
  readonly mode: 'sim' | 'real';
  readonly seed: number;
  /** False when the run was stopped early. */
  readonly complete: boolean;
  readonly scenario: {
    readonly name: string;
    /** Of the file's bytes. */
    readonly sha256: string;
    /** The file with every default filled in, as `validate --resolved` prints it. */
    readonly resolved: unknown;
  };
  /** Rolling hash over every settled call: two runs agree on it only if they agree on each. Of several, hashed from that of each. */
  readonly digest: string;
  /** Of a run; `warmupMs` is also what `warmup: auto` found, `endMs` that of the replication that ended last. */
  readonly window: { readonly warmupMs: number; readonly durationMs: number; readonly endMs: number };
  readonly totals: Metrics;
  readonly services: Readonly<Record<string, ServiceMetrics>>;
  readonly edges: Readonly<Record<string, EdgeMetrics>>;
  readonly traffic: Readonly<Record<string, TrafficMetrics>>;
  readonly endpoints: Readonly<Record<string, EndpointMetrics>>;
  readonly thresholds: readonly ThresholdResult[];
  /** The runs that the figures are of; `--seed` with the seed of one is that run alone. */
  readonly reps: readonly RepResult[];
  /** 95 % intervals of rates, ratios and times, by path: `totals.latencyMs.p99`, `edges."web->cart".errorRate`. Empty with one replication. */
  readonly intervals: Readonly<Record<string, Interval>>;
  readonly series: Series;
  /** Where the slowest requests spent their time; where the run was traced. */
  readonly tail?: TailResult;
  /** Root-request latency, for merging: log-linear buckets, see `stats/histogram.ts`. */
  readonly histograms: Readonly<Record<string, HistogramData>>;
  readonly faults: readonly FaultResult[];
  readonly events: readonly EventResult[];
  readonly warnings: readonly WarningResult[];
  /** What came of looking after invariants; where they were asked for. */
  readonly invariants?: Audited;
  /** How well the clock was kept; in real mode only. */
  readonly real?: RealFigures;
  readonly env: Env;
}

/** Times are those of the run: with a time scale of 10, a tenth of the real ones. */
export interface RealFigures {
  /** Real time per time of the run. */
  readonly timeScale: number;
  /** Requests of open loops: when they were sent, against when they were meant to be. */
  readonly latenessMs: LatencySummary;
  /** The event loop: when it looked at the clock, against when it should have. */
  readonly loopLagMs: LatencySummary;
  /** p99 of the lateness by step of the series. */
  readonly latenessP99Ms: readonly (number | null)[];
  /** Lateness or lag are above 5 % of the latency p99, which then says as much of this machine as of the mesh. */
  readonly distorted: boolean;
}

export interface Env {
  /** A command line that runs it again, where a command did. */
  readonly command?: string;
  readonly node: string;
  readonly platform: string;
  readonly wallMs: number;
  /** Simulator events dispatched. */
  readonly events: number;
}

/** Counts are of calls; for totals and traffic of requests; for endpoints of attempts that arrived there, those still open at the end as `unfinished`. */
export interface Metrics {
  readonly requests: number;
  readonly ok: number;
  readonly failed: number;
  /** failed / requests; null without requests. */
  readonly errorRate: number | null;
  /** ok per second of the measured window. */
  readonly goodput: number;
  /** requests per second of the measured window. */
  readonly rps: number;
  /** Failures by outcome; only those that happened; they sum to `failed`. */
  readonly causes: Readonly<Partial<Record<OutcomeName, number>>>;
  readonly latencyMs: LatencySummary;
  readonly okLatencyMs: LatencySummary;
  /** First attempts, retries and hedges. */
  readonly attempts: number;
  readonly retries: number;
  /** Attempts that began beside another of the same call that was still waited for. */
  readonly hedges: number;
  /** attempts / requests, hedges included; null without requests. */
  readonly amplification: number | null;
  /** Endpoint time spent on attempts whose caller had given up, as a share of busy time; null when idle. */
  readonly abandonedShare: number | null;
}

/**
 * Milliseconds; null where there is no sample. Percentiles are the ceil(p*n)-th value: of calls and requests within 0.1 %, of endpoints (their latencies and
 * `queueMs`, and that of services) within 1.6 %.
 */
export interface LatencySummary {
  readonly mean: number | null;
  readonly stddev: number | null;
  readonly min: number | null;
  readonly p50: number | null;
  readonly p75: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly p9999: number | null;
  readonly max: number | null;
  readonly count: number;
}

export interface ServiceMetrics extends Metrics {
  /** Mean over its endpoints. */
  readonly busy: number | null;
  readonly queueMs: LatencySummary;
}

/** What the policies of an edge did in the measured window; of all the caller's endpoints together. */
export interface EdgeMetrics extends Metrics {
  /** By outlier detection. */
  readonly ejections: number;
  /**
   * Times that a breaker opened: failure accrual, or a circuit breaker of either scope. One that lets probes through and opens
   * anew was not closed, and is not counted again.
   */
  readonly breakerOpenings: number;
  /**
   * Time that breakers refused calls, or would have, had there been any: summed over the caller's endpoints and, where breakers
   * are of an endpoint (failure accrual, circuit breakers of that scope), over the endpoints called, so it may be longer
   * than the run. Of two breakers that one caller has of one endpoint, the time that either refused. A breaker
   * that is half-open refuses while it has no probe to give away.
   */
  readonly breakerOpenMs: number;
  /** Times that active health checks found an endpoint unhealthy. */
  readonly healthCheckFailures: number;
  /** Time that calls were refused at once because no endpoint had become ready (`failfast`); summed over the caller's endpoints. */
  readonly sheddingMs: number;
  /** Calls and retries that a limit of the caller refused. */
  readonly overflows: number;
  /** Retries and hedges that their budget refused. */
  readonly budgetRefusals: number;
  /** Summed over the caller's endpoints. */
  readonly panicMs: number;
}

export interface TrafficMetrics extends Metrics {
  readonly classes: Readonly<Record<string, Metrics>>;
}

export interface EndpointMetrics extends Metrics {
  /** Share of slots x time in use; null with unlimited slots. */
  readonly busy: number | null;
  /** Time average of requests worked on, and of requests waiting. */
  readonly meanBusy: number;
  readonly meanQueue: number;
  readonly queueMs: LatencySummary;
  /** How often some caller ejected it by outlier detection. */
  readonly ejections: number;
  /** Of its service's attempts; null without any. */
  readonly share: number | null;
  readonly maxQueue: number;
}

/**
 * With several replications a percentile, mean, rate or ratio is that of all together; a count, a recovery and the busiest or idlest
 * endpoint are those of one run, on average over the replications; `min` and `max` of times are those of all, without an interval.
 */
export interface ThresholdResult {
  readonly expr: string;
  /** In the limit's unit: ms for durations, per second for rates, 0..1 for ratios; null without samples. */
  readonly value: number | null;
  /** 95 % interval over the replications; null without. */
  readonly low: number | null;
  readonly high: number | null;
  readonly limit: number;
  readonly unit: 'ms' | 'ratio' | 'perSecond' | 'count';
  readonly pass: boolean;
  /** `aborted`: it holds for all replications together, but one was stopped by it. */
  readonly judged: 'pass' | 'fail' | 'no samples' | 'no goodput' | 'aborted';
  /** By what it was judged, where not by `value`. */
  readonly confidence?: 'strict' | 'lenient';
}

/** One of the replications that the result is of. */
export interface RepResult {
  readonly seed: number;
  readonly totals: Metrics;
  /** Absent where there is one replication, of which edges and endpoints tell. */
  readonly load?: LoadFigures;
}

export interface LoadFigures {
  /** Of all calls of the mesh: extra work multiplies down a chain of calls. */
  readonly attempts: number;
  /** Share of slots x time in use at the busiest endpoint; null where no endpoint has a limit. */
  readonly busiest: number | null;
  /** Attempts at an endpoint / mean of its service's endpoints, at the one where that is largest; null without any attempt. */
  readonly imbalance: number | null;
}

/** Fixed steps from the start of the run; entry i covers [i, i+1) * stepMs, the last one the drain as well. Counts are sums over the replications, times and shares of all of them together. */
export interface Series extends RequestSeries {
  /** In the order of the scenario. Of more than 64, those that had most to do: busy and waiting time over the whole run, by sum; of more than 1,024, among the first of these. */
  readonly endpoints: Readonly<Record<string, EndpointSeries>>;
  /** Endpoints of which there is no series. */
  readonly endpointsLeftOut: number;
  readonly edges: Readonly<Record<string, EdgeSeries>>;
}

export interface RequestSeries {
  readonly stepMs: number;
  /** Time of each step that was run, up to the end of arrivals, summed over the replications; only where some of these ended before the others did. */
  readonly underWayMs?: readonly number[];
  /** Requests by their arrival. */
  readonly requests: readonly number[];
  /** By the end of the request. */
  readonly ok: readonly number[];
  readonly failed: readonly number[];
  /** Failed requests by outcome, by the end of the request; only those that happened; they sum to `failed`. */
  readonly causes: Readonly<Partial<Record<OutcomeName, readonly number[]>>>;
  /** Attempts on all edges, by their start. */
  readonly attempts: readonly number[];
  readonly retries: readonly number[];
  readonly hedges: readonly number[];
  /** Latency of the requests that ended in the step; null without any. */
  readonly p50Ms: readonly (number | null)[];
  readonly p90Ms: readonly (number | null)[];
  readonly p95Ms: readonly (number | null)[];
  readonly p99Ms: readonly (number | null)[];
}

export interface EndpointSeries {
  /** Attempts that arrived there, by their arrival. */
  readonly attempts: readonly number[];
  /** Share of slots x time in use, 0..1; null with unlimited slots, and where the run had ended. */
  readonly busy: readonly (number | null)[];
  /** Time average of requests waiting; null where the run had ended. */
  readonly queue: readonly (number | null)[];
}

/** Of all the caller's endpoints together. */
export interface EdgeSeries {
  /** Calls by their end, and their attempts. */
  readonly calls: readonly number[];
  readonly attempts: readonly number[];
  /** Pairs of a caller's endpoint and one that it does not send to (ejected, open breaker, unhealthy) at the end of the step; of several replications on average. */
  readonly ejected: readonly number[];
  /**
   * What the retry budget had left at the end of the step, as of its last change and on average over the callers: the share 0..1 of what it may
   * hold where that has a bound (tokens, quota), else the number of retries that it would pay for. Absent where the edge has no
   * budget; null where the run had ended.
   */
  readonly budget?: readonly (number | null)[];
  /** Which of the two. */
  readonly budgetIsShare?: boolean;
}

/** What a request waits for; every nanosecond of its latency is in one of them. */
export type TailPart =
  /** At an endpoint for a slot, or, where that hangs or is paused, for it to go on. */
  | 'queue'
  /** On a slot, without the time in which it waits for calls of its own. */
  | 'service'
  /** Between caller and endpoint, and back. */
  | 'network'
  /** For a connection. */
  | 'connection'
  /** For an endpoint to become ready, where none is (`failfast`). */
  | 'ready'
  /** Between a failed attempt and the next. */
  | 'backoff'
  /** For an attempt that timed out, whatever that did meanwhile; its service is where that was stuck. */
  | 'timedOut'
  /** From an attempt to the hedge that answered in its place. */
  | 'hedgeWait';

/**
 * The slowest 1 % of the requests of the first replication, against those around its median (p45 to p55). Of requests that arrived in the measured window. Estimated
 * from exemplars: of each band of latencies (an eighth of an octave) up to 64 are kept, chosen by a keyed hash of their number, and each
 * stands for its share of the band. At most some 500 kB.
 */
export interface TailResult {
  /** Requests that it is of. */
  readonly requests: number;
  readonly slow: TailGroup;
  readonly median: TailGroup;
  /** Mean time of a request by part; those of a group sum to its `meanMs`. */
  readonly parts: Readonly<Partial<Record<TailPart, TailTimes>>>;
  /** By part and place, what differs most first; at most 50, and what they leave out in `otherPlaces`. */
  readonly places: readonly TailPlace[];
  readonly otherPlaces: TailTimes;
  /** Time in an endpoint's hands (`queue`, `service`, `timedOut`) by service and by endpoint, and time on the way there (the others) by edge; likewise, at most 50 each. */
  readonly services: Readonly<Record<string, TailTimes>>;
  readonly endpoints: Readonly<Record<string, TailTimes>>;
  readonly edges: Readonly<Record<string, TailTimes>>;
  /** Edges on which calls became more attempts, by what that added to the slow requests; at most 20. */
  readonly amplifiers: readonly TailAmplifier[];
  /** What most slow requests mostly waited for, beyond what the median one does, each with one of middling latency that shows it; at most 3. */
  readonly typical: readonly TypicalRequest[];
  /** The 20 slowest, slowest first. */
  readonly slowest: readonly RequestTrace[];
}

export interface TypicalRequest {
  /** Of the slow requests that waited for this more than for anything else. */
  readonly share: number;
  readonly part: TailPart;
  readonly edge: string;
  readonly service: string;
  readonly request: RequestTrace;
}

export interface TailGroup {
  /**
   * How many requests it is of, and from how many the times and the mean are estimated: some of them, where there are many, and all
   * that took as long, where a group is of some of these.
   */
  readonly requests: number;
  readonly examined: number;
  /** Latencies of the group, ms. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly meanMs: number;
  /** Share of them, 0..1. */
  readonly failed: number;
}

/** Mean time of a request, ms. */
export interface TailTimes {
  readonly slowMs: number;
  readonly medianMs: number;
}

export interface TailPlace extends TailTimes {
  readonly part: TailPart;
  /** The edge on which it was waited, and the service that it leads to. */
  readonly edge: string;
  readonly service: string;
}

/** Per request of each group, calls and attempts of all kinds on the edge, whether or not they were waited for. */
export interface TailAmplifier {
  readonly edge: string;
  readonly service: string;
  readonly slow: TailEffort;
  readonly median: TailEffort;
  /** The edges from the source of the requests down to this one, each with attempts per call of slow requests there: their product, times the calls that are made of one, is what reaches the service. */
  readonly chain: readonly { readonly edge: string; readonly attemptsPerCall: number }[];
}

export interface TailEffort {
  readonly calls: number;
  readonly attempts: number;
  readonly retries: number;
  readonly hedges: number;
  /** Attempts that the caller gave up. */
  readonly abandoned: number;
}

/** One request as a tree of calls and attempts. Times are ms from its arrival. */
export interface RequestTrace {
  /** Index of the request among those of its source, from 0. */
  readonly request: number;
  readonly source: string;
  readonly class: string;
  /** Of the run. */
  readonly arrivedMs: number;
  readonly latencyMs: number;
  readonly outcome: OutcomeName;
  /** They sum to the latency. */
  readonly parts: Readonly<Partial<Record<TailPart, number>>>;
  readonly call: CallTrace;
  /** Calls and attempts that are left out: beyond 80, those deepest in the tree that began last. */
  readonly leftOut: number;
}

export interface CallTrace {
  readonly edge: string;
  readonly service: string;
  readonly fromMs: number;
  /** Null while it is open. */
  readonly toMs: number | null;
  /** Absent while it is open. */
  readonly outcome?: OutcomeName;
  readonly attempts: readonly AttemptTrace[];
  /** For what it waited between attempts. */
  readonly waits: readonly CallWait[];
}

export interface CallWait {
  readonly kind: 'backoff' | 'connection' | 'ready';
  readonly fromMs: number;
  readonly toMs: number;
}

/** Times are absent where nothing of that kind happened, or it is not known. */
export interface AttemptTrace {
  readonly kind: 'first' | 'retry' | 'hedge';
  readonly endpoint: string;
  readonly sentMs: number;
  readonly arrivedMs?: number;
  /** On a slot. */
  readonly startedMs?: number;
  /** Sent its answer. */
  readonly answeredMs?: number;
  /** The caller heard, or gave up; null while neither has happened. */
  readonly toMs: number | null;
  /** As its caller saw it: `timeout` where it gave up because time was over, `unfinished` where another attempt had decided the call. */
  readonly outcome?: OutcomeName;
  /** Time that the endpoint went on working after its caller had given up; absent where it did not. */
  readonly wastedMs?: number;
  readonly calls: readonly CallTrace[];
}

export interface FaultResult {
  readonly name: string;
  readonly targets: readonly string[];
  readonly windowsMs: readonly (readonly [number, number])[];
  /** Requests that arrived while it was on, and in the rest of the run after it. */
  readonly during: Metrics;
  readonly after: Metrics;
}

/**
 * `ejected` is outlier detection's; a breaker is open from `breakerOpened` until `breakerClosed`, probes or not, and
 * without `endpoint` it is that of the whole service; `unhealthy` is what active health checks found. While `shedOn`
 * calls are refused at once because no endpoint had become ready.
 */
export interface EventResult {
  readonly atMs: number;
  readonly kind:
    | 'faultOn' | 'faultOff' | 'ejected' | 'unejected' | 'breakerOpened' | 'breakerClosed' | 'unhealthy' | 'healthy' | 'shedOn' | 'shedOff' | 'panicOn' | 'panicOff';
  /** Of the caller, whose view it is. */
  readonly policy?: 'outlierDetection' | 'failureAccrual' | 'circuitBreaker' | 'healthCheck' | 'failfast';
  /** What the policy noticed, where it took something out of use. */
  readonly detection?: DetectionName;
  readonly edge?: string;
  readonly caller?: string;
  readonly endpoint?: string;
  readonly fault?: string;
}

export interface WarningResult {
  /** Stable, kebab-case. */
  readonly code: string;
  readonly message: string;
}
