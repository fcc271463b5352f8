/** A grid of values: every combination, numbered, the last axis fastest; and which of them a shard has. */
export interface Axis {
  readonly path: string;
  /** YAML, at least one. */
  readonly values: readonly string[];
}

/** From 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

export function sizeOf(axes: readonly Axis[]): number {
  return axes.reduce((size, { values }) => size * values.length, 1);
}

/** One value of each axis. @param point  from 0 */
export function valuesAt(axes: readonly Axis[], point: number): string[] {
  const values: string[] = [];
  let rest = point;
  for (const { values: choices } of axes.toReversed()) {
    values.unshift(choices[rest % choices.length]!);
    rest = Math.floor(rest / choices.length);
  }
  return values;
}

/** Every n-th point, so that a slow corner of the grid is spread over all shards. */
export function pointsOf(axes: readonly Axis[], shard: Shard | null): number[] {
  const all = Array.from({ length: sizeOf(axes) }, (_, point) => point);
  return shard === null ? all : all.filter((point) => point % shard.of === shard.index - 1);
}
