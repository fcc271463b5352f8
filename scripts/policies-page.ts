/**
 * `docs/policies.md`: every part of a policy with its kinds, options, units, ranges and defaults, which product it copies
 * and where it differs, and what the presets fill in. Made by walking the schema of policies, which is itself made from the
 * registries: a new line in one of them appears here by itself.
 */
import type { Kind, OptionSpec } from '../src/model/kind.ts';
import { fileOf } from '../src/scenario/options.ts';
import { policy } from '../src/scenario/policy-schema.ts';
import type { Preset } from '../src/scenario/preset/preset.ts';
import { presets } from '../src/scenario/preset/registry.ts';
import { Defs, type Field, inline, type Json, type JsonObject, type Schema } from '../src/scenario/schema.ts';
import { formatDuration } from '../src/scenario/units.ts';

export const PAGE = 'docs/policies.md';

export function policiesPage(): string {
  const fields = Object.entries(policy.fields ?? {});
  const parts = fields.filter(([name, { schema }]) => name !== 'preset' && (isPart(schema) || wordsOf(schema).length > 0));
  const lines = [
    '# Policies',
    '',
    '<!-- Made by `npm run docs` from the descriptions of the policies. -->',
    '',
    'How callers call a service: the keys of an entry of `policies`, or of a `policy` written in place. A part that is absent is off, unless a',
    '[preset](#presets) turns it on; `none` turns it off again. `meshsim validate --resolved FILE` prints a file with every default in it.',
    '',
    'Every policy is one caller endpoint\'s own: two replicas of a service do not share what they learnt about a third.',
    '',
    ...table(['Key', 'What', 'Default'], fields.map(([name, field]) => [link(name, parts), field.doc, defaultOf(field)])),
    ...parts.flatMap(([name, field]) => section(name, field, 2)),
    ...presetSection(),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function section(name: string, { schema, doc }: Field<unknown>, depth: number): string[] {
  return [...heading(depth, code(name)), doc, '', ...bodyOf(name, schema, depth)];
}

function bodyOf(name: string, schema: Schema<unknown>, depth: number): string[] {
  if (schema.plugins !== undefined) return pluginsOf(schema.plugins, depth);
  if (schema.fields === undefined) return wordTable(schema);
  const fields = Object.entries(schema.fields);
  const [parts, plain] = [fields.filter(([, field]) => isPart(field.schema)), fields.filter(([, field]) => !isPart(field.schema))];
  return [
    ...(plain.length === 0 ? [] : table(['Option', 'Value', 'Default', 'What'], plain.map(([key, field]) => [code(key), valueOfSchema(field.schema), defaultOf(field), field.doc]))),
    ...plain.filter(([, field]) => wordsOf(field.schema).length > 0).flatMap(([key, field]) => [`Words of ${code(key)}:`, '', ...wordTable(field.schema)]),
    ...parts.flatMap(([key, field]) => section(`${name}.${key}`, field, depth + 1)),
  ];
}

function pluginsOf(plugins: Readonly<Record<string, Kind>>, depth: number): string[] {
  const kinds = Object.entries(plugins);
  if (kinds.every(([, { options }]) => Object.keys(options).length === 0)) {
    return table(['Word', 'What', 'Copies'], kinds.map(([name, { doc, copies }]) => [code(name), doc, copies ?? '']));
  }
  return kinds.flatMap(([name, kind]) => [...(name === '' ? [] : [...heading(depth + 1, code(name)), kind.doc, '']), ...kindOf(kind)]);
}

function kindOf({ copies, differences, options }: Kind): string[] {
  const specs = Object.entries(options);
  return [
    ...(copies === undefined ? [] : [`Copies ${copies}.`, '']),
    ...(specs.length === 0 ? [] : table(['Option', 'Value', 'Default', 'What'], specs.map(([name, spec]) => [code(name), valueOf(spec), spec.default === undefined ? '' : code(inline(fileOf(spec, spec.default))), `${spec.doc}${spec.later ? ' Not simulated yet.' : ''}`]))),
    ...differencesOf(differences),
  ];
}

/** What a value is, and its range. */
function valueOfSchema(schema: Schema<unknown>): string {
  const [what = '', ...orWord] = schema.noun.replace(/^an? /, '').split(' or `');
  const { minimum, maximum } = rangesIn(schema.json(new Defs()));
  return [what + rangeOf(minimum, maximum, String), ...orWord].join(' or `');
}

function rangesIn(json: Json): { readonly minimum?: number; readonly maximum?: number } {
  // What a word or a list stands beside is the value itself.
  if (Array.isArray(json)) return rangesIn(json[0] ?? null);
  if (!isMap(json)) return {};
  return 'minimum' in json ? (json as { readonly minimum: number }) : rangesIn(json['anyOf'] ?? null);
}

/** Type, unit and range of an option. */
function valueOf(spec: OptionSpec): string {
  const orWord = spec.infinite === undefined ? '' : ` or ${code(spec.infinite)}`;
  switch (spec.type) {
    case 'integer':
      return `whole number${rangeOf(spec.min, spec.max, String)}${orWord}`;
    case 'number':
      return `number${rangeOf(spec.min, spec.max, String)}${orWord}`;
    case 'duration':
      return `duration${durationRange(spec.min ?? 0)}${orWord}`;
    case 'ratio':
      return `0 % to 100 %${orWord}`;
    case 'rate':
      return `rate, such as 100/s${orWord}`;
    case 'boolean':
      return '`true` or `false`';
    case 'choice':
      return spec.values.map(code).join(', ');
    default:
      return spec satisfies never;
  }
}

function durationRange(min: number): string {
  if (min <= 1) return min === 0 ? '' : ' above 0';
  return rangeOf(min, undefined, formatDuration);
}

function rangeOf(min: number | undefined, max: number | undefined, format: (value: number) => string): string {
  if (min !== undefined && max !== undefined) return `, ${format(min)} to ${format(max)}`;
  if (min !== undefined) return `, at least ${format(min)}`;
  return max === undefined ? '' : `, at most ${format(max)}`;
}

// --- presets

function presetSection(): string[] {
  return [
    ...heading(2, 'Presets'),
    '`preset: NAME` fills in what a product does where its user says nothing; keys beside it override, and a part that the file turns on gets the',
    "product's own defaults inside.",
    '',
    ...Object.entries(presets).flatMap(([name, preset]) => presetOf(name, preset)),
  ];
}

function presetOf(name: string, { copies, differences, doc, given, sets, unsaid }: Preset): string[] {
  const settings = Object.entries(sets);
  return [
    ...heading(3, code(name)),
    `${sentence(doc)}${copies === undefined ? '' : ` Copies ${copies}.`}`,
    '',
    ...(settings.length === 0 ? [] : yaml(settings)),
    ...(given === undefined ? [] : [...given.map(({ key, value, sets: brings }) => `- With ${code(value === undefined ? key : `${key}: ${value}`)}: ${code(inline(brings).slice(2, -2))}`), '']),
    ...(unsaid === undefined ? [] : [`Beyond what a file can say: ${Object.entries(unsaid).map(([field, value]) => code(`${field}: ${inline(value)}`)).join(', ')}.`, '']),
    ...differencesOf(differences),
  ];
}

function yaml(settings: readonly [string, Json][]): string[] {
  return ['```yaml', ...settings.map(([key, value]) => `${key}: ${inline(value)}`), '```', ''];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

// --- pieces of Markdown

function isPart(schema: Schema<unknown>): boolean {
  return schema.plugins !== undefined || schema.fields !== undefined;
}

function defaultOf({ fallback, optional }: Field<unknown>): string {
  if (optional || fallback === null) return '';
  if (!('json' in fallback)) return fallback.said;
  // A map that is always there has the defaults of its keys.
  return isMap(fallback.json) ? '' : code(inline(fallback.json));
}

function isMap(json: Json): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** The words that a value may be, with their meaning. */
function wordsOf(schema: Schema<unknown>): [string, string][] {
  const words = enumsIn(schema.json(new Defs())).flatMap(({ enum: words, description }) => {
    const meanings = new Map(String(description).split('\n').map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]));
    return (words as readonly string[]).map((word): [string, string] => [word, meanings.get(word) ?? '']);
  });
  // A list and a single value have the same words.
  return [...new Map(words)];
}

function enumsIn(json: Json): JsonObject[] {
  if (Array.isArray(json)) return json.flatMap(enumsIn);
  if (!isMap(json)) return [];
  return 'enum' in json ? [json] : Object.values(json).flatMap(enumsIn);
}

function wordTable(schema: Schema<unknown>): string[] {
  return table(['Word', 'Meaning'], wordsOf(schema).map(([word, meaning]) => [code(word), meaning]));
}

function differencesOf(differences: readonly string[] | undefined): string[] {
  return differences === undefined ? [] : ['Known differences:', '', ...differences.map((text) => `- ${text}`), ''];
}

function heading(depth: number, text: string): string[] {
  return [`${'#'.repeat(depth)} ${text}`, ''];
}

function link(name: string, parts: readonly (readonly [string, unknown])[]): string {
  if (name === 'preset') return '[`preset`](#presets)';
  return parts.some(([part]) => part === name) ? `[${code(name)}](#${name.toLowerCase()})` : code(name);
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''];
}
