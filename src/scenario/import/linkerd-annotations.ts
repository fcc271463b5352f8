/**
 * Linkerd's annotations on Services and routes, as its policy controller reads them (linkerd2 edge-25.8:
 * policy-controller/k8s/index/src/outbound): circuit breaking, retries, timeouts. One bad annotation makes its whole
 * family void; the controller logs it and goes on.
 */
import type { BackoffPlan } from '../../model/plan.ts';
import { NS_PER_MS, NS_PER_S } from '../../model/units.ts';

export type Annotations = Readonly<Record<string, string>>;
export interface Mistake {
  readonly mistake: string;
}

export interface AccrualAnnotations {
  readonly mode: 'consecutive' | 'unified';
  readonly maxFailures: number;
  readonly minPenaltyNs: number;
  readonly maxPenaltyNs: number;
  readonly jitterRatio: number;
  /** `unified` only. */
  readonly successRate: { readonly threshold: number; readonly windowNs: number; readonly minRequests: number } | null;
}

export interface RetryAnnotations<Condition> {
  readonly limit: number;
  /** Null for none. */
  readonly timeoutNs: number | null;
  readonly conditions: readonly Condition[];
  /** These two cannot be annotated. */
  readonly maxBodyBytes: number;
  readonly backoff: BackoffPlan;
}

export interface TimeoutAnnotations {
  readonly requestNs: number | null;
  readonly responseNs: number | null;
  readonly idleNs: number | null;
}

/** Null where nothing is configured. */
export function accrualOf(annotations: Annotations): AccrualAnnotations | null | Mistake {
  return attempt(() => readAccrual(annotations));
}

/** Conditions are ranges of statuses, both ends included. */
export function httpRetriesOf(annotations: Annotations): RetryAnnotations<readonly [number, number]> | null | Mistake {
  return attempt(() => readRetries(annotations, 'http', statusRange));
}

/** Conditions are names in the words of `retries.on`. */
export function grpcRetriesOf(annotations: Annotations): RetryAnnotations<string> | null | Mistake {
  return attempt(() => readRetries(annotations, 'grpc', grpcWord));
}

export function timeoutsOf(annotations: Annotations): TimeoutAnnotations | null | Mistake {
  return attempt(() => readTimeouts(annotations));
}

export function isMistake(value: object | null): value is Mistake {
  return value !== null && 'mistake' in value;
}

class BadAnnotation extends Error {}

function attempt<T>(read: () => T): T | Mistake {
  try {
    return read();
  } catch (error) {
    if (error instanceof BadAnnotation) return { mistake: error.message };
    throw error;
  }
}

const CONSECUTIVE = 'balancer.linkerd.io/failure-accrual-consecutive';
const SUCCESS_RATE = 'balancer.alpha.linkerd.io/failure-accrual-success-rate';
const JITTER_MAX = 100;
const WINDOW_NS_MIN: number = 10 * NS_PER_MS;
const MIN_REQUESTS_MAX = 1_000_000;
const U16_MAX = 65_535;
const U32_MAX = 4_294_967_295;

function readAccrual(annotations: Annotations): AccrualAnnotations | null {
  const mode = annotations['balancer.linkerd.io/failure-accrual'];
  if (mode === undefined) return null;
  if (mode !== 'consecutive' && mode !== 'unified') throw new BadAnnotation(`unsupported failure accrual mode ${mode}`);
  const maxFailures = read(annotations, `${CONSECUTIVE}-max-failures`, integer(U32_MAX)) ?? 7;
  const maxPenaltyNs = read(annotations, `${CONSECUTIVE}-max-penalty`, duration) ?? 60 * NS_PER_S;
  const minPenaltyNs = read(annotations, `${CONSECUTIVE}-min-penalty`, duration) ?? NS_PER_S;
  const jitterRatio = read(annotations, `${CONSECUTIVE}-jitter-ratio`, decimal) ?? 0.5;
  ensure(minPenaltyNs <= maxPenaltyNs, 'min-penalty is longer than max-penalty');
  ensure(maxPenaltyNs > 0, 'max-penalty is zero');
  ensure(jitterRatio >= 0 && jitterRatio <= JITTER_MAX, 'jitter-ratio is out of range');
  return { mode, maxFailures, minPenaltyNs, maxPenaltyNs, jitterRatio, successRate: mode === 'unified' ? readSuccessRate(annotations) : null };
}

function readSuccessRate(annotations: Annotations): NonNullable<AccrualAnnotations['successRate']> {
  const threshold = read(annotations, `${SUCCESS_RATE}-threshold`, decimal) ?? 0.8;
  const windowNs = read(annotations, `${SUCCESS_RATE}-window`, duration) ?? 10 * NS_PER_S;
  const minRequests = read(annotations, `${SUCCESS_RATE}-min-requests`, integer(U32_MAX)) ?? 5;
  ensure(threshold >= 0 && threshold <= 1, 'threshold is out of range');
  ensure(windowNs > 0, 'window is zero');
  // A threshold of 0 turns the success rate off, and its limits with it.
  ensure(threshold === 0 || windowNs >= WINDOW_NS_MIN, 'window is shorter than 10ms');
  ensure(threshold === 0 || minRequests <= MIN_REQUESTS_MAX, 'min-requests is above 1000000');
  return { threshold, windowNs, minRequests };
}

function readRetries<Condition>(annotations: Annotations, protocol: 'http' | 'grpc', condition: (text: string) => Condition): RetryAnnotations<Condition> | null {
  const limit = read(annotations, 'retry.linkerd.io/limit', integer(U16_MAX)) || null;
  const timeoutNs = read(annotations, 'retry.linkerd.io/timeout', duration) || null;
  const conditions = read(annotations, `retry.linkerd.io/${protocol}`, (text) => text.split(',').map(condition));
  if (limit === null && timeoutNs === null && conditions === null) return null;
  return { limit: limit ?? 1, timeoutNs, conditions: conditions ?? [], maxBodyBytes: 64 * 2 ** 10, backoff: BACKOFF };
}

const BACKOFF: BackoffPlan = { baseNs: 25 * NS_PER_MS, maxNs: 250 * NS_PER_MS, jitter: 'linkerd', multiplier: 2, jitterRatio: 1 };

function readTimeouts(annotations: Annotations): TimeoutAnnotations | null {
  const [requestNs, responseNs, idleNs] = ['request', 'response', 'idle'].map((name) => read(annotations, `timeout.linkerd.io/${name}`, duration)) as [number | null, number | null, number | null];
  return requestNs === null && responseNs === null && idleNs === null ? null : { requestNs, responseNs, idleNs };
}

function read<T>(annotations: Annotations, key: string, parse: (text: string) => T): T | null {
  const text = annotations[key];
  return text === undefined ? null : parse(text);
}

function statusRange(text: string): readonly [number, number] {
  const word = text.toLowerCase();
  if (word === '5xx') return [500, 599];
  if (word === 'gateway-error') return [502, 504];
  const [, low, high = low] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const range = [Number(low), Number(high)] as const;
  ensure(range[0] >= 100 && range[0] <= range[1] && range[1] < 600, `\`${text}\` is not a status`);
  return range;
}

const GRPC_WORDS: ReadonlyMap<string, string> = new Map([
  ['cancelled', 'cancelled'],
  ['deadline-exceeded', 'deadlineExceeded'],
  ['internal', 'internal'],
  ['resource-exhausted', 'resourceExhausted'],
  ['unavailable', 'unavailable'],
]);

function grpcWord(text: string): string {
  const word = GRPC_WORDS.get(text.toLowerCase());
  if (word === undefined) throw new BadAnnotation(`\`${text}\` is not a gRPC status`);
  return word;
}

function integer(max: number): (text: string) => number {
  return (text) => {
    const value = /^\+?\d+$/.test(text.trim()) ? Number(text) : NaN;
    ensure(value <= max, `\`${text}\` is not a whole number up to ${max}`);
    return value;
  };
}

function decimal(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  ensure(Number.isFinite(value), `\`${text}\` is not a number`);
  return value;
}

const UNITS_NS: Readonly<Record<string, number>> = { ms: NS_PER_MS, s: NS_PER_S, m: 60 * NS_PER_S, h: 3600 * NS_PER_S, d: 86_400 * NS_PER_S };

/** A whole number and a unit; 0 needs none. */
function duration(text: string): number {
  const [, digits, unit] = /^\+?(\d+)(ms|s|m|h|d|)$/.exec(text.trim()) ?? [];
  const value = Number(digits);
  ensure(digits !== undefined && (unit !== '' || value === 0), `\`${text}\` is not a duration`);
  return value === 0 ? 0 : value * UNITS_NS[unit!]!;
}

function ensure(holds: boolean, otherwise: string): void {
  if (!holds) throw new BadAnnotation(otherwise);
}
