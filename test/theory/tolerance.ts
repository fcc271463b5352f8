/** The tolerance kinds of the reference files, exactly as their `conventions` define them. */
import type { Expected, Tolerance } from './reference.ts';
import type { Window } from './requests.ts';

/** One measured value: `n` recorded requests (or trials) behind it, and its own standard error where replications tell it. */
export interface Measured {
  readonly value: unknown;
  readonly n: number;
  readonly standardError?: number;
}

export type Verdict = { readonly kind: 'passed' | 'failed' | 'unjudged'; readonly text: string };

export function judge({ metric, value, tolerance }: Expected, measured: Measured): Verdict {
  const pairs = pairsOf(value, measured.value);
  const needed = neededN(tolerance);
  if (measured.n < needed) return { kind: 'unjudged', text: `${metric}: stated for n >= ${needed}` };
  if (tolerance.kind === 'order') return { kind: 'unjudged', text: `${metric}: direction only` };
  const misses = pairs.filter(([expected, actual]) => !isWithin(tolerance, expected, actual, measured));
  if (misses.length === 0) return { kind: 'passed', text: metric };
  const shown = misses.map(([expected, actual]) => `${show(actual)} for ${show(expected)}${bandText(tolerance, expected, measured)}`);
  return { kind: 'failed', text: `${metric}: ${shown.join('; ')} at n = ${measured.n}` };
}

/** Largest distance from the expected value that passes. */
export function allowance(tolerance: Tolerance, expected: number, { n, standardError = 0 }: Measured): number {
  const size = Math.abs(expected);
  switch (tolerance.kind) {
    case 'arithmetic':
      return size * tolerance.rel;
    case 'relative':
      // "add your own sampling error": five standard errors, as the stated part is five of the reference's.
      return asksOwnError(tolerance) ? Math.hypot(size * tolerance.rel, 5 * standardError) : size * tolerance.rel;
    case 'exact':
      return 0;
    case 'absolute':
      return tolerance.abs;
    case 'sampling':
      return size * Math.max(tolerance.floor_rel, tolerance.rel_at_1e6 * Math.sqrt(1e6 / n));
    case 'proportion':
      return 4 * Math.sqrt((expected * (1 - expected)) / n);
    case 'iid':
      return size * tolerance.rel_at_1e6 * Math.sqrt(1e6 / n);
    default:
      return Infinity;
  }
}

/** The value comes from another simulation, so that ours must bring its own error. */
export function asksOwnError(tolerance: Tolerance): boolean {
  return tolerance.kind === 'relative' && /own sampling error|independent simulation$/.test(tolerance.why ?? '');
}

/** Requests from which a tolerance is meant to hold, where it says so. */
function neededN(tolerance: Tolerance): number {
  if (!('why' in tolerance)) return 0;
  const stated = /\bn >= (1e\d)/.exec(tolerance.why ?? '')?.[1];
  return stated === undefined ? 0 : Number(stated);
}

function isWithin(tolerance: Tolerance, expected: unknown, actual: unknown, measured: Measured): boolean {
  if (tolerance.kind === 'bound' && typeof expected === 'string') return isBelowLaw(expected, actual as Window);
  if (typeof expected !== 'number' || typeof actual !== 'number') return tolerance.kind === 'exact' && expected === actual;
  if (tolerance.kind === 'band') return actual >= tolerance.lo && actual <= tolerance.hi;
  if (tolerance.kind === 'bound') return tolerance.relation.startsWith('<=') ? actual <= expected : actual >= expected;
  return Math.abs(actual - expected) <= allowance(tolerance, expected, measured);
}

/** `10+100*t`: calls in any window of t seconds. Instants are whole ns, so a window may be one longer than it looks. */
function isBelowLaw(law: string, { calls, lengthNs }: Window): boolean {
  const [, burst, perS] = /^(\d+)\+(\d+)\*t$/.exec(law)!;
  return calls <= Number(burst) + (Number(perS) * (lengthNs + 1)) / 1e9;
}

/** Lists and maps one leaf at a time. */
function pairsOf(expected: unknown, actual: unknown): (readonly [unknown, unknown])[] {
  if (typeof expected !== 'object' || expected === null || typeof actual !== 'object' || actual === null) return [[expected, actual]];
  return Object.entries(expected).flatMap(([key, value]) => pairsOf(value, (actual as Readonly<Record<string, unknown>>)[key]));
}

function show(value: unknown): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : JSON.stringify(value);
}

function bandText(tolerance: Tolerance, expected: unknown, measured: Measured): string {
  if (typeof expected !== 'number') return '';
  if (tolerance.kind === 'band') return ` (${tolerance.lo} to ${tolerance.hi})`;
  if (tolerance.kind === 'bound') return ` (${tolerance.relation})`;
  return ` +- ${show(allowance(tolerance, expected, measured))}`;
}
