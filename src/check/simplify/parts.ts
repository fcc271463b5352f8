/** Whole parts of a scenario left out. */
import type { ScenarioDocument } from '../../scenario/document.ts';
import { aimedAt, phasesOf, stepsOf, tidied, withoutService, withSteps } from './mesh.ts';
import type { Section } from './simplifications.ts';

type Documents = Generator<ScenarioDocument, void, undefined>;

/** First all that lies before one, then single ones. */
export function* dropServices(document: ScenarioDocument, asItIs: readonly Section[]): Documents {
  const names = Object.keys(document.services);
  const keepsSources = asItIs.includes('sources');
  if (!keepsSources) for (const name of names.toReversed()) if (!document.traffic.every(({ to }) => to === name)) yield aimedAt(document, name);
  for (const name of names.toReversed()) {
    if (keepsSources && document.traffic.some(({ to }) => to === name)) continue;
    const without = withoutService(document, name);
    if (without !== null) yield without;
  }
}

export function* dropFaults(document: ScenarioDocument): Documents {
  const { faults = [] } = document;
  if (faults.length === 0) return;
  yield withFaults(document, []);
  if (faults.length > 2) for (const fault of faults) yield withFaults(document, [fault]);
  if (faults.length > 1) for (const i of faults.keys()) yield withFaults(document, faults.toSpliced(i, 1));
}

/** And without what is said of those that are gone. */
function withFaults(document: ScenarioDocument, faults: NonNullable<ScenarioDocument['faults']>): ScenarioDocument {
  const { faults: before = [], thresholds, ...rest } = document;
  const gone = before.map(({ name }) => name).filter((name) => !faults.some((fault) => fault['name'] === name));
  const left = thresholds?.filter((threshold) => !phasesOf(threshold).some((phase) => gone.includes(phase)));
  return { ...rest as ScenarioDocument, ...(faults.length === 0 ? {} : { faults }), ...(left === undefined || left.length === 0 ? {} : { thresholds: left }) };
}

export function* dropSources(document: ScenarioDocument): Documents {
  if (document.traffic.length > 1) for (const i of document.traffic.keys()) yield tidied({ ...document, traffic: document.traffic.toSpliced(i, 1) });
}

export function* dropThresholds(document: ScenarioDocument): Documents {
  const { thresholds = [], ...rest } = document;
  if (thresholds.length === 0) return;
  yield rest as ScenarioDocument;
  if (thresholds.length > 1) for (const threshold of thresholds) yield { ...document, thresholds: [threshold] };
}

const TOP_KEYS = ['description', 'warmup', 'replications', 'network', 'drain'];

export function* dropTopKeys(document: ScenarioDocument): Documents {
  for (const key of TOP_KEYS) {
    if (document[key] === undefined) continue;
    const { [key]: _, ...rest } = document;
    yield rest as ScenarioDocument;
  }
}

/** All of them, with what is said of zones anywhere. */
export function* dropZones(document: ScenarioDocument): Documents {
  if (document['zones'] === undefined) return;
  const { network: _, zones: __, faults, ...rest } = document as ScenarioDocument & { readonly zones: unknown };
  const plain = JSON.parse(JSON.stringify(rest, (key, value: unknown) => (key === 'zones' || key === 'locality' ? undefined : value))) as ScenarioDocument;
  const elsewhere = faults?.filter(({ target }) => !/^zone:|@/.test(String(target)));
  yield { ...plain, ...(elsewhere === undefined || elsewhere.length === 0 ? {} : { faults: elsewhere }) };
}

export function* dropCalls(document: ScenarioDocument): Documents {
  for (const [name, service] of Object.entries(document.services)) {
    const steps = stepsOf(service);
    const change = (changed: typeof steps): ScenarioDocument => tidied({ ...document, services: { ...document.services, [name]: withSteps(service, changed) } });
    for (const [i, step] of steps.entries()) {
      yield change(steps.toSpliced(i, 1));
      if (!step.isParallel) continue;
      for (const j of step.calls.keys()) yield change(steps.with(i, { ...step, calls: step.calls.toSpliced(j, 1) }));
      if (step.calls.length === 1) yield change(steps.with(i, { ...step, isParallel: false }));
    }
  }
}
