/** Loads: what the traffic sources of a scenario send, in bounded amounts. */
import fc from 'fast-check';
import type { ScenarioDocument } from '../../scenario/document.ts';
import type { Json, JsonObject } from '../../scenario/schema.ts';
import { parseDuration } from '../../scenario/units.ts';
import { checkedRange, type Range } from './range.ts';
import { roundRate, roundTime } from './time.ts';
import { count } from './value.ts';

export interface LoadOptions {
  /** Requests of each source, fewest and most; 1 to 100 unless given, and once in ten up to 1000. An open loop draws how many really come. */
  readonly requests?: Range;
}

/** Most things go wrong with a few requests; what rests on windows, budgets and chance needs more. */
const FEW_OR_MANY: fc.Arbitrary<number> = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 100 }) }, { weight: 1, arbitrary: fc.integer({ min: 100, max: 1000 }) });

/** Keys that say how much comes and when. */
const LOAD_KEYS = ['rate', 'arrivals', 'profile', 'users', 'thinkTime', 'arrivalsFile'];
const MOST_USERS = 20;

/**
 * The `traffic` of the scenario with other loads: steady, in bursts or by users who wait for their answers. What a source asks, of whom, with how many clients and
 * under which policy stays. Shrinks to fewer requests, steadily.
 */
export function arbLoad(scenario: Pick<ScenarioDocument, 'duration' | 'traffic'>, { requests }: LoadOptions = {}): fc.Arbitrary<readonly JsonObject[]> {
  if (requests !== undefined) checkedRange('requests', requests, 1);
  const durationNs = parseDuration(scenario.duration)!; // a scenario has one
  const amount = requests === undefined ? FEW_OR_MANY : fc.integer({ min: requests[0], max: requests[1] });
  return fc.tuple(...scenario.traffic.map((source) =>
    fc.tuple(amount, shape).map(([sent, shapeOf]): JsonObject => ({
      ...Object.fromEntries(Object.entries(source).filter(([key]) => !LOAD_KEYS.includes(key))),
      ...shapeOf(sent, durationNs),
    }))));
}

type Shape = (requests: number, durationNs: number) => JsonObject;

const steady: fc.Arbitrary<Shape> = fc.constantFrom<Json | undefined>(undefined, 'uniform', { gamma: { cv: 2 } })
  .map((arrivals) => (requests, durationNs) => ({ rate: roundRate(requests, durationNs), ...(arrivals === undefined ? {} : { arrivals }) }));

/** Half of all in a tenth of the time. */
const burst: fc.Arbitrary<Shape> = count(1, 8).map((tenth) => (requests, durationNs) => {
  const calm = roundRate(requests / 2, durationNs);
  return { profile: [{ at: 0, rate: calm }, { at: roundTime((tenth * durationNs) / 10), rate: roundRate(requests / 2, durationNs / 10), step: true }, { at: roundTime(((tenth + 1) * durationNs) / 10), rate: calm, step: true }] };
});

/** Who thinks so long that no more requests come than were asked for, however fast the answers. */
const users: fc.Arbitrary<Shape> = fc.tuple(count(1, MOST_USERS), fc.boolean()).map(([most, isRandom]) => (requests, durationNs) => {
  const present = Math.min(most, requests);
  const think = roundTime((durationNs * present) / requests);
  return { users: present, thinkTime: isRandom ? { exponential: think } : think };
});

const shape: fc.Arbitrary<Shape> = fc.oneof({ weight: 3, arbitrary: steady }, { weight: 1, arbitrary: burst }, { weight: 1, arbitrary: users });
