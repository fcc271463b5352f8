/** A mesh under loads and faults that it was not written for. */
import fc from 'fast-check';
import { NS_PER_S } from '../../model/units.ts';
import type { ScenarioDocument } from '../../scenario/document.ts';
import type { Json } from '../../scenario/schema.ts';
import type { Keep } from '../simplify/simplifications.ts';
import { timeOf } from '../simplify/size.ts';
import { shrinkingAsDocument } from './as-document.ts';
import { arbFaults, boundsOf, type FaultOptions } from './fault.ts';
import { arbLoad, type LoadOptions } from './load.ts';
import { checkedRange } from './range.ts';
import { roundTime } from './time.ts';

export interface CaseShape extends FaultOptions, LoadOptions {
  /** What shrinking leaves as it is; nothing unless given, so that it also takes away what has no part in the failure. */
  readonly asItIs?: Keep['asItIs'];
}

const LENGTHS_NS = [0.1, 0.3, 1, 3, 10, 30, 100, 300].map((seconds) => seconds * NS_PER_S);

/**
 * The scenario's services and policies under a load, faults and a seed that are drawn, for a time from 100 ms up to the scenario's own. Without its thresholds, which
 * were made for its own load. Shrinks as `arbScenario` does.
 * @throws Error with every problem where the scenario is not valid; Error for an option that is no range
 */
export function arbCase(scenario: ScenarioDocument, { asItIs = [], faults = 'any', policies = {}, requests, targets }: CaseShape = {}): fc.Arbitrary<ScenarioDocument> {
  // Here, and not when the first is drawn.
  if (requests !== undefined) checkedRange('requests', requests, 1);
  const [fewestFaults] = boundsOf(faults);
  const { description: _, faults: __, replications: ___, thresholds: ____, warmup: _____, ...mesh } = scenario as ScenarioDocument & Readonly<Record<'description' | 'replications' | 'warmup', Json | undefined>>;
  const own = Math.max(timeOf(scenario.duration), NS_PER_S);
  const lengths = LENGTHS_NS.filter((length) => length <= own).map(roundTime);
  const drawn = fc.record({ seed: fc.nat({ max: 1_000_000 }), duration: fc.constantFrom(...lengths) }).chain((run) =>
    arbLoad({ ...run, traffic: scenario.traffic }, requests === undefined ? {} : { requests }).chain((traffic) => {
      const calm: ScenarioDocument = { ...mesh, ...run, traffic };
      return arbFaults(calm, { faults, policies, ...(targets === undefined ? {} : { targets }) }).map((some) => (some.length === 0 ? calm : { ...calm, faults: some }));
    }));
  return shrinkingAsDocument(drawn, { asItIs, faults: fewestFaults }, policies);
}
