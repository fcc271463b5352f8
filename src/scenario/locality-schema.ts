/** The `locality` of a policy: a mode, its options, and what it says of zones by name. */
import { type LocalityMode, localityKinds } from '../engine/locality/kinds.ts';
import type { OptionValue } from '../model/kind.ts';
import type { LocalityPlan } from '../model/plan.ts';
import { fieldsOf, taggedKinds } from './options.ts';
import { NAME_HINT, name, number } from './scalar.ts';
import { type Field, field, list, mapped, type Named, record, required, type Schema } from './schema.ts';

export interface LocalityFile {
  readonly mode: LocalityMode;
  readonly options: Readonly<Record<string, OptionValue>>;
  /** Of mode `failover`: for callers of a zone, the zones they prefer. */
  readonly order: readonly Named<readonly string[]>[];
  /** Of mode `weighted`. */
  readonly weights: readonly Named<number>[];
}

const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_.-]*$/;

const order = record({
  noun: 'an order of zones',
  doc: 'For callers of a zone: the zones they prefer, best first. Their own comes before these unless it is among them; all that are not named come last, together.',
  key: ZONE_NAME,
  keyHint: NAME_HINT,
  of: list(name('a zone name', 'eu-b'), { noun: 'a list of zones', min: 1, max: 100, single: true }),
  max: 1000,
  exampleKey: 'eu-a',
});

const weights = mapped(record({
  noun: 'weights of zones',
  doc: 'Weight of each zone; one that is not named has none, and so no traffic.',
  key: ZONE_NAME,
  keyHint: NAME_HINT,
  of: number({ integer: true, min: 0, max: 1e6, examples: [3] }),
  min: 1,
  max: 1000,
  exampleKey: 'eu-a',
}), (given, at) => {
  if (given.length > 0 && given.every(({ value }) => value === 0)) at.report('contradiction', 'all weights of the zones are 0', { hint: 'give one a weight' });
  return given;
});

const zoneFields: Readonly<Record<LocalityMode, Readonly<Record<string, Field<unknown>>>>> = {
  none: {},
  zoneAware: {},
  weighted: { weights: required(weights, 'Weight of each zone; one that is not named has none.') },
  failover: { order: field(order, {}, 'Zones preferred by callers of a zone, after their own.') },
};

const modes = Object.keys(localityKinds) as LocalityMode[];

const tagged = taggedKinds({
  noun: 'a locality mode',
  doc: 'Preference for endpoints nearby.',
  tag: 'mode',
  kinds: localityKinds,
  fields: Object.fromEntries(modes.map((mode) => [mode, { ...fieldsOf(localityKinds[mode].options), ...zoneFields[mode] }])),
  later: ['topologyHints'],
});

export const locality: Schema<LocalityFile> = mapped(tagged, ({ kind, values }): LocalityFile => {
  const { order: preferred = [], weights: weighed = [], ...rest } = values;
  // The words and types are those of `localityKinds` and `zoneFields`, which the file was read by.
  return { mode: (kind ?? 'none') as LocalityMode, options: rest as LocalityFile['options'], order: preferred as LocalityFile['order'], weights: weighed as LocalityFile['weights'] };
});

/** The zones that it names, with where they stand. */
export function zonesNamed({ order: preferred, weights: weighed }: LocalityFile): { readonly zone: string; readonly path: readonly (string | number)[]; readonly on: 'key' | 'value' }[] {
  return [
    ...weighed.map(({ name: zone }) => ({ zone, path: ['weights', zone], on: 'key' as const })),
    ...preferred.flatMap(({ name: from, value }) => [
      { zone: from, path: ['order', from], on: 'key' as const },
      ...value.map((zone, i) => ({ zone, path: ['order', from, i], on: 'value' as const })),
    ]),
  ];
}

/** Names that are no zones are left out; `zonesNamed` serves to report them. */
export function localityPlan({ mode, options, order: preferred, weights: weighed }: LocalityFile, zones: readonly string[]): LocalityPlan {
  const overprovisioningFactor = Number(options['overprovisioningFactor']);
  switch (mode) {
    case 'none':
      return { mode };
    case 'zoneAware':
      return {
        mode,
        routingEnabled: Number(options['routingEnabled']),
        minClusterSize: Number(options['minClusterSize']),
        forceLocalZone: Number(options['forceLocalZone']),
        basis: options['basis'] === 'weights' ? 'weights' : 'hosts',
        failTrafficOnPanic: options['failTrafficOnPanic'] === true,
      };
    case 'weighted':
      return { mode, overprovisioningFactor, weights: zones.map((zone) => weighed.find(({ name: other }) => other === zone)?.value ?? 0) };
    case 'failover':
      return {
        mode,
        overprovisioningFactor,
        weightedHealth: options['weightedHealth'] === true,
        order: zones.map((zone) => (preferred.find(({ name: from }) => from === zone)?.value ?? []).map((other) => zones.indexOf(other)).filter((other) => other >= 0)),
      };
    default:
      return mode satisfies never;
  }
}
