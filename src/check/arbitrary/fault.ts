/** Faults that the mesh of a scenario can have. */
import fc from 'fast-check';
import { NS_PER_MS } from '../../model/units.ts';
import type { ScenarioDocument } from '../../scenario/document.ts';
import type { NamedCode } from '../../scenario/parse.ts';
import type { Json, JsonObject } from '../../scenario/schema.ts';
import { type Places, placesOf } from './place.ts';
import { checkedRange, type Range } from './range.ts';
import { roundTime } from './time.ts';
import { count, ms, percent, present, shortTime, someErrors } from './value.ts';

export interface FaultOptions {
  /** `none`, `single` (one), `any` (none to three), or how many, fewest and most; `any` unless given. */
  readonly faults?: 'none' | 'single' | 'any' | Range;
  /** `one`: an endpoint of a service that has others, which is what a mesh is there to survive. `any`: also whole services, zones and the network between two; `any` unless given. */
  readonly targets?: 'one' | 'any';
  /** The code that the scenario names: `docs/own-policies.md`. */
  readonly policies?: NamedCode;
}

/**
 * The `faults` of the scenario, in place of those that it has: crashes, pauses, hangs, slowness, errors, resets, lost capacity, loss and partitions, once or
 * flapping. Shrinks to fewer, shorter and later ones with one effect each.
 * @throws Error with every problem where the scenario is not valid
 */
export function arbFaults(scenario: ScenarioDocument, { faults = 'any', policies, targets = 'any' }: FaultOptions = {}): fc.Arbitrary<readonly JsonObject[]> {
  const [least, most] = boundsOf(faults);
  if (most === 0) return fc.constant([]);
  const places = placesOf({ ...scenario, faults: [], thresholds: [] }, policies);
  const survivable = places.services.filter(({ replicas }) => replicas > 1);
  if (targets === 'one' && survivable.length === 0) return fc.constant([]);
  return drawnFaults(least, most).map((drawn) => drawn.map((draw, i) => faultAt(draw, i, targets === 'one' ? { ...places, services: survivable, edges: [], zones: [] } : places, targets === 'one')));
}

export function boundsOf(faults: NonNullable<FaultOptions['faults']>): Range {
  switch (faults) {
    case 'none': return [0, 0];
    case 'single': return [1, 1];
    case 'any': return [0, 3];
    default: return checkedRange('faults', faults, 0, "'none', 'single', 'any', or ");
  }
}

export type FaultDraw = typeof fault extends fc.Arbitrary<infer Draw> ? Draw : never;

/** Faults before anybody knows where. */
export function drawnFaults(least: number, most: number): fc.Arbitrary<readonly FaultDraw[]> {
  return fc.array(fault, { minLength: least, maxLength: most });
}

const endpointEffect: fc.Arbitrary<JsonObject> = fc.oneof(
  ...['crash', 'hang', 'pause'].map((effect) => fc.constant<JsonObject>({ [effect]: true })),
  fc.record({ errors: fc.oneof(fc.constant<Json>('100%'), someErrors) }),
  fc.record({ latency: fc.oneof(fc.record<JsonObject>({ multiply: fc.constantFrom(0.5, 3, 10) }), fc.record<JsonObject>({ add: shortTime }), fc.record<JsonObject>({ set: shortTime }), fc.record<JsonObject>({ add: ms(50, 500) })) }),
  fc.record({ reset: percent(1, 60) }),
  fc.record({ capacity: percent(0, 90) }),
  fc.record({ firstCalls: count(1, 20) }),
);

const edgeEffect: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.constant({ partition: true }),
  fc.record({ latency: fc.record({ add: shortTime }) }),
  fc.record({ loss: percent(1, 30) }),
  fc.record({ reset: percent(1, 60) }),
);

/** Times as twentieths of the run. */
const fault: fc.Arbitrary<{
  readonly at: number; readonly lasting: number | undefined; readonly isRepeated: boolean;
  readonly scope: 'endpoint' | 'service' | 'edge' | 'zone'; readonly where: number; readonly which: number;
  readonly endpointEffects: readonly JsonObject[]; readonly edgeEffects: readonly JsonObject[];
}> = fc.record({
  at: count(0, 17),
  lasting: fc.oneof({ weight: 1, arbitrary: fc.constant(undefined) }, { weight: 3, arbitrary: count(1, 12) }),
  isRepeated: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  scope: fc.oneof({ weight: 4, arbitrary: fc.constant('endpoint' as const) }, { weight: 3, arbitrary: fc.constantFrom('service' as const, 'edge' as const) }, { weight: 1, arbitrary: fc.constant('zone' as const) }),
  where: fc.nat({ max: 1000 }),
  which: fc.nat({ max: 1000 }),
  endpointEffects: fc.array(endpointEffect, { minLength: 1, maxLength: 2 }),
  edgeEffects: fc.array(edgeEffect, { minLength: 1, maxLength: 2 }),
});

/** Three quarters of a period off, so that a policy has time to notice. */
const FLAPS = { times: 3, period: 4 };

/** @param isSingle  one endpoint, whatever was drawn */
export function faultAt(draw: FaultDraw, index: number, { durationNs, edges, services, zones }: Places, isSingle: boolean = false): JsonObject {
  const { scope, where, which } = draw;
  const onEdge = scope === 'edge' && edges.length > 0;
  const onZone = scope === 'zone' && zones.length > 0;
  const service = services[where % services.length]!;
  const target = onEdge ? edges[where % edges.length]! : onZone ? `zone:${zones[where % zones.length]}` : (scope === 'service' || scope === 'zone') && !isSingle ? service.name : `${service.name}/${which % service.replicas}`;
  const effects = Object.assign({}, ...(onEdge ? draw.edgeEffects : draw.endpointEffects)) as Record<string, Json>;
  const hit = onZone ? services : [service];
  const lastingNs = draw.lasting === undefined ? undefined : Math.max((draw.lasting * durationNs) / 20, NS_PER_MS);
  const isRepeated = draw.isRepeated && lastingNs !== undefined;
  return present({
    name: `fault-${index + 1}`,
    at: draw.at === 0 ? undefined : roundTime((draw.at * durationNs) / 20),
    for: lastingNs === undefined ? undefined : roundTime(isRepeated ? lastingNs / FLAPS.times : lastingNs),
    repeat: isRepeated ? { every: roundTime((lastingNs * FLAPS.period) / FLAPS.times), times: FLAPS.times } : undefined,
    target,
    ...withCapacity(effects, Math.min(...hit.map(({ concurrency }) => concurrency)), hit.some(({ concurrency }) => concurrency === Infinity)),
  });
}

/** At least one slot must be left, and a share of no limit is no limit. */
function withCapacity(effects: Readonly<Record<string, Json>>, least: number, isUnlimited: boolean): Readonly<Record<string, Json | undefined>> {
  if (typeof effects['capacity'] !== 'string') return effects;
  if (isUnlimited) return { ...effects, capacity: undefined, errors: effects['errors'] ?? '5%' };
  return { ...effects, capacity: `${Math.max(parseInt(effects['capacity'], 10), Math.ceil(100 / least))}%` };
}
