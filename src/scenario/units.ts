/** Scalars with units: text to ns, per second, 0..1, and back for messages and defaults. */
import { NS_PER_MS, NS_PER_S, NS_PER_US } from '../model/units.ts';

const NS_PER: Readonly<Record<string, number>> = {
  ns: 1,
  us: NS_PER_US,
  µs: NS_PER_US,
  ms: NS_PER_MS,
  s: NS_PER_S,
  m: 60 * NS_PER_S,
  h: 3600 * NS_PER_S,
};

export const DURATION_PATTERN = '^(?:0|(?:\\d+(?:\\.\\d+)?(?:ns|us|µs|ms|s|m|h))+)$';
export const RATE_PATTERN = '^\\d+(?:\\.\\d+)?/[smh]$';
export const PERCENT_PATTERN = '^\\d+(?:\\.\\d+)?%$';

export const SIZE_PATTERN = '^\\d+(?:\\.\\d+)?(?:B|KiB|MiB|GiB)$';

const DURATION = new RegExp(DURATION_PATTERN);
const DURATION_PART = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g;
const RATE = new RegExp(RATE_PATTERN);
const PERCENT = new RegExp(PERCENT_PATTERN);
const SIZE = new RegExp(SIZE_PATTERN);
const BYTES_PER: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** Whole ns, or null where the text is no duration. `1m30s`, `0`. */
export function parseDuration(text: string): number | null {
  if (text.length > 64 || !DURATION.test(text)) return null;
  let ns = 0;
  for (const [, digits, unit] of text.matchAll(DURATION_PART)) ns += Number(digits) * NS_PER[unit!]!;
  return Math.round(ns);
}

/** The shortest exact text: `250ms`, `1.5s`, `90s`, `1h`. */
export function formatDuration(ns: number): string {
  if (ns === 0) return '0';
  let shortest = `${Math.round(ns)}ns`;
  for (const unit of ['us', 'ms', 's', 'm', 'h']) {
    const text = `${ns / NS_PER[unit]!}${unit}`;
    if (ns >= NS_PER[unit]! && text.length <= shortest.length && parseDuration(text) === ns) shortest = text;
  }
  return shortest;
}

/** Per second, or null. `500/s`, `30/m`, `24000/h`. */
export function parseRate(text: string): number | null {
  if (text.length > 64 || !RATE.test(text)) return null;
  const [amount, unit] = text.split('/');
  return Number(amount) / (NS_PER[unit!]! / NS_PER_S);
}

export function formatRate(ratePerS: number): string {
  return `${Number(ratePerS.toPrecision(6))}/s`;
}

/** Whole bytes, or null where the text is no size. `64KiB`. */
export function parseSize(text: string): number | null {
  if (text.length > 64 || !SIZE.test(text)) return null;
  const unit = text.replace(/^[\d.]+/, '');
  return Math.round(Number(text.slice(0, -unit.length)) * BYTES_PER[unit]!);
}

/** `20%` as 0.2, or null; the range is the caller's affair. */
export function parsePercent(text: string): number | null {
  return text.length <= 64 && PERCENT.test(text) ? Number(text.slice(0, -1)) / 100 : null;
}

export function formatRatio(ratio: number): string {
  const percent = `${Number((ratio * 100).toPrecision(12))}%`;
  return parsePercent(percent) === ratio ? percent : String(ratio);
}
