/** Values of a comparison and changes of them, with what is uncertain about each, for people. */
import { grouped } from '../../model/grouped.ts';
import type { Cell, Change, Row } from '../../compare/comparison.ts';
import * as format from '../format.ts';

type Unit = Row['unit'];

export function valueText({ mean }: Pick<Cell, 'mean'>, unit: Unit): string {
  if (mean === null) return format.NOTHING;
  switch (unit) {
    case 'ms': return format.milliseconds(mean);
    case 'perSecond': return `${format.number(mean)}/s`;
    case 'share': return format.percent(mean);
    case 'times': return format.times(mean);
    default: return unit satisfies never;
  }
}

/** Half the width of the interval: shares in points, all else relative to the value. Nothing where there is none. */
export function uncertaintyText({ mean, low, high }: Cell, unit: Unit): string {
  if (mean === null || mean === 0 || low === null || high === null || low === high) return '';
  const half = (high - low) / 2;
  return unit === 'share' ? plusMinus(half * 100, '') : plusMinus((100 * half) / mean, '%');
}

/** Nothing for what is too little to be written. */
function plusMinus(half: number, suffix: string): string {
  const text = digits(half, half);
  return text === '0' ? '' : `±${text}${suffix}`;
}

export function changeText(change: Change, unit: Unit): string {
  const { estimate } = change;
  if (estimate === null) return format.NOTHING;
  const [factor, suffix] = scaleOf(change, unit);
  const size = digits(Math.abs(estimate) * factor, halfOf(change) * factor);
  return `${size === '0' ? '' : estimate < 0 ? '-' : '+'}${size}${suffix}`;
}

export function changeUncertainty(change: Change, unit: Unit): string {
  const half = halfOf(change);
  const [factor, suffix] = scaleOf(change, unit);
  return plusMinus(half * factor, suffix === '%' ? suffix : '');
}

/** `would see 0.4%`. */
export function detectableText(change: Change, unit: Unit): string {
  const { detectable } = change;
  if (detectable === null) return '';
  if (isIdentical(change)) return 'identical';
  const [factor, suffix] = scaleOf(change, unit);
  return `would see ${digits(detectable * factor, detectable * factor)}${suffix}`;
}

/** In every replication. */
function isIdentical({ detectable, estimate }: Change): boolean {
  return detectable === 0 && estimate === 0;
}

function scaleOf({ kind }: Change, unit: Unit): readonly [factor: number, suffix: string] {
  if (kind === 'ratio') return [100, '%'];
  switch (unit) {
    case 'ms': return [1, ' ms'];
    case 'perSecond': return [1, '/s'];
    case 'share': return [100, ' pt'];
    case 'times': return [1, '×'];
    default: return unit satisfies never;
  }
}

function halfOf({ low, high }: Change): number {
  return low === null || high === null ? 0 : (high - low) / 2;
}

const DECIMALS_MAX = 4;
const DIGITS_MAX = 4;

/** As far as the uncertainty has something to say: to its first digit (the second of the size where it is certain), with at least one decimal below a hundred and four digits in all. */
function digits(size: number, uncertainty: number): string {
  const grain = uncertainty === 0 ? size / 10 : uncertainty;
  const known = grain === 0 ? 0 : Math.ceil(-Math.log10(grain) - 1e-9);
  const room = DIGITS_MAX - Math.max(1, Math.ceil(Math.log10(size + 1e-9)));
  const decimals = Math.max(size < 99.95 ? 1 : 0, Math.min(DECIMALS_MAX, size < 1 ? DECIMALS_MAX : room, known));
  const text = size.toFixed(decimals);
  return Number(text) === 0 ? '0' : text.replace(/^\d{4,}/, (whole) => grouped(Number(whole)));
}
