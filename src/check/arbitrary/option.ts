/**
 * Options of a policy's plug-ins, from their own descriptions: what the engine can do is drawn from within its ranges, and a new option is drawn
 * as soon as it is described. Values are few and plain, and small against a run of a second with some hundred requests: a policy whose window
 * or wait is longer than the run does nothing.
 */
import fc from 'fast-check';
import type { Kind, OptionSpec, OptionValue } from '../../model/kind.ts';
import { NS_PER_MS } from '../../model/units.ts';
import { fileOf } from '../../scenario/options.ts';
import type { JsonObject } from '../../scenario/schema.ts';
import { mapOf, maybe, type Values } from './value.ts';

const WHOLE = [0, 1, 2, 3, 5, 10, 20];
const NUMBERS = [0, 0.5, 1, 1.25, 2, 10];
const SHARES = [0, 0.05, 0.2, 0.5, 0.8, 1];
const TIMES_MS = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500];
const RATES = [1, 5, 20, 100, 300];

/** Defaults beyond these are never met in a short run, so that another value is given more often than not. */
const LONG_NS = 500 * NS_PER_MS;
const MANY = 20;
/** A default beyond this is a size, and costs as much. */
const LARGE = 10_000;

/** A map of options: each is there or not, required ones always are. */
export function arbOptions({ options }: Kind): fc.Arbitrary<JsonObject> {
  const known = Object.entries(options).filter(([, { later }]) => later !== true);
  return mapOf(Object.fromEntries(known.map(([name, spec]) => [name, maybe(arbOption(spec), { often: oftenOf(spec) })])));
}

function oftenOf(spec: OptionSpec): number {
  if (spec.default === undefined || (spec.type === 'integer' && spec.default > LARGE && spec.default !== Infinity)) return 12;
  const isBeyond = (spec.type === 'duration' && spec.default > LONG_NS) || (spec.type === 'integer' && spec.default > MANY);
  return isBeyond && spec.default !== Infinity ? 9 : 5;
}

export function arbOption(spec: OptionSpec): Values {
  const values = [...valuesOf(spec), ...(spec.infinite === undefined ? [] : [Infinity])];
  return fc.constantFrom(...values.map((value) => fileOf(spec, value)));
}

function valuesOf(spec: OptionSpec): OptionValue[] {
  switch (spec.type) {
    case 'integer': return within(WHOLE, spec);
    case 'number': return within(NUMBERS, spec);
    case 'duration': return within(TIMES_MS.map((time) => time * NS_PER_MS), spec);
    case 'ratio': return SHARES;
    case 'rate': return RATES;
    case 'boolean': return [false, true];
    case 'choice': return [...spec.values];
    default: return spec satisfies never;
  }
}

/** Those within the option's range, and its ends where they are near. */
function within(values: readonly number[], { min = 0, max = Infinity }: { readonly min?: number; readonly max?: number }): number[] {
  const inside = values.filter((value) => value >= min && value <= max);
  return inside.length > 1 ? inside : [min, ...[2 * min, 10 * min].filter((value) => value <= max)];
}
