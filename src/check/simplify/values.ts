/** Rounder numbers. */
import type { ScenarioDocument } from '../../scenario/document.ts';
import type { Json, JsonObject } from '../../scenario/schema.ts';
import { isMap } from './mesh.ts';
import type { Section } from './simplifications.ts';
import { isAmount, roundness } from './size.ts';

type Documents = Generator<ScenarioDocument, void, undefined>;

export function* smallerSeed(document: ScenarioDocument): Documents {
  for (const seed of [1, 2, 3]) if (seed < Number(document['seed'] ?? 1)) yield { ...document, seed };
}

/** Keys, at the top or below, whose numbers belong to each section. */
const OF: Readonly<Record<Section, readonly string[]>> = { services: ['services', 'network'], policies: ['policies', 'policy'], load: ['traffic', 'duration', 'drain'], sources: [] };

/** Each number that is not to stay as it is, but for limits of thresholds. */
export function* rounder(document: ScenarioDocument, asItIs: readonly Section[]): Documents {
  const fixed = ['thresholds', 'seed', ...asItIs.flatMap((section) => OF[section])];
  for (const simpler of rounderIn(document as JsonObject, fixed)) yield simpler as ScenarioDocument; // the same but for one number
}

function* rounderIn(value: Json, fixed: readonly string[]): Generator<Json, void, undefined> {
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    for (const [i, item] of items.entries()) for (const simpler of rounderIn(item, fixed)) yield items.with(i, simpler);
  } else if (isMap(value)) {
    for (const [key, item] of Object.entries(value)) if (!fixed.includes(key)) for (const simpler of rounderIn(item, fixed)) yield { ...value, [key]: simpler };
  } else if (value !== undefined) {
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
