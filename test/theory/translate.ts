/**
 * From a reference case to scenarios that express it. Driven by the fields of `scenario`: a file of other
 * cases in the same form works as well. What this version of the engine has no words for becomes a reason.
 */
import type { Plan } from '../../src/model/plan.ts';
import { lehmer } from '../support/lehmer.ts';
import { pausedAtRandom } from './pauses.ts';
import type { Case, CaseScenario, ClientOfCase, LawOfCase } from './reference.ts';

/** One way to run a case. */
export interface Variant {
  readonly label: string;
  /** Text of a scenario (JSON is YAML). */
  readonly text: string;
  /** Requests per second, to turn a number of requests into a duration. */
  readonly ratePerS: number;
  /** Settling time of the model, s; what the text says already includes it. */
  readonly warmupS: number;
  /** Metrics that only this variant can answer; all others if absent. */
  readonly only?: (metric: string) => boolean;
  /** What a file cannot say. */
  readonly change?: (plan: Plan, seed: number) => Plan;
  readonly readFile?: (path: string) => string;
}

export interface Translation {
  readonly variants: readonly Variant[];
}

export interface Size {
  /** Requests to record. */
  readonly n: number;
  readonly seed: number;
  /** Replaces the settling time that the model asks for; for mutation tests. */
  readonly warmupS?: number;
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type Map = { readonly [key: string]: Json };

/** Thrown with the reason why a case cannot be said in a scenario. */
export class NotExpressible extends Error {}

const DEFAULT_RATE = 1000;

export function translate({ scenario }: Case, size: Size): Translation {
  refuseUnknown(scenario);
  const { topology } = scenario;
  if (scenario.outage_s !== undefined) return { variants: [storm(scenario)] };
  if (scenario.window_s !== undefined) return { variants: stalled(scenario) };
  if (typeof topology !== 'string') throw new NotExpressible('a request cannot choose one of several next services (routes with split come later)');
  const fan = /(?:fan-out|forks each request) to (\d+)/.exec(topology);
  if (fan !== null) return { variants: [fanOut(scenario, topology, Number(fan[1]), size)] };
  const layers = /^chain of (\d+) retrying layers/.exec(topology);
  if (layers !== null) return { variants: [layered(scenario, Number(layers[1]), size)] };
  if (scenario.service?.means_ms !== undefined) return { variants: [tandem(scenario, scenario.service.means_ms, size)] };
  if (/closed-loop users/.test(topology)) return { variants: [closed(scenario, size)] };
  if (/^client -> S\b/.test(topology)) return { variants: station(scenario, size) };
  throw new NotExpressible(`topology "${topology}"`);
}

/** Fields that stand for parts the engine does not have yet. */
function refuseUnknown({ arrivals, discipline, client, lb, ...scenario }: CaseScenario): void {
  const process = (arrivals as { process?: string } | undefined)?.process;
  if (process?.startsWith('mmpp')) throw new NotExpressible('mmpp arrivals come later');
  if (discipline === 'ps') throw new NotExpressible('processor sharing comes later');
  if (client?.hedging) throw new NotExpressible('hedging comes in a later issue');
  if (client?.adaptive_throttle) throw new NotExpressible('client-side admission control comes in a later issue');
  if (client?.retry_token_bucket) throw new NotExpressible('a retry budget funded by successes comes later');
  if (scenario['rate_limit']) throw new NotExpressible('rate limits come in a later issue');
  if (isRecord(client?.backoff) && client.backoff['dist'] === 'exponential') throw new NotExpressible('no jitter has an exponential law');
  for (const name of ['ring_hash', 'maglev', 'bounded_load', 'smooth_weighted', 'join_idle_queue', 'weighted_random'] as const) {
    const policy = isRecord(lb) ? String(lb['policy']) : String(lb);
    if (policy.startsWith(name)) throw new NotExpressible(MISSING_BALANCERS[name]);
  }
}

export const MISSING_BALANCERS = {
  ring_hash: 'ringHash comes in a later issue',
  maglev: 'maglev comes in a later issue',
  bounded_load: 'bounded load of hash balancers comes in a later issue',
  smooth_weighted: 'weighted round robin is Envoy\'s EDF here, not nginx\'s smooth one',
  join_idle_queue: 'joinIdleQueue comes later',
  weighted_random: 'random ignores weights, as Envoy\'s does',
} as const;

// --- one service ---

function station(scenario: CaseScenario, size: Size): Variant[] {
  const { client = {}, speeds } = scenario;
  const workers = scenario.workers_per_endpoint ?? 'unlimited';
  const replicas = scenario.endpoints ?? 1;
  const { arrivals, ratePerS, readFile } = arrivalsOf(scenario.arrivals, size);
  const law = scenario.service ?? { dist: 'deterministic', mean_ms: 1 };
  const warmupS = size.warmupS ?? settlingS(scenario, ratePerS);
  const service = {
    replicas,
    concurrency: workers,
    latency: distribution(law),
    queue: { limit: scenario.queue_limit ?? 'unlimited', ...(client.queue_timeout ? { timeout: distribution(client.queue_timeout) } : {}) },
    onCancel: onCancelOf(scenario.cancellation),
    ...(scenario.failure_probability === undefined ? {} : { errors: scenario.failure_probability }),
  };
  const policy = policyOf(scenario);
  const base = (changes: { readonly service?: Map; readonly policy?: Map }): string =>
    file({
      warmupS,
      durationS: warmupS + size.n / ratePerS,
      services: { S: { ...service, ...changes.service } },
      traffic: { to: 'S', ...arrivals, policy: { ...policy, ...changes.policy } },
      faults: (speeds ?? []).map((speed, i) => ({ target: `S/${i}`, latency: { multiply: 1 / speed } })),
    });
  const common = { ratePerS, warmupS, ...(readFile === undefined ? {} : { readFile }) };
  if (client.breaker) return breakerVariants(client.breaker, common, base);
  const { up_mean_ms, down_mean_ms } = scenario.pauses ?? {};
  if (up_mean_ms !== undefined && down_mean_ms !== undefined) {
    return [{ ...common, label: 'pauses drawn at random', text: base({}), change: pausedAtRandom({ up_mean_ms, down_mean_ms }) }];
  }
  if (client.timeout_ms && typeof client.retries === 'number' && client.retries > 0) {
    const stops = (metric: string): boolean => metric.includes('with_cancel');
    return [
      { ...common, label: 'no cancellation', text: base({}), only: (metric) => !stops(metric) },
      { ...common, label: 'work stops with its caller', text: base({ service: { onCancel: 'stop' } }), only: stops },
    ];
  }
  return [{ ...common, label: '', text: base({}) }];
}

/** Slots and queue of the endpoint, or the same limits on the caller's side: both must give the same numbers. */
function breakerVariants(
  { max_requests, max_pending }: NonNullable<ClientOfCase['breaker']>,
  common: Pick<Variant, 'ratePerS' | 'warmupS'>,
  base: (changes: { readonly service?: Map; readonly policy?: Map }) => string,
): Variant[] {
  const pool =
    max_pending === 0
      ? { maxRequests: max_requests, maxConnections: 'unlimited', maxPendingRequests: 'unlimited' }
      : { maxRequests: max_requests, maxConnections: max_requests, maxPendingRequests: max_pending };
  return [
    { ...common, label: 'limits at the endpoint', text: base({}) },
    { ...common, label: 'limits at the caller', text: base({ service: { queue: { limit: 'unlimited' } }, policy: { connectionPool: pool } }) },
  ];
}

function policyOf({ lb, client = {} }: CaseScenario): Map {
  const retries = client.retries ?? 0;
  if (typeof retries !== 'number') throw new NotExpressible(`retries "${retries}"`);
  const timeout = client.timeout_ms ?? null;
  const budget = client.retry_budget
    ? { budget: { ratio: client.retry_budget.ratio, minPerSecond: client.retry_budget.min_retries_per_sec, ttl: `${client.retry_budget.ttl_s}s` } }
    : client.grpc_throttle
      ? { budget: { maxTokens: client.grpc_throttle.max_tokens, tokenRatio: client.grpc_throttle.token_ratio } }
      : {};
  return {
    loadBalancer: balancerOf(lb ?? 'none'),
    ...(retries === 0
      ? timeout === null ? {} : { timeout: ms(timeout) }
      : { retries: { attempts: retries, on: ['5xx', 'timeout'], backoff: { base: 0, jitter: 'none' }, ...(timeout === null ? {} : { perTryTimeout: ms(timeout) }), ...budget } }),
  };
}

function balancerOf(lb: unknown): Json {
  if (lb === 'none' || lb === 'round_robin') return 'roundRobin';
  if (lb === 'random') return 'random';
  const policy = isRecord(lb) ? String(lb['policy']) : '';
  if (policy.startsWith('join_shortest_queue')) return { type: 'leastRequest', fullScan: true };
  if (policy === 'least_request_of_d' && isRecord(lb)) {
    const sampling = String(lb['sampling']).startsWith('with replacement') ? 'withReplacement' : 'distinct';
    return { type: 'leastRequest', choices: Number(lb['d']), sampling };
  }
  throw new NotExpressible(`balancer ${JSON.stringify(lb)}`);
}

function onCancelOf(cancellation: string | undefined): string {
  return cancellation?.startsWith('server') ? 'dropQueued' : 'continue';
}

// --- several services ---

/** The caller must not hold a worker meanwhile: an orchestrator without limits calls the stations in turn. */
function tandem(scenario: CaseScenario, meansMs: readonly number[], size: Size): Variant {
  const { arrivals, ratePerS } = arrivalsOf(scenario.arrivals, size);
  const slowest = Math.max(...meansMs);
  const warmupS = size.warmupS ?? meansMs.length * settlingS({ ...scenario, service: { dist: scenario.service!.dist, mean_ms: slowest } }, ratePerS);
  const stations = Object.fromEntries(meansMs.map((mean_ms, i) => [`S${i + 1}`, stationOf({ dist: scenario.service!.dist, mean_ms })]));
  return {
    label: '',
    ratePerS,
    warmupS,
    text: file({
      warmupS,
      durationS: warmupS + size.n / ratePerS,
      services: { front: { ...front(), calls: Object.keys(stations) }, ...stations },
      traffic: { to: 'front', ...arrivals },
    }),
  };
}

function fanOut(scenario: CaseScenario, topology: string, leaves: number, size: Size): Variant {
  const reply = /return at the (\d+)-th reply/.exec(topology);
  if (reply !== null && Number(reply[1]) < leaves) throw new NotExpressible('a parallel step waits for all its calls (quorums come later)');
  const { arrivals, ratePerS } = arrivalsOf(scenario.arrivals, size);
  const slow = /slow \(>1 s\) with probability ([\d.]+)/.exec(topology);
  const queues = scenario.workers_per_endpoint !== undefined;
  const warmupS = size.warmupS ?? (queues ? 2 * settlingS(scenario, ratePerS) : 0);
  const latency: Json = slow === null ? distribution(scenario.service!) : { mixture: [{ weight: 1 - Number(slow[1]), of: '1ms' }, { weight: Number(slow[1]), of: '2s' }] };
  const names = queues ? Array.from({ length: leaves }, (_, i) => `S${i + 1}`) : Array.from({ length: leaves }, () => 'leaf');
  const leaf = { concurrency: scenario.workers_per_endpoint ?? 'unlimited', queue: 'unlimited', latency };
  return {
    label: '',
    ratePerS,
    warmupS,
    text: file({
      warmupS,
      durationS: warmupS + size.n / ratePerS,
      services: { ...fronts(names), ...Object.fromEntries([...new Set(names)].map((name) => [name, leaf])) },
      traffic: { to: 'front', ...arrivals },
    }),
  };
}

/** A step takes a thousand calls at most: beyond that, a layer between that does nothing either. */
function fronts(names: readonly string[]): Map {
  const limit = 1000;
  if (names.length <= limit) return { front: { ...front(), calls: [{ parallel: names }] } };
  const groups = Array.from({ length: Math.ceil(names.length / limit) }, (_, i) => names.slice(i * limit, (i + 1) * limit));
  return {
    front: { ...front(), calls: [{ parallel: groups.map((_, i) => `group${i}`) }] },
    ...Object.fromEntries(groups.map((group, i) => [`group${i}`, { ...front(), calls: [{ parallel: group }] }])),
  };
}

function layered({ failure_probability = 0, client = {} }: CaseScenario, layers: number, size: Size): Variant {
  const names = [...Array.from({ length: layers - 1 }, (_, i) => `L${i + 1}`), 'leaf'];
  const retries = { attempts: client.retries as number, on: ['5xx'], backoff: { base: 0, jitter: 'none' } };
  return {
    label: '',
    ratePerS: DEFAULT_RATE,
    warmupS: 0,
    text: file({
      warmupS: 0,
      durationS: size.n / DEFAULT_RATE,
      services: Object.fromEntries(
        names.map((name, i) => [name, i === layers - 1 ? { concurrency: 'unlimited', latency: '1ms', errors: failure_probability } : { ...front(), calls: names[i + 1]! }]),
      ),
      traffic: { to: names[0]!, rate: `${DEFAULT_RATE}/s` },
      policies: { default: { retries } },
    }),
  };
}

function closed(scenario: CaseScenario, size: Size): Variant {
  const { users, think } = scenario.arrivals as { readonly users: number; readonly think: LawOfCase };
  const service = scenario.service!;
  const workers = scenario.workers_per_endpoint as number;
  const ratePerS = Math.min((1000 * workers) / service.mean_ms!, (1000 * users) / (think.mean_ms! + service.mean_ms!));
  const warmupS = size.warmupS ?? (100 * (think.mean_ms! + users * service.mean_ms!)) / 1000;
  return {
    label: '',
    ratePerS,
    warmupS,
    text: file({
      warmupS,
      durationS: warmupS + size.n / ratePerS,
      services: { S: { concurrency: workers, queue: 'unlimited', latency: distribution(service) } },
      traffic: { to: 'S', users, thinkTime: distribution(think) },
    }),
  };
}

// --- timelines ---

function storm(scenario: CaseScenario): Variant {
  const { client = {}, measure_window_s, outage_s, service, workers_per_endpoint } = scenario;
  const { rate_rps } = scenario.arrivals as { readonly rate_rps: number };
  const retries = client.retries as number;
  const budget = client.retry_budget
    // The window budget has no cap of its own: its balance is at most what ttl seconds of calls deposit.
    ? { budget: { ratio: client.retry_budget.ratio, minPerSecond: client.retry_budget.min_retries_per_sec, ttl: ms((1000 * client.retry_budget.bucket_cap!) / (client.retry_budget.ratio * rate_rps)) } }
    : {};
  const [warmupS, durationS] = measure_window_s!;
  const [fromS, toS] = outage_s!;
  return {
    label: '',
    ratePerS: rate_rps,
    warmupS,
    text: file({
      warmupS,
      durationS,
      services: { S: { concurrency: workers_per_endpoint!, queue: 'unlimited', latency: distribution(service!), onCancel: onCancelOf(scenario.cancellation) } },
      traffic: {
        name: 'client', to: 'S', rate: `${rate_rps}/s`,
        policy: { retries: { attempts: retries, on: ['timeout'], perTryTimeout: ms(client.timeout_ms!), backoff: { base: 0, jitter: 'none' }, ...budget } },
      },
      faults: [{ at: `${fromS}s`, for: `${toS - fromS}s`, target: 'client->S', partition: true }],
    }),
  };
}

/** A stall in an open loop, and the same schedule from a client that waits for each answer. */
function stalled({ arrivals, service, pauses, window_s }: CaseScenario): Variant[] {
  const { rate_rps } = arrivals as { readonly rate_rps: number };
  const workMs = service!.mean_ms!;
  // Our first paced request comes one interval after the start, so all else does as well.
  const firstS = 1 / rate_rps;
  const text = (traffic: Map): string =>
    file({
      warmupS: 0,
      durationS: window_s! + firstS,
      services: { S: { concurrency: 'unlimited', latency: ms(workMs) } },
      traffic: { to: 'S', ...traffic },
      faults: [{ at: ms(1000 * (pauses!.first_at_s! + firstS)), for: `${pauses!.length_s}s`, target: 'S', pause: true }],
    });
  const common = { ratePerS: rate_rps, warmupS: 0 };
  const naive = (metric: string): boolean => metric.startsWith('closed_loop');
  return [
    { ...common, label: 'open loop', text: text({ rate: `${rate_rps}/s`, arrivals: 'uniform' }), only: (metric) => !naive(metric) },
    { ...common, label: 'client that waits', text: text({ users: 1, thinkTime: ms(1000 / rate_rps - workMs) }), only: naive },
  ];
}

// --- parts ---

interface FileParts {
  readonly warmupS: number;
  readonly durationS: number;
  readonly services: Map;
  readonly traffic: Map;
  readonly faults?: readonly Map[];
  readonly policies?: Map;
}

function file({ warmupS, durationS, services, traffic, faults = [], policies = {} }: FileParts): string {
  return JSON.stringify({ warmup: ms(1000 * warmupS), duration: ms(1000 * durationS), drain: '1h', services, traffic: [traffic], faults, policies });
}

function front(): Map {
  return { concurrency: 'unlimited', latency: 0 };
}

function stationOf(law: LawOfCase): Map {
  return { concurrency: 1, queue: 'unlimited', latency: distribution(law) };
}

function ms(value: number): string {
  return `${Math.round(value * 1e6)}ns`;
}

export function distribution(law: LawOfCase): Json {
  const number = (name: string): number => Number(law[name]);
  switch (law.dist) {
    case 'exponential':
      return { exponential: ms(law.mean_ms!) };
    case 'deterministic':
      return ms(law.mean_ms!);
    case 'erlang':
      return { gamma: { mean: ms(law.mean_ms!), shape: number('k') } };
    case 'lognormal':
      return { lognormal: { mean: ms(law.mean_ms!), sigma: number('sigma_of_ln') } };
    case 'hyperexponential2':
      return { hyperexponential: [{ probability: number('p1'), mean: ms(number('mean1_ms')) }, { probability: 1 - number('p1'), mean: ms(number('mean2_ms')) }] };
    case 'pareto':
      return { pareto: { min: ms(number('xm_ms')), shape: number('alpha') } };
    case 'two_point':
      return { mixture: [{ weight: 1 - number('p_slow'), of: ms(number('fast_ms')) }, { weight: number('p_slow'), of: ms(number('slow_ms')) }] };
    default:
      throw new NotExpressible(`law "${law.dist}"`);
  }
}

interface ArrivalParts {
  readonly arrivals: Map;
  readonly ratePerS: number;
  readonly readFile?: (path: string) => string;
}

function arrivalsOf(arrivals: unknown, size: Size): ArrivalParts {
  const { process = 'poisson', rate_rps, interval_ms, gap } = (isRecord(arrivals) ? arrivals : {}) as { process?: string; rate_rps?: number; interval_ms?: number; gap?: LawOfCase };
  if (process === 'poisson') return { arrivals: { rate: `${rate_rps ?? DEFAULT_RATE}/s` }, ratePerS: rate_rps ?? DEFAULT_RATE };
  if (process === 'paced') {
    const ratePerS = rate_rps ?? 1000 / interval_ms!;
    return { arrivals: { rate: `${ratePerS}/s`, arrivals: 'uniform' }, ratePerS };
  }
  if (process === 'renewal') return recordedRenewal(gap!, size);
  throw new NotExpressible(`arrivals "${process}"`);
}

/** Gaps of a law that `arrivals` has no word for come from a file. */
function recordedRenewal(gap: LawOfCase, { n, seed, warmupS }: Size): ArrivalParts {
  const means = [Number(gap['mean1_ms']), Number(gap['mean2_ms'])] as const;
  const p1 = Number(gap['p1']);
  const meanMs = p1 * means[0] + (1 - p1) * means[1];
  const count = Math.ceil(1.1 * n + ((warmupS ?? 400) * 1000) / meanMs);
  const random = lehmer(seed);
  let at = 0;
  const offsets = Array.from({ length: count }, () => {
    const mean = random() < p1 ? means[0] : means[1];
    return (at -= mean * Math.log(random())).toFixed(6);
  });
  return { arrivals: { arrivalsFile: 'arrivals.csv' }, ratePerS: 1000 / meanMs, readFile: () => offsets.join('\n') };
}

/**
 * validation.md 4: at least ten relaxation times, twenty above a load of 0.9. A station with c workers relaxes
 * in 1 / (c mu (1 - sqrt rho)^2), stretched by the variability of the work; one that turns requests away in
 * less. Balancers that look at queues make n endpoints relax as one, but not faster than 1 / (1 - rho).
 */
function settlingS(scenario: CaseScenario, ratePerS: number): number {
  const { service, client, queue_limit, pauses } = scenario;
  const workers = scenario.workers_per_endpoint ?? 'unlimited';
  const meanS = (service?.mean_ms ?? 1) / 1000;
  // Policies with memory: five of their longest time constant.
  const memoryS = client?.retry_budget ? 5 * (client.retry_budget.ttl_s ?? 10) : client?.grpc_throttle ? 20 : 0;
  if (workers === 'unlimited') return Math.max(memoryS, 20 * meanS * (1 + (Number(service?.['cv']) || 1)));
  const endpoints = scenario.endpoints ?? 1;
  const speeds = scenario.speeds ?? Array.from({ length: endpoints }, () => 1);
  const capacity = (workers * speeds.reduce((sum, speed) => sum + speed, 0)) / meanS;
  const up = pauses?.up_mean_ms === undefined ? 1 : pauses.up_mean_ms / (pauses.up_mean_ms + pauses.down_mean_ms!);
  const load = ratePerS / (capacity * up);
  const isBounded = client?.timeout_ms != null || client?.queue_timeout !== undefined || queue_limit != null;
  if (isBounded || load >= 1) return Math.max(memoryS, 500 * meanS);
  const variability = Math.max(1, (1 + (Number(service?.['cv2']) || (Number(service?.['cv']) || 1) ** 2)) / 2, pauses === undefined ? 1 : 10);
  const isStateful = isRecord(scenario.lb) && endpoints > 1;
  const one = 1 / (workers * (1 - Math.sqrt(load)) ** 2);
  const relaxation = isStateful ? Math.max(one / endpoints, 1 / (1 - load)) : one;
  return memoryS + (load > 0.9 ? 20 : 10) * relaxation * variability * meanS * (isStateful ? 2 : 1);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
