/**
 * A sweep as `sweep.json` has it: the grid, and of each point what its replications measured. Nothing in it depends on where or
 * how it ran, so the parts of a sweep that was spread over machines add up to the bytes of one that was not.
 */
import type { Metrics } from '../result/result.ts';
import { type Axis, type Shard, pointsOf, valuesAt } from './grid.ts';

export const SWEEP_SCHEMA = 'meshsim/sweep/1';

export interface Sweep {
  readonly schema: typeof SWEEP_SCHEMA;
  /** Version that made it. */
  readonly meshsim: string;
  /** False where it was stopped before all its points were run. */
  readonly complete: boolean;
  /** `sha256` of the file's bytes. */
  readonly scenario: { readonly name: string; readonly sha256: string };
  /** Seeds of the replications, the same at every point. */
  readonly seeds: readonly number[];
  /** Other flags that change numbers, as given. */
  readonly flags: Readonly<Record<string, string>>;
  readonly axes: readonly Axis[];
  /** Expressions. */
  readonly thresholds: readonly string[];
  /** Null when it is whole. */
  readonly shard: Shard | null;
  readonly points: readonly Point[];
}

export interface Point {
  /** In the grid, from 0. */
  readonly point: number;
  /** By path. */
  readonly values: Readonly<Record<string, string>>;
  readonly reps: readonly Rep[];
}

/** One run; times in ms, goodput per second, shares 0..1; null where nothing was measured. */
export interface Rep {
  readonly seed: number;
  /** False when more was in flight than a run can hold. */
  readonly complete: boolean;
  readonly requests: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly errorRate: number | null;
  readonly goodput: number;
  /** Of all calls of the mesh, for each request of the traffic: extra work multiplies down a chain of calls. */
  readonly attemptsPerRequest: number | null;
  /** Whether each threshold held. */
  readonly held: readonly boolean[];
}

export function repOf(seed: number, complete: boolean, { errorRate, goodput, latencyMs, requests }: Metrics, attemptsPerRequest: number | null, held: readonly boolean[]): Rep {
  return { seed, complete, requests, p50: latencyMs.p50, p99: latencyMs.p99, errorRate, goodput, attemptsPerRequest, held };
}

export function pointOf(axes: readonly Axis[], point: number, reps: readonly Rep[]): Point {
  const values = valuesAt(axes, point);
  return { point, values: Object.fromEntries(axes.map(({ path }, i) => [path, values[i]!])), reps };
}

export type Merged = { readonly sweep: Sweep; readonly problem?: never } | { readonly problem: string; readonly sweep?: never };

/** Parts of one sweep as a whole. @param names  of the parts, for what is wrong with them */
export function mergeSweeps(parts: readonly Sweep[], names: readonly string[]): Merged {
  const [first] = parts;
  if (first === undefined) return { problem: 'there is nothing to merge' };
  const head = headOf(first);
  const other = parts.findIndex((part) => headOf(part) !== head);
  if (other > 0) return { problem: `${names[other]} is of another sweep than ${names[0]}: ${differenceOf(first, parts[other]!)}` };
  const points = new Map<number, { readonly point: Point; readonly text: string; readonly name: string }>();
  for (const [i, part] of parts.entries()) {
    for (const point of part.points) {
      const text = JSON.stringify(point);
      const known = points.get(point.point);
      if (known !== undefined && known.text !== text) return { problem: `${known.name} and ${names[i]} disagree on point ${point.point}` };
      points.set(point.point, { point, text, name: names[i]! });
    }
  }
  const missing = pointsOf(first.axes, null).filter((point) => !points.has(point));
  if (missing.length > 0) return { problem: `${missing.length === 1 ? '1 point is' : `${missing.length} points are`} missing: ${missingOf(missing, parts)}` };
  return { sweep: { ...first, complete: true, shard: null, points: [...points.values()].map(({ point }) => point).sort((a, b) => a.point - b.point) } };
}

/** All but the part that it is. */
function headOf({ complete: _, shard: __, points: ___, ...head }: Sweep): string {
  return JSON.stringify(head);
}

function differenceOf(one: Sweep, other: Sweep): string {
  const keys = ['meshsim', 'scenario', 'axes', 'seeds', 'flags', 'thresholds'] as const;
  const differing = keys.filter((key) => JSON.stringify(one[key]) !== JSON.stringify(other[key]));
  return `they differ in ${differing.map((key) => (key === 'meshsim' ? 'the version of meshsim' : key)).join(', ')}`;
}

/** By shard where that is how they were cut. */
function missingOf(missing: readonly number[], parts: readonly Sweep[]): string {
  const of = parts[0]?.shard?.of;
  if (of === undefined || parts.some(({ shard }) => shard?.of !== of)) return `such as ${missing[0]}`;
  const shards = [...new Set(missing.map((point) => (point % of) + 1))];
  return `shard ${shards.map((index) => `${index}/${of}`).join(', ')}`;
}
