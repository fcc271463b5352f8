/**
 * The values that one place of a scenario may take, as a flag says them:
 *
 *     policies.standard.loadBalancer=roundRobin,{ type: peakEwma, decay: 10s }     these values, any YAML
 *     policies.standard.timeout=50ms..2s                                           any value between
 *     traffic[0].rate=100/s..900/s:9                                               nine of them, both ends included
 *     policies.standard.retries.attempts=0..5                                      whole ends: whole numbers only
 *
 * Durations whose ends are a factor of ten or more apart are spaced by ratio, as people choose them (10 ms, 100 ms, 1 s); all
 * else is spaced evenly. `:log` or `:linear` at the end says otherwise. Values between the ends are rounded to what a
 * person would write, three digits; the ends are taken as they are.
 */
import { power } from '../model/math.ts';
import { NS_MAX } from '../model/units.ts';
import { parsePath } from './path.ts';
import type { ProblemList } from './problem-list.ts';
import type { ProblemCode } from './problem.ts';
import { short } from './schema.ts';
import type { Span } from './source.ts';
import { formatDuration, parseDuration, parsePercent, parseRate } from './units.ts';
import { splitValues } from './value-list.ts';

export type ValueRange = ListedValues | Interval;

export interface ListedValues {
  readonly kind: 'list';
  readonly path: string;
  /** As YAML, at least one, no two alike. */
  readonly values: readonly string[];
}

export interface Interval {
  readonly kind: 'interval';
  readonly path: string;
  readonly low: End;
  readonly high: End;
  readonly quantity: Quantity;
  readonly spacing: 'linear' | 'log';
  /** How many values were asked for, 2 or more; null where `:n` is absent. */
  readonly points: number | null;
}

interface End {
  readonly text: string;
  /** In the quantity's unit. */
  readonly value: number;
}

/** How the ends of an interval are written. */
type Quantity = 'duration' | 'rate' | 'percent' | 'whole' | 'number';

const POINTS_MAX = 10_000;
/** From this ratio of the ends on, durations are spaced by ratio. */
const LOG_FROM = 10;
/** Whole numbers between the ends that are all taken where nobody says how many. */
const WHOLE_MAX = 100;

/**
 * Reads `PATH=VALUES`. Null with the problems reported, each naming the flag.
 * @param flag  with its dashes, such as `--over`
 */
export function readValueRange(text: string, flag: string, problems: ProblemList): ValueRange | null {
  const reader = new RangeReader(`${flag} ${text}`, problems);
  const equals = equalsOf(text);
  if (equals <= 0) return reader.wrong('bad-value', `\`${short(text)}\` names no values`, `write path=values, such as ${flag} policies.standard.timeout=100ms..2s`);
  const path = text.slice(0, equals).trim();
  if (parsePath(path) === null) return reader.wrong('unknown-path', `\`${short(path)}\` is not a path`, 'such as services.cart.replicas or traffic[0].rate');
  const values = splitValues(text.slice(equals + 1));
  return values.length === 1 && RANGE.test(values[0]!) ? reader.interval(path, values[0]!) : reader.list(path, values);
}

/** The value at a share of the way from the low end (0) to the high end (1), as YAML. */
export function valueAt({ low, high, quantity, spacing, points }: Interval, share: number): string {
  const ratio = high.value / low.value;
  const between = spacing === 'log' ? low.value * power(ratio, share) : low.value + share * (high.value - low.value);
  // From one value to the next, or from end to end.
  const steps = (points ?? 2) - 1;
  const step = spacing === 'log' ? between * (power(ratio, 1 / steps) - 1) : (high.value - low.value) / steps;
  const precision = Math.min(step / 20, Math.abs(between) / 100);
  const unit = unitOf(quantity, low.text);
  const count = quantity === 'whole' ? Math.round(between) : roundedTo(precision / unit.size, between / unit.size);
  if (share <= 0 || count * unit.size <= low.value) return low.text;
  if (share >= 1 || count * unit.size >= high.value) return high.text;
  return quantity === 'duration' ? formatDuration(Math.round(count)) : `${count}${unit.name}`;
}

/**
 * All values, in order; null for an interval that holds too many and does not say how many are wanted.
 * @param unsaid  how many to take where it does not say, 2 or more
 */
export function valuesOf(range: ValueRange, unsaid: number): readonly string[];
export function valuesOf(range: ValueRange, unsaid?: number): readonly string[] | null;
export function valuesOf(range: ValueRange, unsaid?: number): readonly string[] | null {
  if (range.kind === 'list') return range.values;
  const count = countOf(range) ?? unsaid ?? null;
  if (count === null) return null;
  // Neighbours may be alike after rounding: whole numbers spaced by ratio at the low end, many values close to each other.
  return [...new Set(Array.from({ length: count }, (_, i) => valueAt(range, i / (count - 1))))];
}

/** For people: `50ms..2s, spaced by ratio`. */
export function describeRange(range: ValueRange): string {
  if (range.kind === 'list') return range.values.join(', ');
  const count = countOf(range);
  const parts = [`${range.low.text}..${range.high.text}`, ...(count === null ? [] : [`${valuesOf(range)!.length} values`]), ...(range.spacing === 'log' ? ['spaced by ratio'] : [])];
  return parts.join(', ');
}

/** How many values an interval stands for; null for all between its ends. */
function countOf({ low, high, quantity, points }: Interval): number | null {
  const whole = quantity === 'whole' ? high.value - low.value + 1 : Infinity;
  return points ?? (whole <= WHOLE_MAX ? whole : null);
}

/** A number at its front and dots between: `10ms..2s`, and what was meant to be that. A path such as `../a.csv` is not. */
const RANGE = /^([-+]?\.?\d[^'"[\]{}]*?)\.\.(.*)$/s;
const ENDING = /^(.*?)(?::(\d+))?(?::(log|linear))?$/s;
const WHOLE = /^-?\d{1,15}$/;
const NUMBER = /^-?\d+(?:\.\d+)?$/;

class RangeReader {
  private readonly span: Span;
  private readonly problems: ProblemList;

  constructor(flag: string, problems: ProblemList) {
    this.span = { start: 0, end: 0, flag };
    this.problems = problems;
  }

  wrong(code: ProblemCode, message: string, hint: string): null {
    this.problems.add(code, [], this.span, message, { hint });
    return null;
  }

  list(path: string, values: readonly string[]): ListedValues | null {
    if (values.some((value) => value === '')) return this.wrong('bad-value', values.length === 1 ? 'there is no value' : 'a value is missing beside a comma', 'write v1,v2,v3 or low..high');
    const range = values.find((value) => RANGE.test(value));
    if (range !== undefined) return this.wrong('bad-value', `\`${short(range)}\` stands in a list`, 'a range stands alone; list its values, or write low..high:n');
    const twice = values.find((value, i) => values.indexOf(value) < i);
    if (twice !== undefined) return this.wrong('duplicate-name', `\`${short(twice)}\` is listed twice`, 'once is enough');
    return { kind: 'list', path, values };
  }

  interval(path: string, text: string): Interval | null {
    const [, lowText = '', rest = ''] = RANGE.exec(text)!; // the caller has matched it
    const [, highText = '', countText, spacingText] = ENDING.exec(rest)!; // matches any text
    const ends = this.ends(lowText.trim(), highText.trim());
    if (ends === null) return null;
    const { low, high, quantity } = ends;
    if (low.value === high.value) return this.wrong('out-of-range', `\`${low.text}\` and \`${high.text}\` are the same`, `write ${path}=${low.text} for one value`);
    if (low.value > high.value) return this.wrong('out-of-range', `\`${low.text}\` is more than \`${high.text}\``, `did you mean \`${high.text}..${low.text}\`?`);
    if (spacingText === 'log' && low.value <= 0) return this.wrong('out-of-range', `\`${low.text}\` has no ratio to \`${high.text}\``, 'spacing by ratio begins above 0');
    const spacing = (spacingText as 'log' | 'linear' | undefined) ?? (quantity === 'duration' && low.value > 0 && high.value >= LOG_FROM * low.value ? 'log' : 'linear');
    const points = countText === undefined ? null : Number(countText);
    if (points !== null && !(points >= 2 && points <= POINTS_MAX)) return this.wrong('out-of-range', `\`:${countText}\` is out of range`, `2 to ${POINTS_MAX} values, both ends included`);
    if (quantity === 'whole' && points !== null && points > high.value - low.value + 1) {
      return this.wrong('out-of-range', `there are only ${high.value - low.value + 1} whole numbers from ${low.text} to ${high.text}`, `for fractions write ${low.text}.0..${high.text}.0:${points}`);
    }
    return { kind: 'interval', path, low, high, quantity, spacing, points };
  }

  private ends(lowText: string, highText: string): Pick<Interval, 'low' | 'high' | 'quantity'> | null {
    const [low, high] = [readEnd(lowText), readEnd(highText)];
    for (const [text, end] of [[lowText, low], [highText, high]] as const) {
      if (end === null) return this.wrong('bad-value', text === '' ? 'the range has no end' : `\`${short(text)}\` is not a quantity`, 'write low..high, such as 100ms..2s, 100/s..900/s, 5%..50% or 0..5');
    }
    if (low === null || high === null) return null;
    // 0 has every unit but that of a rate.
    const quantity = low.quantity === high.quantity ? low.quantity
      : low.value === 0 && low.quantity === 'whole' && high.quantity !== 'rate' ? high.quantity
      : low.quantity === 'whole' && high.quantity === 'number' || low.quantity === 'number' && high.quantity === 'whole' ? 'number'
      : null;
    if (quantity !== null) return { low: { text: lowText, value: low.value }, high: { text: highText, value: high.value }, quantity };
    const [bare, other] = isBare(low.quantity) ? [lowText, highText] : [highText, lowText];
    const unit = other.replace(/^[\d.]+/, '');
    if (isBare(low.quantity) || isBare(high.quantity)) return this.wrong('missing-unit', `\`${bare}\` has no unit, and \`${other}\` has one`, `did you mean \`${bare}${unit}\`?`);
    return this.wrong('bad-value', `\`${lowText}\` is ${NOUNS[low.quantity]} and \`${highText}\` is ${NOUNS[high.quantity]}`, 'both ends have the same kind of unit');
  }
}

const NOUNS: Readonly<Record<Quantity, string>> = { duration: 'a duration', rate: 'a rate', percent: 'a share', whole: 'a number', number: 'a number' };

function isBare(quantity: Quantity): boolean {
  return quantity === 'whole' || quantity === 'number';
}

function readEnd(text: string): { readonly value: number; readonly quantity: Quantity } | null {
  const end = (value: number | null, quantity: Quantity): { readonly value: number; readonly quantity: Quantity } | null => (value === null || Math.abs(value) > NS_MAX ? null : { value, quantity });
  if (WHOLE.test(text)) return end(Number(text), 'whole');
  if (NUMBER.test(text)) return end(Number(text), 'number');
  return end(parsePercent(text), 'percent') ?? end(parseRate(text), 'rate') ?? end(parseDuration(text), 'duration');
}

/** What numbers of this quantity are counted in, as an end has it; durations in ns. */
function unitOf(quantity: Quantity, like: string): { readonly name: string; readonly size: number } {
  switch (quantity) {
    case 'rate': {
      const name = like.slice(like.indexOf('/'));
      return { name, size: parseRate(`1${name}`)! };
    }
    case 'percent': return { name: '%', size: 0.01 };
    case 'duration':
    case 'whole':
    case 'number': return { name: '', size: 1 };
    default: return quantity satisfies never;
  }
}

/** To a whole multiple of the power of ten at or below `unit`. */
function roundedTo(unit: number, value: number): number {
  const quantum = Number(`1e${unit.toExponential().split('e')[1]}`);
  return Number((Math.round(value / quantum) * quantum).toPrecision(12)); // without the digits that binary fractions leave behind
}

/** The one that parts path and values; a quoted key may hold others. */
function equalsOf(text: string): number {
  const path = /^(?:[^="]|"(?:[^"\\]|\\.)*")*/.exec(text)?.[0] ?? '';
  return text[path.length] === '=' ? path.length : -1;
}
