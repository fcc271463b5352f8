/** Whole scenarios: a small mesh, policies, traffic and faults. */
import fc from 'fast-check';
import type { ScenarioDocument } from '../../scenario/document.ts';
import type { Json, JsonObject } from '../../scenario/schema.ts';
import { shrinkingAsDocument } from './as-document.ts';
import type { Keep } from '../simplify/simplifications.ts';
import { boundsOf, drawnFaults, faultAt, type FaultOptions } from './fault.ts';
import { arbLoad, type LoadOptions } from './load.ts';
import { placesOf } from './place.ts';
import { arbPolicy } from './policy.ts';
import { checkedRange, type Range } from './range.ts';
import { count, mapOf, maybe, ms, present, shortTime, someErrors } from './value.ts';

export interface ScenarioOptions extends LoadOptions, Pick<FaultOptions, 'faults' | 'policies'> {
  /** Services, fewest and most; 1 to 4 unless given. They call only later ones. */
  readonly services?: Range;
  /** Endpoints of each service; 1 to 4 unless given. */
  readonly replicas?: Range;
  /** Sources of traffic, all of which ask the first service; 1 to 2 unless given. */
  readonly sources?: Range;
  /** How services are called: one policy for all, or one drawn for each; `arbPolicy()` unless given. */
  readonly policy?: JsonObject | fc.Arbitrary<JsonObject>;
  /** What shrinking leaves as it is: `policies` where `policy` is one for all, else nothing, unless given. */
  readonly asItIs?: Keep['asItIs'];
}

const ZONES = ['a', 'b'];

/**
 * A scenario of about a second of virtual time and some hundred requests, which `parseScenario` reads: its every value is within what the file format allows. Shrinks as
 * a whole to fewer services, faults, requests and replicas, to policies with fewer keys, and to shorter times and rounder numbers, always to something valid.
 * @throws Error for an option that is no range
 */
export function arbScenario(options: ScenarioOptions = {}): fc.Arbitrary<ScenarioDocument> {
  const { asItIs, services: [fewest, most] = [1, 4], sources: [leastSources, mostSources] = [1, 2], faults = 'any', requests, policies, policy } = options;
  const [leastFaults, mostFaults] = boundsOf(faults);
  for (const name of ['services', 'replicas', 'sources', 'requests'] as const) if (options[name] !== undefined) checkedRange(name, options[name], 1);
  const drawn = fc.record({
    seed: fc.nat({ max: 1_000_000 }),
    warmup: fc.constantFrom(undefined, '300ms'),
    duration: count(8, 15).map((tenths) => `${tenths * 100}ms`),
    drain: fc.constantFrom(undefined, '0s', '2s', '100s'),
    hasZones: fc.boolean(),
    services: fc.array(serviceDraw(options), { minLength: fewest, maxLength: most }),
    sources: fc.array(source, { minLength: leastSources, maxLength: mostSources }),
    faults: drawnFaults(leastFaults, mostFaults),
  });
  return shrinkingAsDocument(
    drawn.chain(({ duration, drain, faults: troubles, hasZones, seed, services, sources, warmup }) => {
      const traffic = sources.map((values, i): JsonObject => ({ to: 's0', name: `source-${i}`, ...values }));
      const named = policy === undefined || isArbitrary(policy) ? undefined : { default: policy };
      const base = present({ name: 'generated', seed, duration, warmup, drain, ...(hasZones ? { zones: ZONES, network: { latency: '1ms', betweenZones: { uniform: ['2ms', '6ms'] } } } : {}) });
      return arbLoad({ duration, traffic }, requests === undefined ? {} : { requests }).map((loads): ScenarioDocument => {
        const calm: ScenarioDocument = { ...base, duration, services: Object.fromEntries(services.map((service, i) => [`s${i}`, serviceOf(service, i, services.length, hasZones)])), traffic: loads, ...(named === undefined ? {} : { policies: named }) };
        if (troubles.length === 0) return calm;
        const places = placesOf(calm, policies);
        return { ...calm, faults: troubles.map((draw, i) => faultAt(draw, i, places)) };
      });
    }),
    { services: fewest, faults: leastFaults, sources: leastSources, asItIs: asItIs ?? (policy === undefined || isArbitrary(policy) ? [] : ['policies']) },
    policies ?? {},
  );
}

const source: fc.Arbitrary<JsonObject> = mapOf({
  clients: maybe(count(2, 3)),
  requests: fc.constantFrom<Json | undefined>(undefined, [{ name: 'list', weight: 3 }, { name: 'buy', weight: 1, method: 'POST' }]),
});

const step = fc.record({ to: fc.nat({ max: 1000 }), probability: fc.constantFrom(undefined, '40%'), optional: fc.constantFrom(undefined, true), times: fc.constantFrom(undefined, 2, 3), isParallel: fc.boolean() });
type Step = typeof step extends fc.Arbitrary<infer Draw> ? Draw : never;

interface ServiceDraw {
  readonly values: JsonObject;
  readonly policies: { readonly zonal: JsonObject; readonly plain: JsonObject };
  readonly steps: readonly Step[];
  /** Weights of the service itself and of others. */
  readonly split: { readonly own: number | null; readonly others: readonly { readonly to: number; readonly weight: number }[] } | undefined;
}

function serviceDraw({ policy, replicas: [least, most] = [1, 4] }: ScenarioOptions): fc.Arbitrary<ServiceDraw> {
  // One for all is the default of the file.
  const given = policy === undefined ? null : isArbitrary(policy) ? policy : fc.constant<JsonObject>({});
  const both = given?.map((one) => ({ zonal: one, plain: one })) ?? fc.record({ zonal: arbPolicy({ zones: ZONES }), plain: arbPolicy() });
  return fc.record({
    values: mapOf({
      replicas: count(least, most),
      concurrency: fc.oneof({ weight: 3, arbitrary: count(1, 6) }, { weight: 1, arbitrary: fc.constant('unlimited') }),
      queue: maybe(mapOf({ limit: fc.oneof(count(0, 30), fc.constant('unlimited')), discipline: fc.constantFrom(undefined, 'lifo'), timeout: maybe(ms(5, 100)) })),
      latency: shortTime,
      errors: maybe(someErrors),
      onCancel: fc.constantFrom(undefined, 'dropQueued', 'stop'),
      startup: fc.constantFrom(undefined, '200ms'),
    }),
    policies: both,
    steps: fc.array(step, { maxLength: 3 }),
    split: maybe(fc.record({ own: fc.option(count(0, 3)), others: fc.array(fc.record({ to: fc.nat({ max: 1000 }), weight: count(1, 3) }), { minLength: 1, maxLength: 2 }) }), { often: 3 }),
  });
}

function isArbitrary(policy: JsonObject | fc.Arbitrary<JsonObject>): policy is fc.Arbitrary<JsonObject> {
  // Of whichever copy of fast-check.
  return typeof (policy as { readonly generate?: unknown }).generate === 'function';
}

function serviceOf({ policies, split, steps, values }: ServiceDraw, index: number, services: number, hasZones: boolean): JsonObject {
  const later = services - index - 1;
  const other = (to: number): string => `s${index + 1 + (to % later)}`;
  const calls = later === 0 ? [] : steps.map(({ isParallel, to, ...site }): Json => {
    const call = present({ service: other(to), ...site });
    return isParallel ? { parallel: [call, other(0)] } : call;
  });
  const shares = split === undefined || later === 0 ? null : Object.fromEntries([...(split.own === null ? [] : [[`s${index}`, split.own] as const]), ...split.others.map(({ to, weight }) => [other(to), weight] as const)]);
  const policy = policies[hasZones ? 'zonal' : 'plain'];
  return present({
    ...values,
    ...(calls.length === 0 ? {} : { calls }),
    ...(shares === null ? {} : { routes: [{ split: shares }] }),
    ...(Object.keys(policy).length === 0 ? {} : { policy }),
  });
}
