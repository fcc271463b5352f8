/**
 * What could be left out of a scenario, or be plainer: each candidate is the whole scenario with one thing less. Whether what it shows is still to be seen is
 * for others to find out, by running it.
 *
 * Kinds of simplification come in the order of what they save, and go round: after one that worked, the next candidates are those of the same kind, for what did not work
 * a moment ago will hardly work now.
 */
import type { ScenarioDocument } from '../../scenario/document.ts';
import { adjustLoad, shorten } from './load.ts';
import { dropCalls, dropFaults, dropServices, dropSources, dropThresholds, dropTopKeys, dropZones } from './parts.ts';
import { dropPolicies, dropPolicyKeys, dropServiceKeys } from './keys.ts';
import { fewerClients, fewerReplicas } from './replicas.ts';
import { plainFaults } from './faults.ts';
import { rounder, smallerSeed } from './values.ts';
import { isSmaller, sizeOf } from './size.ts';

/** What must stay. */
export interface Keep {
  /** At least so many; 1, 0 and 1 unless given. */
  readonly services?: number;
  readonly faults?: number;
  readonly sources?: number;
  /** Policies as they are. */
  readonly keepsPolicies?: boolean;
  /** Only what is not the mesh's doing goes: faults, what has no part in it. Load, services and policies stay as they are, for with less of them anything would fail. */
  readonly keepsAbility?: boolean;
}

export interface Simplification {
  readonly document: ScenarioDocument;
  /** Where to begin with what is simpler still. */
  readonly kind: number;
}

type Simplify = (document: ScenarioDocument) => Iterable<ScenarioDocument>;

interface Kind {
  readonly simplify: Simplify;
  readonly touches?: 'policies' | 'ability';
}

const KINDS: readonly Kind[] = [
  { simplify: dropServices },
  { simplify: dropFaults },
  { simplify: dropSources },
  { simplify: shorten, touches: 'ability' },
  { simplify: adjustLoad, touches: 'ability' },
  { simplify: fewerReplicas, touches: 'ability' },
  { simplify: fewerClients, touches: 'ability' },
  { simplify: dropZones, touches: 'ability' },
  { simplify: dropCalls },
  { simplify: dropPolicies, touches: 'policies' },
  { simplify: dropPolicyKeys, touches: 'policies' },
  { simplify: dropServiceKeys, touches: 'ability' },
  { simplify: dropThresholds },
  { simplify: dropTopKeys, touches: 'ability' },
  { simplify: plainFaults },
  { simplify: rounder, touches: 'ability' },
  { simplify: smallerSeed, touches: 'ability' },
];

/** @param from  `kind` of the simplification that led here; 0 at the start */
export function* simplifications(document: ScenarioDocument, keep: Keep = {}, from: number = 0): Generator<Simplification, void, undefined> {
  const size = sizeOf(document);
  const { services = 1, faults = 0, sources = 1, keepsAbility = false, keepsPolicies = keepsAbility } = keep;
  for (let i = 0; i < KINDS.length; i++) {
    const kind = (from + i) % KINDS.length;
    const { simplify, touches } = KINDS[kind]!;
    if ((touches === 'policies' && keepsPolicies) || (touches === 'ability' && keepsAbility)) continue;
    for (const simpler of simplify(document)) {
      if (Object.keys(simpler.services).length < services || (simpler.faults?.length ?? 0) < faults || simpler.traffic.length < sources) continue;
      if (isSmaller(sizeOf(simpler), size)) yield { document: simpler, kind };
    }
  }
}
