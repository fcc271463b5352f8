/**
 * Numbers for people: three significant digits, whole numbers with separators from a thousand on,
 * `M` and `G` from a million on. `-` where nothing was measured. Independent of the locale.
 */
import { grouped } from '../model/grouped.ts';

export const NOTHING = '-';

export function number(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return NOTHING;
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 999.5e6) return `${(value / 1e9).toFixed(decimalsOf(size / 1e9))} G`;
  if (size >= 999_999.5) return `${(value / 1e6).toFixed(decimalsOf(size / 1e6))} M`;
  if (size >= 999.5) return grouped(Math.round(value));
  if (size < 0.001) return value.toExponential(2);
  return value.toFixed(decimalsOf(size));
}

/** Counts are whole: no decimals are made up for 7. */
export function count(value: number): string {
  return value < 999_999.5 ? grouped(value) : number(value);
}

export function milliseconds(ms: number | null): string {
  return ms === null ? NOTHING : `${number(ms)} ms`;
}

/** `250 ms`, `1.5 s`, `30 s`: a length of time without needless zeros. */
export function duration(ms: number): string {
  return ms > 0 && ms < 1000 ? `${trimmed(number(ms))} ms` : `${trimmed(number(ms / 1000))} s`;
}

export function times(factor: number | null): string {
  return factor === null ? NOTHING : `${factor < 9.995 ? factor.toFixed(2) : number(factor)}×`;
}

/** A share of 0..1 as `38%`: whole percents, for figures that are read at a glance. */
export function wholePercent(share: number | null): string {
  return share === null ? NOTHING : `${Math.round(share * 100)}%`;
}

/**
 * An error share of 0..1, two decimals or as many as two digits need. Never rounds a failure away
 * to 0 nor a success away to 100.
 */
export function percent(share: number | null): string {
  return share === null ? NOTHING : `${percentDigits(share)}%`;
}

/** Half an interval, as a share: `±4.5%`. */
export function plusMinus(share: number): string {
  return `±${Number((100 * share).toPrecision(2))}%`;
}

export function percentDigits(share: number): string {
  if (share === 0 || share === 1) return String(share * 100);
  return (share * 100).toFixed(percentDecimals(Math.min(share, 1 - share)));
}

export function percentDecimals(share: number): number {
  if (share <= 0) return 2;
  return Math.min(8, Math.max(2, 1 - Math.floor(Math.log10(share * 100) + ROUNDING)));
}

/** So that the 1e-7 left of 0.9999999 counts as 1e-7. */
const ROUNDING = 1e-6;

/** Decimals that make three significant digits of a value up to 1000. */
function decimalsOf(size: number): number {
  if (size >= 99.95) return 0;
  if (size >= 9.995) return 1;
  if (size >= 0.9995) return 2;
  return 2 - Math.floor(Math.log10(size * 1.0005));
}

function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
