/** Faults with less in them: one effect, one endpoint, shorter, later. */
import type { ScenarioDocument } from '../../scenario/document.ts';
import type { JsonObject } from '../../scenario/schema.ts';
import { roundTime } from '../arbitrary/time.ts';
import { timeOf } from './size.ts';

type Documents = Generator<ScenarioDocument, void, undefined>;

const WHEN_AND_WHERE = ['name', 'at', 'for', 'repeat', 'target', 'pick'];

export function* plainFaults(document: ScenarioDocument): Documents {
  const { faults = [] } = document;
  for (const [i, fault] of faults.entries()) for (const plainer of plainerThan(fault, timeOf(document.duration))) yield { ...document, faults: faults.with(i, plainer) };
}

function* plainerThan(fault: JsonObject, durationNs: number): Generator<JsonObject, void, undefined> {
  const effects = Object.keys(fault).filter((key) => !WHEN_AND_WHERE.includes(key));
  if (effects.length > 1) for (const effect of effects) yield without(fault, effect);
  if (fault['repeat'] !== undefined) yield without(fault, 'repeat');
  if (fault['pick'] !== undefined) yield without(fault, 'pick');
  const target = String(fault['target']);
  if (!/\/|->|^zone:|@/.test(target)) yield { ...fault, target: `${target}/0` };
  const atNs = timeOf(fault['at']);
  const lastingNs = fault['for'] === undefined ? null : timeOf(fault['for']);
  const left = lastingNs ?? durationNs - atNs;
  for (const share of [0.1, 0.5, 0.8]) {
    if (lastingNs !== null) yield { ...fault, for: roundTime(lastingNs * share) };
    // The same end.
    const later = roundTime(atNs + left * (1 - share));
    yield { ...fault, at: later, ...(lastingNs === null ? {} : { for: roundTime(Math.max(1, atNs + lastingNs - timeOf(later))) }) };
  }
}

function without(fault: JsonObject, key: string): JsonObject {
  const { [key]: _, ...rest } = fault;
  return rest;
}
