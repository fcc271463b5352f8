/** What the translators share: the text of a file, laws and arrivals in its words, how long a model takes to settle. */
import type { Plan } from '../../src/model/plan.ts';
import { lehmer } from '../support/lehmer.ts';
import type { CaseScenario, LawOfCase } from './reference.ts';

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

export interface Size {
  /** Requests to record. */
  readonly n: number;
  readonly seed: number;
  /** Replaces the settling time that the model asks for; for mutation tests. */
  readonly warmupS?: number;
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Map = { readonly [key: string]: Json };

/** Thrown with the reason why a case cannot be said in a scenario. */
export class NotExpressible extends Error {}

export const DEFAULT_RATE = 1000;

export interface FileParts {
  readonly warmupS: number;
  readonly durationS: number;
  readonly services: Map;
  readonly traffic: Map | readonly Map[];
  readonly faults?: readonly Map[];
  readonly policies?: Map;
}

export function file({ warmupS, durationS, services, traffic, faults = [], policies = {} }: FileParts): string {
  return JSON.stringify({ warmup: ms(1000 * warmupS), duration: ms(1000 * durationS), drain: '1h', services, traffic: Array.isArray(traffic) ? traffic : [traffic], faults, policies });
}

/** A run of `size.n` requests after its warm-up. */
export function variantOf(size: Size, ratePerS: number, warmupS: number, parts: Omit<FileParts, 'warmupS' | 'durationS'>): Variant {
  return { label: '', ratePerS, warmupS, text: file({ warmupS, durationS: warmupS + size.n / ratePerS, ...parts }) };
}

export function front(): Map {
  return { concurrency: 'unlimited', latency: 0 };
}

export function stationOf(law: LawOfCase): Map {
  return { concurrency: 1, queue: 'unlimited', latency: distribution(law) };
}

export function ms(value: number): string {
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

export interface ArrivalParts {
  readonly arrivals: Map;
  readonly ratePerS: number;
  readonly readFile?: (path: string) => string;
}

export function arrivalsOf(arrivals: unknown, size: Size): ArrivalParts {
  const { process = 'poisson', rate_rps, interval_ms, gap } = (isRecord(arrivals) ? arrivals : {}) as { process?: string; rate_rps?: number; interval_ms?: number; gap?: LawOfCase };
  if (process === 'poisson') return { arrivals: { rate: `${rate_rps ?? DEFAULT_RATE}/s` }, ratePerS: rate_rps ?? DEFAULT_RATE };
  if (process === 'paced') {
    const ratePerS = rate_rps ?? 1000 / interval_ms!;
    return { arrivals: { rate: `${ratePerS}/s`, arrivals: 'uniform' }, ratePerS };
  }
  if (process === 'renewal') return recordedRenewal(gap!, size);
  if (process === 'mmpp2') return recordedSwitching(arrivals as unknown as SwitchingArrivals, size);
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

interface SwitchingArrivals {
  readonly rates_rps: readonly [number, number];
  /** Out of each phase. */
  readonly switch_per_s: readonly [number, number];
}

/** Poisson arrivals at a rate that switches between two at random; from a file as well. */
function recordedSwitching({ rates_rps, switch_per_s }: SwitchingArrivals, { n, seed, warmupS }: Size): ArrivalParts {
  const stayS = switch_per_s.map((perS) => 1 / perS);
  const ratePerS = (rates_rps[0] * stayS[0]! + rates_rps[1] * stayS[1]!) / (stayS[0]! + stayS[1]!);
  const untilS = 1.1 * (n / ratePerS) + (warmupS ?? 400);
  const random = lehmer(seed);
  const offsets: string[] = [];
  let phase = random() < stayS[0]! / (stayS[0]! + stayS[1]!) ? 0 : 1;
  // Arrival or switch, whichever of the two is first.
  for (let atS = 0; atS < untilS; ) {
    const [arrival, leaving] = [rates_rps[phase]!, switch_per_s[phase]!];
    atS -= Math.log(random()) / (arrival + leaving);
    if (random() < leaving / (arrival + leaving)) phase = 1 - phase;
    else offsets.push((1000 * atS).toFixed(6));
  }
  return { arrivals: { arrivalsFile: 'arrivals.csv' }, ratePerS, readFile: () => offsets.join('\n') };
}

/**
 * validation.md 4: at least ten relaxation times, twenty above a load of 0.9. A station with c workers relaxes
 * in 1 / (c mu (1 - sqrt rho)^2), stretched by the variability of the work; one that turns requests away in
 * less. Balancers that look at queues make n endpoints relax as one, but not faster than 1 / (1 - rho).
 */
export function settlingS(scenario: CaseScenario, ratePerS: number): number {
  const { service, client, queue_limit, pauses } = scenario;
  const workers = scenario.workers_per_endpoint ?? 'unlimited';
  const meanS = (service?.mean_ms ?? 1) / 1000;
  // Policies with memory: five of their longest time constant.
  const memoryS = client?.retry_budget ? 5 * (client.retry_budget.ttl_s ?? 10) : client?.retry_token_bucket ? 20 : client?.grpc_throttle ? 20 : 0;
  if (workers === 'unlimited') return Math.max(memoryS, 20 * meanS * (1 + (Number(service?.['cv']) || 1)));
  const endpoints = scenario.endpoints ?? 1;
  const speeds = scenario.speeds ?? Array.from({ length: endpoints }, () => 1);
  const capacity = (workers * speeds.reduce((sum, speed) => sum + speed, 0)) / meanS;
  const up = pauses?.up_mean_ms === undefined ? 1 : pauses.up_mean_ms / (pauses.up_mean_ms + pauses.down_mean_ms!);
  const weights = isRecord(scenario.lb) && Array.isArray(scenario.lb['weights']) ? (scenario.lb['weights'] as number[]) : null;
  // By weight, endpoints are apart, and the busiest one settles last.
  const shares = weights?.map((weight) => weight / weights.reduce((sum, one) => sum + one, 0));
  const load = shares === undefined ? ratePerS / (capacity * up) : Math.max(...shares.map((share, i) => (ratePerS * share * meanS) / (workers * speeds[i]!)));
  const isBounded = client?.timeout_ms != null || client?.queue_timeout !== undefined || queue_limit != null;
  if (isBounded || load >= 1) return Math.max(memoryS, 500 * meanS);
  const variability = Math.max(1, (1 + (Number(service?.['cv2']) || (Number(service?.['cv']) || 1) ** 2)) / 2, dispersionOf(scenario.arrivals), pauses === undefined ? 1 : 10);
  const isStateful = isRecord(scenario.lb) && weights === null && endpoints > 1;
  const one = 1 / (workers * (1 - Math.sqrt(load)) ** 2);
  const relaxation = isStateful ? Math.max(one / endpoints, 1 / (1 - load)) : one;
  return memoryS + (load > 0.9 ? 20 : 10) * relaxation * variability * meanS * (isStateful ? 2 : 1);
}

/** Of the number of arrivals in a long window: variance over mean (validation.md 6). */
function dispersionOf(arrivals: unknown): number {
  if (!isRecord(arrivals) || arrivals['process'] !== 'mmpp2') return 1;
  const { rates_rps, switch_per_s } = arrivals as unknown as SwitchingArrivals;
  const switches = switch_per_s[0] + switch_per_s[1];
  const [first, second] = [switch_per_s[1] / switches, switch_per_s[0] / switches];
  return 1 + (2 * first * second * (rates_rps[0] - rates_rps[1]) ** 2) / ((first * rates_rps[0] + second * rates_rps[1]) * switches);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
