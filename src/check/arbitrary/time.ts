/** Times and rates in round numbers. */
import { NS_PER_S } from '../../model/units.ts';
import { formatDuration, formatRate } from '../../scenario/units.ts';

/** With two digits; 0 stays 0. */
export function roundTime(ns: number): string {
  return formatDuration(Math.round(Number(ns.toPrecision(2))));
}

/** So many requests in such a time, with two digits. */
export function roundRate(requests: number, durationNs: number): string {
  return formatRate(Number(((requests * NS_PER_S) / durationNs).toPrecision(2)));
}
