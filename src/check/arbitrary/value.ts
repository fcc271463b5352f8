/** Values as a file has them, and maps of which some keys are there. */
import fc from 'fast-check';
import type { Json, JsonObject } from '../../scenario/schema.ts';

export type Values<T extends Json = Json> = fc.Arbitrary<T>;

export const ms = (low: number, high: number): Values<string> => fc.integer({ min: low, max: high }).map((value) => `${value}ms`);
export const percent = (low: number, high: number): Values<string> => fc.integer({ min: low, max: high }).map((value) => `${value}%`);
export const count = (min: number, max: number): Values<number> => fc.integer({ min, max });
export const perSecond = (low: number, high: number): Values<string> => fc.integer({ min: low, max: high }).map((value) => `${value}/s`);

export interface MaybeOptions {
  /** Of 12, how often it is there; 6 unless given. */
  readonly often?: number;
}

/** There or not; not there is what it shrinks to. */
export function maybe<T>(arbitrary: fc.Arbitrary<T>, { often = 6 }: MaybeOptions = {}): fc.Arbitrary<T | undefined> {
  return fc.oneof({ withCrossShrink: true }, { weight: 12 - often, arbitrary: fc.constant(undefined) }, { weight: often, arbitrary });
}

/** A map; keys whose value is `undefined` are left out. */
export function mapOf(fields: Readonly<Record<string, fc.Arbitrary<Json | undefined>>>): fc.Arbitrary<JsonObject> {
  return fc.record({ ...fields }).map(present);
}

export function present(map: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(map).filter((entry): entry is [string, Json] => entry[1] !== undefined));
}

/** Distributions that are short against a run of a second, the plainest first. */
export const shortTime: Values = fc.oneof(
  ms(0, 30),
  fc.record({ exponential: ms(1, 30) }),
  fc.tuple(count(1, 20), count(2, 8)).map(([median, factor]) => ({ p50: `${median}ms`, p99: `${median * factor}ms` })),
  fc.tuple(count(0, 10), count(1, 20)).map(([low, width]) => ({ uniform: [`${low}ms`, `${low + width}ms`] })),
  fc.record({ gamma: fc.record({ mean: ms(1, 20), shape: fc.constantFrom(0.5, 2) }) }),
  fc.record({ normal: fc.record({ mean: ms(5, 20), stddev: ms(1, 5) }) }),
);

export const someErrors: Values = fc.oneof(percent(1, 60), fc.record({ rate: percent(1, 60), status: fc.constantFrom(500, 503, 409), after: ms(0, 3) }));
