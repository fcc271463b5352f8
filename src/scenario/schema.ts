/**
 * The language a scenario's shape is written in. A `Schema` reads one value of the file and describes
 * itself as JSON Schema, so validation, defaults, `--resolved` and editor help cannot drift apart.
 *
 * Reading never stops at a mistake: it reports and goes on with a stand-in, so one pass finds
 * everything. A stand-in never reaches a plan, since a plan needs a list without errors.
 */
import type { Kind } from '../model/kind.ts';
import type { Path } from './path.ts';
import type { ProblemDetails, ProblemList } from './problem-list.ts';
import type { ProblemCode } from './problem.ts';
import type { SourceNode, Span } from './source.ts';
import { didYouMean } from './suggest.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** A value as the program uses it, and as a file would say it. */
export interface Read<T> {
  readonly value: T;
  readonly file: Json;
}

export interface Schema<T> {
  /** What a person would call it, with article: `a duration`, `a policy`. */
  readonly noun: string;
  /** Files that it accepts; the first is what an example of the whole uses. */
  readonly examples: readonly Json[];
  readonly read: (at: At) => Read<T>;
  readonly json: (defs: Defs) => JsonObject;
  /** Maps only: for hints about keys that belong elsewhere, and for overrides. */
  readonly scope?: Scope;
  /** The schema of what stands below a key or a list position, where that is fixed. */
  readonly below?: (step: string | number) => Schema<unknown> | null;
  /** The key that a value other than a map stands for. */
  readonly shorthand?: string;
  /** Keys are names that the file chooses. */
  readonly open?: true;
  /** Maps with keys of our own, for the docs. */
  readonly fields?: Readonly<Record<string, Field<unknown>>>;
  /** For the docs: the plug-ins that it chooses among, by name, or the one whose options it reads, under ''. */
  readonly plugins?: Readonly<Record<string, Plugin>>;
  /** For the docs: of maps that are no plug-in. */
  readonly about?: Pick<Kind, 'copies' | 'differences'>;
  /** For the docs: which of its values are taken, such as `at least 1`. */
  readonly range?: string;
}

export interface Plugin {
  readonly kind: Kind;
  /** The options of `kind`, and what a file may say beside them. */
  readonly fields: Readonly<Record<string, Field<unknown>>>;
}

export interface Scope {
  readonly noun: string;
  readonly keys: readonly string[];
  readonly children: () => readonly Schema<unknown>[];
}

/** Named parts of a JSON Schema, filled while it is made. */
export class Defs {
  readonly entries: Map<string, JsonObject> = new Map();

  /** A reference to the named part, made on first use; recursion ends here. */
  ref(name: string, make: () => JsonObject): JsonObject {
    if (!this.entries.has(name)) {
      this.entries.set(name, {});
      this.entries.set(name, make());
    }
    return { $ref: `#/$defs/${name}` };
  }
}

export interface ReadContext {
  readonly problems: ProblemList;
  readonly readFile: (path: string) => string;
  readonly root: () => Schema<unknown>;
  /** Names of the code that came with the text; none unless given. */
  readonly own?: OwnNames;
}

/** A scenario only names code; whoever has it read passes it (docs/own-policies.md). */
export interface OwnNames {
  readonly balancers: readonly string[];
  readonly retries: readonly string[];
  readonly wrappers: readonly string[];
}

/** A value of the file on its way through a schema. */
export class At {
  readonly node: SourceNode;
  readonly path: Path;
  readonly context: ReadContext;

  constructor(node: SourceNode, path: Path, context: ReadContext) {
    this.node = node;
    this.path = path;
    this.context = context;
  }

  below(step: string | number, node: SourceNode): At {
    return new At(node, [...this.path, step], this.context);
  }

  /** The same place, read as if it said `node`. */
  as(node: SourceNode): At {
    return new At(node, this.path, this.context);
  }

  report(code: ProblemCode, message: string, details: ProblemDetails & { readonly span?: Span; readonly key?: string } = {}): void {
    const { key } = details;
    const path = key === undefined ? this.path : [...this.path, key];
    const named = this.node.kind === 'map' ? this.node.entries.find((entry) => entry.key === key) : undefined;
    this.context.problems.add(code, path, details.span ?? (named?.value ?? this.node).span, message, details);
  }

  /** A default or a stand-in, read where it would stand. */
  literal(json: Json): At {
    return this.as(sourceOf(json, this.node.span));
  }
}

/** A field of a map: its schema, and what its absence means. */
export interface Field<T> {
  readonly schema: Schema<T>;
  readonly doc: string;
  /** `null` is required; a function computes it from the fields before it, as they read in the file: nothing where the field does not apply. */
  readonly fallback: { readonly json: Json } | { readonly from: (before: ReadonlyMap<string, Json>) => Json | undefined; readonly said: string } | null;
  readonly optional: boolean;
}

export function required<T>(schema: Schema<T>, doc: string): Field<T> {
  return { schema, doc, fallback: null, optional: false };
}

/** `json` is the default as a file would say it. */
export function field<T>(schema: Schema<T>, json: Json, doc: string): Field<T> {
  return { schema, doc, fallback: { json }, optional: false };
}

/** A field that some others make room for: null where they do not. `from` gives its default, or nothing; `said` tells when and which. */
export function applicable<T>(schema: Schema<T>, from: (before: ReadonlyMap<string, Json>) => Json | undefined, said: string, doc: string): Field<T | null> {
  return { schema: schema as Schema<T | null>, doc, fallback: { from, said }, optional: false };
}

/** A default that follows from other fields; `said` tells how. */
export function derived<T>(schema: Schema<T>, from: (before: ReadonlyMap<string, Json>) => Json, said: string, doc: string): Field<T> {
  return { schema, doc, fallback: { from, said }, optional: false };
}

/** Absence is a value of its own, null. */
export function optional<T>(schema: Schema<T>, doc: string): Field<T | null> {
  return { schema: schema as Schema<T | null>, doc, fallback: null, optional: true };
}

/** A part that is off unless given; `none` says so aloud. */
export function part<T>(schema: Schema<T>, doc: string): Field<T | null> {
  return field(orWord(schema, 'none', null), 'none', doc);
}

type Fields<T> = { readonly [K in keyof T]-?: Field<T[K]> };

export interface MapSpec<T> {
  /** Name under `$defs`. */
  readonly def?: string;
  readonly noun: string;
  readonly doc: string;
  readonly fields: Fields<T>;
  readonly shorthand?: keyof T & string;
  /** Keys of a later release, with what they are. */
  readonly later?: Readonly<Record<string, string>>;
  readonly examples?: readonly Json[];
  readonly about?: Pick<Kind, 'copies' | 'differences'>;
  /** A look at the whole after its fields; problems only. */
  readonly check?: (value: T, at: At) => void;
}

export function map<T extends object>(spec: MapSpec<T>): Schema<T> {
  const fields = Object.entries(spec.fields) as [keyof T & string, Field<unknown>][];
  const keys = fields.map(([name]) => name);
  const self: Schema<T> = {
    noun: spec.noun,
    get examples(): readonly Json[] {
      return spec.examples ?? [exampleOf(fields)];
    },
    scope: { noun: spec.noun, keys, children: () => fields.map(([, { schema }]) => schema) },
    fields: Object.fromEntries(fields),
    ...(spec.about === undefined ? {} : { about: spec.about }),
    below: (step) => fields.find(([name]) => name === step)?.[1].schema ?? null,
    ...(spec.shorthand === undefined ? {} : { shorthand: spec.shorthand }),
    read: (at) => {
      const entries = entriesOf(at, spec, keys);
      const value: Record<string, unknown> = {};
      const file = new Map<string, Json>();
      for (const [name, { schema, fallback, optional: mayBeAbsent }] of fields) {
        const entry = entries.get(name);
        if (entry !== undefined) {
          const read = schema.read(at.below(name, entry));
          value[name] = read.value;
          file.set(name, read.file);
        } else if (mayBeAbsent) {
          value[name] = null;
        } else if (fallback === null) {
          at.report('missing-key', `${spec.noun} needs \`${name}\``, { key: name, span: startOf(at.node), hint: `add \`${name}: ${inline(schema.examples[0] ?? '...')}\`` });
          value[name] = schema.read(at.below(name, sourceOf(schema.examples[0] ?? null, at.node.span))).value;
        } else {
          const json = 'json' in fallback ? fallback.json : fallback.from(file);
          if (json === undefined) {
            value[name] = null;
            continue;
          }
          const read = schema.read(at.below(name, sourceOf(json, at.node.span)));
          value[name] = read.value;
          file.set(name, read.file);
        }
      }
      const typed = value as T; // every field of T was read by its own schema
      if (at.context.problems.isSound(at.path)) spec.check?.(typed, at);
      return { value: typed, file: Object.fromEntries(file) };
    },
    json: (defs) => {
      const make = (): JsonObject => mapJson(spec, fields, defs, self.examples);
      return spec.def === undefined ? make() : defs.ref(spec.def, make);
    },
  };
  return self;
}

/** Of YAML 1.1; stands for the fields of another map. */
const MERGE_KEY = '<<';

/** The entries that are fields; everything else is reported. */
function entriesOf<T>(at: At, spec: MapSpec<T>, keys: readonly string[]): Map<string, SourceNode> {
  const known = new Map<string, SourceNode>();
  const { node } = at;
  if (node.kind !== 'map') {
    if (spec.shorthand !== undefined && isValue(node)) return known.set(spec.shorthand, node);
    at.report('wrong-type', `expected ${spec.noun} (a map), found ${foundOf(node)}`, { allowed: keys });
    return fillIns(spec, node);
  }
  for (const { key, keySpan, value } of node.entries) {
    if (keys.includes(key)) known.set(key, value);
    else if (spec.later !== undefined && Object.hasOwn(spec.later, key)) {
      at.report('not-supported-yet', `\`${key}\` is not supported yet: ${spec.later[key]}`, { key, span: keySpan, hint: 'take it out' });
    } else {
      at.report('unknown-key', `\`${short(key)}\` is not a field of ${spec.noun}`, {
        key,
        span: keySpan,
        hint: at.context.problems.isFull() ? null : key === MERGE_KEY ? 'merge keys are not read; write the fields out, or take the whole map by its alias' : (didYouMean(key, keys) ?? elsewhere(key, spec.noun, at.context.root())),
        allowed: keys,
        ...(spec.def === undefined ? {} : { help: `meshsim schema | jq '.$defs.${spec.def}'` }),
      });
    }
  }
  // What the other map would have brought is not missing.
  if (node.entries.some(({ key }) => key === MERGE_KEY)) for (const [name, value] of fillIns(spec, node)) if (!known.has(name)) known.set(name, value);
  return known;
}

/** For each field that must be there a value that is right, so that nothing follows from a mistake that has been told. */
function fillIns<T>(spec: MapSpec<T>, { span }: SourceNode): Map<string, SourceNode> {
  const needed = Object.entries(spec.fields).filter(([, f]) => isRequired(f as Field<unknown>));
  return new Map(needed.map(([name, f]) => [name, sourceOf((f as Field<unknown>).schema.examples[0] ?? null, span)]));
}

function isRequired(f: Field<unknown>): boolean {
  return f.fallback === null && !f.optional;
}

/** "`timeout` exists on a policy, not on a service", where some other map has that key. */
function elsewhere(key: string, noun: string, root: Schema<unknown>): string | null {
  const seen = new Set<Schema<unknown>>();
  const queue = [root];
  for (const schema of queue) {
    if (seen.has(schema)) continue;
    seen.add(schema);
    if (schema.scope === undefined) continue;
    if (schema.scope.keys.includes(key)) return `\`${key}\` exists on ${schema.scope.noun}, not on ${noun}`;
    queue.push(...schema.scope.children());
  }
  return null;
}

function mapJson<T>(spec: MapSpec<T>, fields: readonly [string, Field<unknown>][], defs: Defs, examples: readonly Json[]): JsonObject {
  const properties: Record<string, Json> = {};
  for (const [name, { schema, doc, fallback }] of fields) {
    const said = fallback === null ? '' : 'json' in fallback ? ` Default: ${inline(fallback.json)}.` : ` Default: ${fallback.said}.`;
    const node = schema.json(defs);
    properties[name] = {
      ...node,
      description: `${doc}${said}${node['$ref'] === undefined && typeof node['description'] === 'string' ? ` ${node['description']}` : ''}`,
      ...(fallback !== null && 'json' in fallback ? { default: fallback.json } : {}),
      examples: schema.examples,
    };
  }
  const needed = fields.filter(([, f]) => isRequired(f)).map(([name]) => name);
  const object: JsonObject = {
    type: 'object',
    properties,
    ...(needed.length === 0 ? {} : { required: needed }),
    additionalProperties: false,
  };
  if (spec.shorthand === undefined) return { description: spec.doc, ...object, examples };
  const short = fields.find(([name]) => name === spec.shorthand)![1].schema;
  return {
    description: `${spec.doc} A value that is not a map stands for \`${spec.shorthand}\`.`,
    anyOf: [object, { ...short.json(defs), description: `Stands for \`${spec.shorthand}\`.`, examples: short.examples }],
    examples,
  };
}

function exampleOf(fields: readonly [string, Field<unknown>][]): Json {
  const needed = fields.filter(([, f]) => isRequired(f));
  const shown = needed.length > 0 ? needed : fields.slice(0, 1);
  return Object.fromEntries(shown.map(([name, { schema }]) => [name, schema.examples[0] ?? null]));
}

export interface Named<T> {
  readonly name: string;
  readonly value: T;
}

/** A map whose keys are names the file chooses, in the file's order. */
export function record<T>(spec: { readonly noun: string; readonly doc: string; readonly key: RegExp; readonly keyHint: string; readonly of: Schema<T>; readonly min?: number; readonly max?: number; readonly exampleKey: string }): Schema<readonly Named<T>[]> {
  return {
    noun: spec.noun,
    get examples(): readonly Json[] {
      return [{ [spec.exampleKey]: spec.of.examples[0] ?? null }];
    },
    scope: { noun: spec.noun, keys: [], children: () => [spec.of] },
    below: () => spec.of,
    open: true,
    read: (at) => {
      if (at.node.kind !== 'map') {
        at.report('wrong-type', `expected ${spec.noun} (a map), found ${foundOf(at.node)}`);
        return { value: [], file: {} };
      }
      const entries = at.node.entries.filter(({ key, keySpan }) => {
        const fine = spec.key.test(key) && key.length <= 128;
        if (!fine) at.report('bad-name', `\`${short(key)}\` cannot be a name here`, { key, span: keySpan, hint: spec.keyHint });
        return fine;
      });
      if (entries.length > (spec.max ?? Infinity)) {
        at.report('too-large', `at most ${spec.max} entries are read here, found ${entries.length}`);
        return { value: [], file: {} };
      }
      if (entries.length < (spec.min ?? 0)) at.report('missing-key', `${spec.noun} needs at least ${spec.min} entry`);
      const reads = entries.map(({ key, value }) => ({ key, read: spec.of.read(at.below(key, value)) }));
      return {
        value: reads.map(({ key, read }) => ({ name: key, value: read.value })),
        file: Object.fromEntries(reads.map(({ key, read }) => [key, read.file])),
      };
    },
    json: (defs) => ({
      type: 'object',
      description: spec.doc,
      propertyNames: { pattern: spec.key.source },
      additionalProperties: spec.of.json(defs),
      ...(spec.min === undefined ? {} : { minProperties: spec.min }),
      ...(spec.max === undefined ? {} : { maxProperties: spec.max }),
    }),
  };
}

export function list<T>(of: Schema<T>, options: { readonly noun?: string; readonly min?: number; readonly max?: number; readonly single?: true; readonly examples?: readonly Json[] } = {}): Schema<readonly T[]> {
  const noun = options.noun ?? `a list of ${plural(of.noun)}`;
  return {
    noun,
    get examples(): readonly Json[] {
      return options.examples ?? [[of.examples[0] ?? null]];
    },
    scope: { noun, keys: [], children: () => [of] },
    below: (step) => (typeof step === 'number' ? of : null),
    read: (at) => {
      const { node } = at;
      if (node.kind !== 'list') {
        if (options.single && isValue(node)) {
          const read = of.read(at);
          return { value: [read.value], file: [read.file] };
        }
        at.report('wrong-type', `expected ${noun}, found ${foundOf(node)}`, { hint: node.kind === 'map' ? 'write `- ` before each entry' : 'write [ ... ]' });
        return { value: [], file: [] };
      }
      if (node.items.length < (options.min ?? 0)) at.report('out-of-range', `expected ${noun}, at least ${options.min}; found ${node.items.length}`);
      if (node.items.length > (options.max ?? Infinity)) {
        at.report('too-large', `at most ${options.max} entries are read here, found ${node.items.length}`);
        return { value: [], file: [] };
      }
      const reads = node.items.map((item, i) => of.read(at.below(i, item)));
      return { value: reads.map((read) => read.value), file: reads.map((read) => read.file) };
    },
    json: (defs) => {
      const array: JsonObject = { type: 'array', items: of.json(defs), ...(options.min === undefined ? {} : { minItems: options.min }), ...(options.max === undefined ? {} : { maxItems: options.max }) };
      return options.single ? { anyOf: [array, of.json(defs)] } : array;
    },
  };
}

/** The schema, or one word that means something else. */
export function orWord<T, W>(schema: Schema<T>, word: string, value: W): Schema<T | W> {
  return {
    ...(schema as Schema<T | W>),
    noun: `${schema.noun} or \`${word}\``,
    get examples(): readonly Json[] {
      return [...schema.examples, word];
    },
    read: (at): Read<T | W> => (at.node.kind === 'scalar' && at.node.value === word ? { value, file: word } : schema.read(at)),
    json: (defs) => ({ anyOf: [schema.json(defs), { const: word }] }),
  };
}

/** A schema defined later, for parts that contain themselves. */
export function lazy<T>(noun: string, examples: readonly Json[], schema: () => Schema<T>): Schema<T> {
  return { noun, examples, read: (at) => schema().read(at), json: (defs) => schema().json(defs) };
}

/** The same values under another meaning; `change` may report, but sees stand-ins where the value is already known to be wrong. */
export function mapped<T, U>(schema: Schema<T>, change: (value: T, at: At) => U): Schema<U> {
  return {
    ...(schema as Schema<unknown> as Schema<U>),
    get examples(): readonly Json[] {
      return schema.examples;
    },
    read: (at) => {
      const { value, file } = schema.read(at);
      return { value: change(value, at), file };
    },
    json: (defs) => schema.json(defs),
  };
}

/** What was found, for messages. */
export function foundOf(node: SourceNode): string {
  if (node.kind === 'map') return 'a map';
  if (node.kind === 'list') return 'a list';
  if (node.value === null) return 'nothing';
  return `\`${short(node.text)}\``;
}

export function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** A value in flow style, for hints. */
export function inline(json: Json): string {
  if (Array.isArray(json)) return `[${json.map(inline).join(', ')}]`;
  if (json !== null && typeof json === 'object') return Object.keys(json).length === 0 ? '{}' : `{ ${Object.entries(json).map(([key, value]) => `${key}: ${inline(value)}`).join(', ')} }`;
  return String(json);
}

/** A tree as if it had been read from a file; what is `undefined` is not there. */
export function sourceOf(json: Json, span: Span): SourceNode {
  if (Array.isArray(json)) return { kind: 'list', items: json.map((item) => sourceOf(item, span)), span };
  if (json !== null && typeof json === 'object') {
    return { kind: 'map', entries: Object.entries(json).flatMap(([key, value]) => ((value as Json | undefined) === undefined ? [] : [{ key, keySpan: span, value: sourceOf(value, span) }])), span };
  }
  const value = json as string | number | boolean | null;
  return { kind: 'scalar', value, text: value === null ? '' : String(value), quoted: false, span };
}

function isValue(node: SourceNode): boolean {
  return node.kind !== 'scalar' || node.value !== null;
}

/** Where a missing key is shown: the start of its map, not all its lines. */
function startOf(node: SourceNode): Span {
  return { ...node.span, end: node.span.start };
}

function plural(noun: string): string {
  return noun.replace(/^an? /, '').replace(/(?= of )|$/, 's'); // parts of a mixture
}
