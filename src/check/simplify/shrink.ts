/** From a scenario in which something fails to a simple one in which it still does. */
import type { ScenarioDocument } from '../../scenario/document.ts';
import { type Keep, simplifications } from './simplifications.ts';

export interface Shrunk<Evidence> {
  readonly document: ScenarioDocument;
  /** Of the last simplification that still fails. */
  readonly evidence: Evidence;
  /** Simplifications that still failed, and those that were tried. */
  readonly shrinks: number;
  readonly tries: number;
}

/**
 * Takes the first simplification that still fails, over and over, until none does or as many were tried as may be.
 * @param look  what speaks for a candidate; null where it does not fail, or cannot be run
 * @param mayGoOn  asked before each try
 */
export function shrink<Evidence>(document: ScenarioDocument, evidence: Evidence, look: (candidate: ScenarioDocument) => Evidence | null, { keep = {}, tries: most = TRIES, mayGoOn = () => true }: { readonly keep?: Keep; readonly tries?: number; readonly mayGoOn?: () => boolean } = {}): Shrunk<Evidence> {
  let best = { document, evidence };
  let shrinks = 0;
  let tries = 0;
  let kind = 0;
  for (let isSimpler = true; isSimpler; ) {
    isSimpler = false;
    for (const simpler of simplifications(best.document, keep, kind)) {
      if (tries >= most || !mayGoOn()) return { ...best, shrinks, tries };
      tries++;
      const found = look(simpler.document);
      if (found === null) continue;
      best = { document: simpler.document, evidence: found };
      kind = simpler.kind;
      shrinks++;
      isSimpler = true;
      break;
    }
  }
  return { ...best, shrinks, tries };
}

/** Some seconds of short runs. */
const TRIES = 3000;
