/** Failures that were kept, and the file that they were found in as it is by now. */
import type { ScenarioDocument } from '../scenario/document.ts';
import { judgeable } from './cases.ts';
import { exprOf, tidied } from './simplify/mesh.ts';

/** A kept failure is of a threshold where it has one, and of an invariant where it has none. */
export function isOfThreshold({ thresholds = [] }: ScenarioDocument): boolean {
  return thresholds.length > 0;
}

/**
 * The same load and faults on the mesh of the file as it is by now: its services and policies in place of those that were kept. For failures of thresholds, which the
 * file is to blame for; that of an invariant stays as it was kept.
 * @returns null where the file does not ask for that threshold any more, or has not all of the services
 */
export function onPresentMesh(kept: ScenarioDocument, file: ScenarioDocument): ScenarioDocument | null {
  const asked = judgeable(file);
  if (!(kept.thresholds ?? []).every((threshold) => asked.includes(exprOf(threshold)))) return null;
  if (!Object.keys(kept.services).every((name) => Object.hasOwn(file.services, name))) return null;
  const services = Object.fromEntries(Object.entries(kept.services).map(([name, service]) => {
    // Calls to what had no part in it are gone from the kept one.
    const { calls: _, routes: __, ...present } = file.services[name]!;
    const { calls, routes } = service;
    return [name, { ...present, ...(calls === undefined ? {} : { calls }), ...(routes === undefined ? {} : { routes }) }];
  }));
  const { policies: _, ...rest } = kept;
  return tidied({ ...rest as ScenarioDocument, services, ...(file.policies === undefined ? {} : { policies: file.policies }) });
}
