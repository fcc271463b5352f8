/**
 * How much a scenario is to look at. A simplification must make it less, so that simplifying ends: the parts are natural numbers and the first that
 * differs decides.
 */
import { NS_PER_S } from '../../model/units.ts';
import type { ScenarioDocument } from '../../scenario/document.ts';
import type { Json } from '../../scenario/schema.ts';
import { parseDuration, parsePercent, parseRate } from '../../scenario/units.ts';
import { isMap, listOf } from './mesh.ts';

export type Size = readonly number[];

export function sizeOf(document: ScenarioDocument): Size {
  const { faults = [], services, traffic } = document;
  const durationNs = timeOf(document.duration);
  return [
    Object.keys(services).length,
    traffic.length,
    faults.length,
    expectedRequests(document),
    total(Object.values(services).map(({ replicas = 1 }) => Number(replicas))) + total(traffic.map(({ clients = 1 }) => Number(clients))),
    entriesIn({ ...document, seed: null }),
    amountsIn([document.policies, ...Object.values(services).map(({ policy }) => policy), ...traffic.map(({ policy }) => policy)]),
    total(faults.map((fault) => onNs(fault, durationNs))),
    total(faults.map(({ target }) => (String(target).includes('/') ? 0 : 1))),
    durationNs,
    digitsIn({ ...document, seed: null, duration: null }),
    Number(document['seed'] ?? 1),
    JSON.stringify(document).length,
  ];
}

export function isSmaller(one: Size, other: Size): boolean {
  const at = one.findIndex((part, i) => part !== other[i]);
  return at >= 0 && one[at]! < other[at]!;
}

/** About how many requests arrive. */
export function expectedRequests({ duration, traffic }: Pick<ScenarioDocument, 'duration' | 'traffic'>): number {
  const durationNs = timeOf(duration);
  return total(traffic.map(({ profile, rate, thinkTime, users }) => {
    if (users !== undefined) return Math.round(Number(users) * (1 + durationNs / Math.max(meanOf(thinkTime), 1e6)));
    if (rate !== undefined) return Math.round((rateOf(rate) * durationNs) / NS_PER_S);
    const points = listOf(profile).filter(isMap);
    return Math.round(total(points.map((point, i) => {
      const fromNs = i === 0 ? 0 : Math.min(timeOf(point['at']), durationNs);
      const toNs = i === points.length - 1 ? durationNs : Math.min(timeOf(points[i + 1]!['at']), durationNs);
      return (rateOf(point['rate']) * (toNs - fromNs)) / NS_PER_S;
    })));
  }));
}

export function timeOf(value: Json | undefined): number {
  return typeof value === 'string' ? (parseDuration(value) ?? 0) : 0;
}

export function rateOf(value: Json | undefined): number {
  return typeof value === 'string' ? (parseRate(value) ?? 0) : 0;
}

function meanOf(thinkTime: Json | undefined): number {
  return isMap(thinkTime) ? timeOf(Object.values(thinkTime)[0]) : timeOf(thinkTime);
}

/** How long a fault is on, each of its repetitions. */
function onNs(fault: { readonly [key: string]: Json }, durationNs: number): number {
  const fromNs = timeOf(fault['at']);
  const times = isMap(fault['repeat']) ? Number(fault['repeat']['times']) : 1;
  return fault['for'] === undefined ? Math.max(0, durationNs - fromNs) : timeOf(fault['for']) * times;
}

function entriesIn(value: Json | undefined): number {
  if (Array.isArray(value)) return total((value as readonly Json[]).map((item) => 1 + entriesIn(item)));
  return isMap(value) ? total(Object.values(value).map((item) => 1 + entriesIn(item))) : 0;
}

/** Of policies: what has to happen so many times before they act. */
function amountsIn(value: Json | readonly (Json | undefined)[] | undefined): number {
  if (typeof value === 'number') return Number.isInteger(value) ? value : 0;
  return typeof value === 'object' && value !== null ? total(Object.values(value).map(amountsIn)) : 0;
}

/** Roundness of all numbers: 1, 10 and 100 are the roundest, then 2, 20 …; 37 less so. */
function digitsIn(value: Json | undefined): number {
  if (Array.isArray(value)) return total((value as readonly Json[]).map(digitsIn));
  if (isMap(value)) return total(Object.values(value).map(digitsIn));
  return value === undefined ? 0 : roundness(value);
}

export function roundness(value: Json): number {
  const digits = typeof value === 'number' ? String(value) : typeof value === 'string' && isAmount(value) ? value : '';
  const significant = digits.replace(/[^\d]/g, '').replace(/^0+|0+$/g, '');
  return significant.length * 10 + Number(significant[0] ?? 0);
}

export function isAmount(text: string): boolean {
  return parseDuration(text) !== null || parseRate(text) !== null || parsePercent(text) !== null;
}

export function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
