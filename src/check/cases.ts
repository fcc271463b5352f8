/**
 * The cases of `meshsim check`: the mesh and the policies of a file, under loads and faults that are drawn. Case `i` of a seed is the same however many there are
 * and whoever runs them.
 *
 * - A small case has up to some hundred requests in a time between a tenth of a second and the file's own, and any faults. It is for invariants, which hold whatever happens.
 * - A whole case is as long as the file, with its load or less, and its faults strike one endpoint of a service that has others. It is for thresholds: they were
 *   made for that load, and what a mesh can survive at all is the loss of one of several. Invariants must hold there, too.
 */
import fc from 'fast-check';
import { replicationSeed } from '../random/replication-seed.ts';
import type { ScenarioDocument } from '../scenario/document.ts';
import type { Json, JsonObject } from '../scenario/schema.ts';
import { formatRate } from '../scenario/units.ts';
import { arbCase } from './arbitrary/case.ts';
import { arbFaults } from './arbitrary/fault.ts';
import { roundTime } from './arbitrary/time.ts';
import { exprOf, isMap, listOf, phasesOf } from './simplify/mesh.ts';
import { expectedRequests, rateOf, timeOf } from './simplify/size.ts';

export interface Case {
  readonly index: number;
  readonly document: ScenarioDocument;
  readonly isWhole: boolean;
}

export interface CaseOptions {
  readonly seed: number;
  /** Cases altogether. */
  readonly most: number;
  /** Most faults at once. */
  readonly faults: number;
  /** What is to be judged. */
  readonly invariants: boolean;
  readonly thresholds: boolean;
}

/** Cases that are generated together, as a task of one worker. */
export const BATCH = 20;
/** One of so many is a whole one, which takes as long as many small ones. */
const WHOLE_EVERY = 10;

/** @param batch  from 0: the cases from `batch * BATCH` on */
export function casesOf(scenario: ScenarioDocument, batch: number, { faults, invariants, most, seed, thresholds }: CaseOptions): readonly Case[] {
  const seedOfBatch = Number(BigInt.asIntN(32, BigInt(replicationSeed(seed, batch + 1))));
  const draw = <T>(arbitrary: fc.Arbitrary<T>, count: number): T[] => (count === 0 ? [] : fc.sample(arbitrary, { seed: seedOfBatch, numRuns: count }));
  const isWhole = (i: number): boolean => thresholds && (!invariants || i % WHOLE_EVERY === 0);
  const places = Array.from({ length: Math.min(BATCH, most - batch * BATCH) }, (_, i) => i);
  const whole = draw(wholeCase(scenario, faults), places.filter(isWhole).length);
  const small = draw(arbCase(scenario, { faults: [0, faults] }), places.filter((i) => !isWhole(i)).length);
  return places.map((i) => ({ index: batch * BATCH + i, isWhole: isWhole(i), document: (isWhole(i) ? whole : small).shift()! }));
}

/** Requests of a whole case. */
const MANY = 20_000;

/** The load of the file, or a share of it. */
const LOADS = [1, 1, 0.75, 0.5];

function wholeCase(scenario: ScenarioDocument, faults: number): fc.Arbitrary<ScenarioDocument> {
  const { description: _, faults: __, replications: ___, warmup, ...rest } = scenario as ScenarioDocument & Readonly<Record<'description' | 'replications' | 'warmup', Json | undefined>>;
  const mesh: ScenarioDocument = warmup === undefined || warmup === 'auto' ? rest : { ...rest, warmup };
  const share = Math.min(1, MANY / Math.max(1, expectedRequests(scenario)));
  const duration = share === 1 ? scenario.duration : roundTime(Math.max(timeOf(scenario.duration) * share, 2 * timeOf(warmup)));
  const thresholds = judgeable(scenario);
  return fc.record({ seed: fc.nat({ max: 1_000_000 }), load: fc.constantFrom(...LOADS) }).chain(({ load, seed }) => {
    const calm: ScenarioDocument = { ...mesh, seed, duration, traffic: load === 1 ? scenario.traffic : scenario.traffic.map((source) => lighter(source, load)), thresholds };
    return arbFaults(calm, { faults: [1, Math.max(1, faults)], targets: 'one' }).map((drawn) => ({ ...calm, faults: drawn }));
  });
}

/** Expressions of those that say nothing of the file's own faults, in whose place others come. */
export function judgeable({ thresholds = [] }: ScenarioDocument): readonly string[] {
  return thresholds.filter((threshold) => phasesOf(threshold).length === 0).map(exprOf);
}

/** Whether some service could lose an endpoint and still have one. */
export function canLoseOne({ services }: ScenarioDocument): boolean {
  return Object.values(services).some(({ replicas = 1 }) => Number(replicas) > 1);
}

function lighter(source: JsonObject, share: number): JsonObject {
  const scaled = (rate: Json): string => formatRate(Number((rateOf(rate) * share).toPrecision(3)));
  const { profile, rate, users } = source;
  return {
    ...source,
    ...(rate === undefined ? {} : { rate: scaled(rate) }),
    ...(typeof users !== 'number' ? {} : { users: Math.max(1, Math.round(users * share)) }),
    ...(profile === undefined ? {} : { profile: listOf(profile).map((point) => (isMap(point) ? { ...point, rate: scaled(point['rate']!) } : point)) }),
  };
}
