/**
 * `docs/policies.md`: every part of a policy with its kinds, options, units, ranges and defaults, which product it copies
 * and where it differs, and what the presets fill in. Made by walking the schema of policies, which is itself made from the
 * registries: a new line in one of them appears here by itself.
 */
import type { Kind } from '../src/model/kind.ts';
import { policy } from '../src/scenario/policy-schema.ts';
import type { Preset } from '../src/scenario/preset/preset.ts';
import { presets } from '../src/scenario/preset/registry.ts';
import { Defs, type Field, inline, type Json, type JsonObject, type Plugin, type Schema } from '../src/scenario/schema.ts';

export const PAGE = 'docs/policies.md';

type Part = readonly [name: string, field: Field<unknown>];

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
    ...contents(parts),
    ...BASICS,
    ...heading(2, 'Keys of a policy'),
    ...table(['Key', 'Value', 'Default', 'What'], fields.map(([name, field]) => [link(name, parts), valueOf(field.schema), defaultOf(field), field.doc])),
    ...parts.flatMap(([name, field]) => section(name, field, 2)),
    ...presetSection(),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

const BASICS = `## How a call goes

Every policy is one caller endpoint's own: two replicas of a service do not share what they learnt about a third.

A call passes \`rateLimit\`, \`circuitBreaker\`, \`admission\` and \`concurrencyLimit\`, in this order; one of them may refuse it. \`split\` says which service it goes to. While no
endpoint is ready there it waits under \`failfast\`, and fails without. \`locality\` and \`loadBalancer\` pick an endpoint among those that \`outlierDetection\`, \`failureAccrual\`,
\`circuitBreaker\` of an endpoint and \`healthCheck\` hold to be usable, or among all of them below \`panicThreshold\`. \`connectionPool\` gives the attempt a connection, lets it wait for one
or refuses it. An attempt that fails, or takes longer than \`perTryTimeout\`, is retried as \`retries\` says; \`hedge\` sends another before it has. \`timeout\` holds for all of it.

## Values

| Value | Written | Taken |
| --- | --- | --- |
| duration | number and unit (\`ns\`, \`us\`, \`ms\`, \`s\`, \`m\`, \`h\`), parts may add up: \`250ms\`, \`1m30s\`, \`0\` | up to 104 days, counted in whole nanoseconds |
| ratio | \`20%\` or \`0.2\` | 0% to 100% |
| rate | \`400/s\`, \`30/m\`, \`24000/h\` | up to 10^12 a second |
| size | number and unit (\`B\`, \`KiB\`, \`MiB\`, \`GiB\`): \`64KiB\`, \`0\` | up to 1024GiB |
| number, whole number | \`1.5\`, \`3\` | finite; whole ones up to 2^53 |
| distribution | \`5ms\`, \`{ p50: 4ms, p99: 30ms }\`, \`{ exponential: 5ms }\` and more: \`meshsim schema\` has all | |

A word beside a value, such as \`unlimited\` or \`none\`, means that there is no limit or no such thing.
`.split('\n');

/** What stands in a section before its options. */
const NOTES: Readonly<Record<string, readonly string[]>> = {
  'retries.budget': [
    'The keys tell the kind: `budget: { percent: 20% }` is `concurrency`. Where two kinds have the same keys `type` does: `budget: { ratio: 20% }` is `window`, and `budget: 20%` is short for it;',
    '`budget: { type: tower, ratio: 20% }` is `tower`.',
    '',
  ],
  split: [
    'A service splits the calls that it gets over others by its first route; it needs no endpoints of its own:',
    '',
    ...fenced(['cart: { latency: 0, routes: [ { split: { cart-v1: 90, cart-v2: 10 } } ] }']),
    'A weight is a whole number from 0 to 1000000000, not all 0. Timeouts, retries with their budget and `maxRetries`, hedges, gates and this mode are those of the policy towards the service that splits; balancer, pool, breakers and',
    '`failfast` are those of the policies of the services that it names.',
    '',
  ],
};

function section(name: string, { schema, doc }: Field<unknown>, depth: number): string[] {
  const own = schema.plugins?.['']?.kind.doc ?? doc;
  return [...heading(depth, code(name)), own === doc ? doc : `${doc} ${own}`, '', ...shorthandOf(name, schema), ...(NOTES[name] ?? []), ...bodyOf(name, schema, depth)];
}

function shorthandOf(name: string, { examples, plugins = {}, shorthand }: Schema<unknown>): string[] {
  if (shorthand === undefined || name in NOTES) return [];
  const [key = ''] = name.split('.').slice(-1);
  const value = [...examples.map((example) => (isMap(example) ? example[shorthand] : example)), ...Object.keys(plugins)].find((candidate) => candidate !== undefined && candidate !== 'none');
  return value === undefined ? [] : [`${code(`${key}: ${inline(value)}`)} is short for ${code(`${key}: { ${shorthand}: ${inline(value)} }`)}.`, ''];
}

function bodyOf(name: string, schema: Schema<unknown>, depth: number): string[] {
  if (schema.plugins !== undefined) return pluginsOf(name, schema.plugins, depth);
  if (schema.fields === undefined) return wordTable(schema);
  const fields = Object.entries(schema.fields);
  const [parts, plain] = [fields.filter(([, field]) => isPart(field.schema)), fields.filter(([, field]) => !isPart(field.schema))];
  return [
    ...copiesOf(schema.about ?? {}),
    ...optionTable(plain, {}),
    ...differencesOf(schema.about ?? {}),
    ...plain.filter(([, field]) => wordsOf(field.schema).length > 0).flatMap(([key, field]) => [`Words of ${code(key)}:`, '', ...wordTable(field.schema)]),
    ...parts.flatMap(([key, field]) => section(`${name}.${key}`, field, depth + 1)),
  ];
}

function pluginsOf(name: string, plugins: Readonly<Record<string, Plugin>>, depth: number): string[] {
  const named = Object.entries(plugins);
  if (named.every(([, { fields }]) => Object.keys(fields).length === 0)) return kindTable(named);
  return named.flatMap(([word, { fields, kind }]) => {
    const body = [...copiesOf(kind), ...optionTable(Object.entries(fields), kind.options), ...differencesOf(kind)];
    return word === '' ? body : [...heading(depth + 1, code(`${name}: ${word}`)), kind.doc, '', ...body];
  });
}

/** Kinds that are one word in the file. */
function kindTable(named: readonly (readonly [string, Plugin])[]): string[] {
  const hasOptions = named.some(([, { kind }]) => Object.keys(kind.options).length > 0);
  const head = ['Word', 'What', 'Copies', ...(hasOptions ? ['Options beside it'] : [])];
  return [
    ...table(head, named.map(([word, { kind }]) => [code(word), kind.doc, kind.copies ?? 'ours', ...(hasOptions ? [Object.keys(kind.options).map(code).join(', ')] : [])])),
    ...differencesOf({ differences: named.flatMap(([, { kind }]) => kind.differences ?? []) }),
  ];
}

function optionTable(fields: readonly Part[], specs: Kind['options']): string[] {
  if (fields.length === 0) return [];
  return table(
    ['Option', 'Value', 'Default', 'What'],
    fields.map(([name, field]) => [code(name), valueOf(field.schema), defaultOf(field), `${field.doc}${specs[name]?.later ? ' Not simulated yet: only the default runs.' : ''}`]),
  );
}

/** What a value is, and its range. */
function valueOf(schema: Schema<unknown>): string {
  const words = schema.noun.startsWith('one of ') ? wordsOf(schema).map(([word]) => code(word)).join(', ') : '';
  if (words !== '') return words;
  const [what = '', ...orWord] = schema.noun.replace(/^an? /, '').split(' or `');
  const example = schema.open ? `, such as ${code(inline(schema.examples[0]!))}` : '';
  return [`${what}${schema.range === undefined ? '' : `, ${schema.range}`}${example}`, ...orWord].join(' or `');
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

function presetOf(name: string, { copies, differences, doc, given, sets, unsaid, variants }: Preset): string[] {
  return [
    ...heading(3, code(`preset: ${name}`)),
    `${capital(doc)}.${copies === undefined ? '' : ` Copies ${copies}.`}`,
    '',
    ...(Object.keys(sets).length === 0 ? [] : fenced(yaml(sets))),
    ...(given ?? []).flatMap(({ key, value, sets: brings }) => [`With ${code(value === undefined ? key : `${key}: ${value}`)} beside it:`, '', ...fenced(yaml(brings))]),
    ...(variants ?? []).flatMap(({ doc: what, sets: brings }) => [`${what}:`, '', ...fenced(yaml({ preset: name, ...brings }))]),
    ...(unsaid === undefined ? [] : [`Beyond what a file can say: ${Object.entries(unsaid).map(([field, value]) => code(`${field}: ${inline(value)}`)).join(', ')}.`, '']),
    ...differencesOf({ ...(differences === undefined ? {} : { differences }) }),
  ];
}

const LINE_MAX = 100;

/** In lines that fit the page; a map that is longer gets a line a key. */
function yaml(settings: JsonObject, indent = ''): string[] {
  return Object.entries(settings).flatMap(([key, value]) => {
    const line = `${indent}${key}: ${inline(value)}`;
    return line.length > LINE_MAX && isMap(value) ? [`${indent}${key}:`, ...yaml(value, `${indent}  `)] : [line];
  });
}

// --- pieces of Markdown

/** Parts and their kinds; the keys of a policy are a table of their own. */
function contents(parts: readonly Part[]): string[] {
  const entry = (text: string, below: readonly string[]): string => `- ${to(text)}${below.length === 0 ? '' : `: ${below.join(', ')}`}`;
  return [
    '- [How a call goes](#how-a-call-goes)',
    '- [Values](#values)',
    '- [Keys of a policy](#keys-of-a-policy)',
    ...parts.map(([name, { schema }]) => entry(name, placesIn(name, schema))),
    `- [Presets](#presets): ${Object.keys(presets).map((name) => to(`preset: ${name}`, name)).join(', ')}`,
    '',
  ];
}

function placesIn(name: string, { fields, plugins }: Schema<unknown>): string[] {
  if (plugins !== undefined) {
    const hasSections = Object.values(plugins).some((plugin) => Object.keys(plugin.fields).length > 0);
    return hasSections ? Object.keys(plugins).filter((word) => word !== '').map((word) => to(`${name}: ${word}`, word)) : [];
  }
  return Object.entries(fields ?? {}).filter(([, field]) => isPart(field.schema)).map(([key]) => to(`${name}.${key}`, key));
}

/** A link to the heading that is this text in code. */
function to(heading: string, shown = heading): string {
  return `[${code(shown)}](#${heading.toLowerCase().replace(/[^a-z0-9 -]/g, '').replaceAll(' ', '-')})`;
}

function isPart(schema: Schema<unknown>): boolean {
  return schema.plugins !== undefined || schema.fields !== undefined;
}

function defaultOf({ fallback, optional, schema }: Field<unknown>): string {
  if (fallback === null) return optional ? 'none' : 'required';
  if (!('json' in fallback)) return fallback.said;
  return isMap(fallback.json) && !schema.open ? 'that of its keys' : code(inline(fallback.json));
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

function copiesOf({ copies }: Pick<Kind, 'copies'>): string[] {
  return copies === undefined ? [] : [`Copies ${copies}.`, ''];
}

function differencesOf({ differences = [] }: Pick<Kind, 'differences'>): string[] {
  return differences.length === 0 ? [] : ['Known differences:', '', ...differences.map((text) => `- ${text}`), ''];
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function heading(depth: number, text: string): string[] {
  return [`${'#'.repeat(depth)} ${text}`, ''];
}

function link(name: string, parts: readonly Part[]): string {
  if (name === 'preset') return '[`preset`](#presets)';
  return parts.some(([part]) => part === name) ? to(name) : code(name);
}

function code(text: string): string {
  return `\`${text}\``;
}

function fenced(lines: readonly string[]): string[] {
  return ['```yaml', ...lines, '```', ''];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''];
}
