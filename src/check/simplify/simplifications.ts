/**
 * What could be left out of a scenario, or be plainer: each candidate is the whole scenario with one thing less. Whether what it shows is still to be seen is
 * for others to find out, by running it.
 *
 * Kinds of simplification come in the order of what they save, and go round: after one that worked, the next candidates are those of the same kind, for what did not work
 * a moment ago will hardly work now. Fewer requests are worth another look where less needs to happen.
 */
import type { ScenarioDocument } from '../../scenario/document.ts';
import { adjustLoad, otherLuck, shorten, spreadOut } from './load.ts';
import { dropCalls, dropFaults, dropServices, dropSources, dropThresholds, dropTopKeys, dropZones } from './parts.ts';
import { dropPolicies, dropPolicyKeys, dropServiceKeys, smallerAmounts } from './keys.ts';
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
  /** What stays as it is. Where something should hold in spite of faults, less of what makes it hold is no simplification of why it does not. */
  readonly asItIs?: readonly Section[];
}

/**
 * - `services`: what each can do, and how many endpoints it has; whole services may go with all that concerns them
 * - `load`: what sources of traffic send, and for how long
 * - `sources`: which there are, and whom they ask: without one that is served well a share of all requests is another share
 */
export type Section = 'services' | 'policies' | 'load' | 'sources';

export interface Simplification {
  readonly document: ScenarioDocument;
  /** Where to begin with what is simpler still. */
  readonly kind: number;
}

interface Kind {
  readonly simplify: (document: ScenarioDocument, asItIs: readonly Section[]) => Iterable<ScenarioDocument>;
  readonly of?: Section;
  /** Fewer requests may do now. */
  readonly easesLoad?: true;
}

const KINDS: readonly Kind[] = [
  { simplify: dropServices },
  { simplify: dropFaults },
  { simplify: dropSources, of: 'sources' },
  { simplify: shorten, of: 'load' },
  { simplify: adjustLoad, of: 'load' },
  { simplify: spreadOut, of: 'load' },
  { simplify: fewerReplicas, of: 'services' },
  { simplify: fewerClients, of: 'load' },
  { simplify: dropZones, of: 'services' },
  { simplify: dropCalls },
  { simplify: dropPolicies, of: 'policies' },
  { simplify: smallerAmounts, of: 'policies', easesLoad: true },
  { simplify: dropPolicyKeys, of: 'policies' },
  { simplify: dropServiceKeys, of: 'services' },
  { simplify: dropThresholds },
  { simplify: dropTopKeys, of: 'load' },
  { simplify: plainFaults },
  { simplify: rounder },
  { simplify: smallerSeed, of: 'load' },
  { simplify: otherLuck, of: 'load', easesLoad: true },
];
const LOAD: number = KINDS.findIndex(({ simplify }) => simplify === shorten);

/** @param from  `kind` of the simplification that led here; 0 at the start */
export function* simplifications(document: ScenarioDocument, keep: Keep = {}, from: number = 0): Generator<Simplification, void, undefined> {
  const size = sizeOf(document);
  const { asItIs = [], faults = 0, services = 1, sources = 1 } = keep;
  for (let i = 0; i < KINDS.length; i++) {
    const kind = (from + i) % KINDS.length;
    const { easesLoad, of, simplify } = KINDS[kind]!;
    if (of !== undefined && asItIs.includes(of)) continue;
    for (const simpler of simplify(document, asItIs)) {
      if (Object.keys(simpler.services).length < services || (simpler.faults?.length ?? 0) < faults || simpler.traffic.length < sources) continue;
      if (isSmaller(sizeOf(simpler), size)) yield { document: simpler, kind: easesLoad === true ? LOAD : kind };
    }
  }
}
