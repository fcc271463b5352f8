/**
 * A policy of the file over its preset, before any of it is read: the file's own keys keep their places, so whatever is
 * wrong with them is shown where they stand; what the preset brings stands where its name does.
 */
import { type Schema, sourceOf } from '../schema.ts';
import type { SourceEntry, SourceNode, Span } from '../source.ts';
import type { Given } from './preset.ts';
import { type PresetName, presets } from './registry.ts';

type MapNode = Extract<SourceNode, { readonly kind: 'map' }>;

/** Maps whose keys tell which kind they are: the file's keys join the preset's only within one kind. */
const KIND_BY_KEYS = ['retries.budget', 'failureAccrual'];

/** @param policy  the schema of policies; it says what a value that is no map stands for */
export function filledIn(node: SourceNode, policy: Schema<unknown>): SourceNode {
  if (node.kind !== 'map') return node;
  const named = node.entries.findLast(({ key }) => key === 'preset')?.value;
  if (named?.kind !== 'scalar' || !Object.hasOwn(presets, named.text)) return node;
  const preset = presets[named.text as PresetName];
  const own = spelledOut(node, policy);
  const following = (preset.given ?? []).filter((given) => applies(given, own));
  const basis = [preset, ...following].reduce<SourceNode>((under, { sets }) => over(under, spelledOut(sourceOf(sets, named.span), policy), ''), empty(named.span));
  return over(basis, own, '');
}

/** `upper`, and of `lower` what it leaves open. */
function over(lower: SourceNode, upper: SourceNode, path: string): SourceNode {
  if (lower.kind !== 'map' || upper.kind !== 'map' || areOfTwoKinds(lower, upper, path)) return upper;
  const merged = upper.entries.map((entry): SourceEntry => {
    const below = valueOf(lower, entry.key);
    return below === undefined ? entry : { ...entry, value: over(below, entry.value, path === '' ? entry.key : `${path}.${entry.key}`) };
  });
  return { ...upper, entries: [...merged, ...lower.entries.filter(({ key }) => valueOf(upper, key) === undefined)] };
}

function areOfTwoKinds(lower: MapNode, upper: MapNode, path: string): boolean {
  if ((valueOf(lower, 'own') === undefined) !== (valueOf(upper, 'own') === undefined)) return true;
  if (KIND_BY_KEYS.includes(path)) return upper.entries.some(({ key }) => valueOf(lower, key) === undefined);
  const [one, other] = [valueOf(lower, 'type'), valueOf(upper, 'type')];
  return other !== undefined && textOf(one) !== textOf(other);
}

/** `leastRequest` as `{ type: leastRequest }`, everywhere below. */
function spelledOut(node: SourceNode, schema: Schema<unknown> | null): SourceNode {
  if (node.kind === 'map') return { ...node, entries: node.entries.map((entry) => ({ ...entry, value: spelledOut(entry.value, schema?.below?.(entry.key) ?? null) })) };
  if (schema?.shorthand === undefined || isOff(node)) return node;
  return { kind: 'map', entries: [{ key: schema.shorthand, keySpan: node.span, value: node }], span: node.span };
}

function applies({ key, value }: Given, policy: SourceNode): boolean {
  const found = key.split('.').reduce<SourceNode | undefined>((node, step) => (node?.kind === 'map' ? valueOf(node, step) : undefined), policy);
  return found !== undefined && !isOff(found) && (value === undefined || textOf(found) === value);
}

function isOff(node: SourceNode): boolean {
  return node.kind === 'scalar' && (node.value === null || node.value === 'none');
}

/** The last one where a key is given twice. */
function valueOf({ entries }: MapNode, key: string): SourceNode | undefined {
  return entries.findLast((entry) => entry.key === key)?.value;
}

function textOf(node: SourceNode | undefined): string | null {
  return node?.kind === 'scalar' ? node.text : null;
}

function empty(span: Span): MapNode {
  return { kind: 'map', entries: [], span };
}
