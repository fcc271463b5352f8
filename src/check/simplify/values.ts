/** Rounder numbers. */
import type { ScenarioDocument } from '../../scenario/document.ts';
import type { Json, JsonObject } from '../../scenario/schema.ts';
import { isMap } from './mesh.ts';
import { isAmount, roundness } from './size.ts';

type Documents = Generator<ScenarioDocument, void, undefined>;

export function* smallerSeed(document: ScenarioDocument): Documents {
  for (const seed of [1, 2, 3]) if (seed < Number(document['seed'] ?? 1)) yield { ...document, seed };
}

/** Every number of services, policies, traffic and faults. */
export function* rounder(document: ScenarioDocument): Documents {
  const { thresholds: _, ...rest } = document;
  for (const simpler of rounderIn(rest as JsonObject)) yield { ...document, ...(simpler as JsonObject) };
}

function* rounderIn(value: Json): Generator<Json, void, undefined> {
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    for (const [i, item] of items.entries()) for (const simpler of rounderIn(item)) yield items.with(i, simpler);
  } else if (isMap(value)) {
    for (const [key, item] of Object.entries(value)) for (const simpler of rounderIn(item)) yield { ...value, [key]: simpler };
  } else {
    yield* rounderThan(value);
  }
}

/** `37ms`: 10ms, 40ms. */
function rounderThan(value: Json): Json[] {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' && isAmount(value) ? value : '';
  const [number = '', ...more] = text.match(/\d+(?:\.\d+)?/g) ?? [];
  if (number === '' || more.length > 0 || Number(number) === 0) return [];
  const digits = Number(Number(number).toExponential().split('e')[1]);
  const candidates = new Set([10 ** digits, 10 ** (digits + 1), Number(Number(number).toPrecision(1))].map((rounded) => Number(rounded.toPrecision(1))));
  return [...candidates].map((rounded): Json => (typeof value === 'number' ? rounded : text.replace(number, String(rounded)))).filter((simpler) => roundness(simpler) < roundness(value));
}
