/** Schemas made from the option descriptions of the engine's plug-ins. */
import type { Chosen, Kind, OptionSpec, OptionSpecs, OptionValue, OptionValues } from '../model/kind.ts';
import { boolean, choice, duration, integer, number, rate, ratio } from './scalar.ts';
import { type Defs, type Field, field, foundOf, type Json, type JsonObject, map, optional, orWord, required, type Schema, type At, mapped } from './schema.ts';
import { didYouMean } from './suggest.ts';
import { formatDuration, formatRate, formatRatio } from './units.ts';

export interface OptionsSpec {
  readonly def?: string;
  readonly noun: string;
  readonly shorthand?: string;
  readonly check?: (values: OptionValues, at: At) => void;
}

/** The options of one plug-in that is no choice among several. */
export function options(kind: Kind, spec: OptionsSpec): Schema<OptionValues> {
  const fields = fieldsOf(kind.options);
  const schema = map<Record<string, OptionValue>>({
    ...spec,
    doc: kindDoc(kind),
    fields,
    check: (values, at) => {
      refuseLater(kind.options, values, at);
      spec.check?.(values, at);
    },
  });
  return Object.assign(schema, { plugins: { '': { kind, fields } } });
}

function refuseLater(specs: OptionSpecs, values: OptionValues, at: At): void {
  for (const [name, option] of Object.entries(specs)) {
    if (option.later && values[name] !== option.default) notSimulated(at, `\`${name}\``, name);
  }
}

export function notSimulated(at: At, what: string, key?: string): void {
  at.report('not-simulated-yet', `${what} is understood but not simulated yet; a run is refused`, { severity: 'warning', span: { ...at.node.span }, ...(key === undefined ? {} : { key }) });
}

export function fieldsOf(specs: OptionSpecs): Record<string, Field<OptionValue>> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => {
      const schema = schemaOf(spec);
      return [name, spec.default === undefined ? required(schema, spec.doc) : field(schema, fileOf(spec, spec.default), spec.doc)];
    }),
  );
}

function schemaOf(spec: OptionSpec): Schema<OptionValue> {
  const plain = plainSchemaOf(spec) as Schema<OptionValue>; // an option's values are all OptionValue
  return spec.infinite === undefined ? plain : orWord(plain, spec.infinite, Infinity);
}

function plainSchemaOf(spec: OptionSpec): Schema<number> | Schema<boolean> | Schema<string> {
  const bounds = 'min' in spec || 'max' in spec ? { ...('min' in spec ? { min: spec.min } : {}), ...('max' in spec ? { max: spec.max } : {}) } : {};
  const examples = spec.default === undefined || spec.default === Infinity ? {} : { examples: [fileOf(spec, spec.default)] };
  switch (spec.type) {
    case 'integer':
      return integer({ ...bounds, ...examples });
    case 'number':
      return number({ ...bounds, ...examples });
    case 'duration':
      return duration({ ...bounds, ...examples });
    case 'ratio':
      return ratio(examples.examples);
    case 'rate':
      return rate({ min: 1e-6, ...examples });
    case 'boolean':
      return boolean();
    case 'choice':
      return choice(wordsOf(spec.values, spec.doc));
    default:
      return spec satisfies never;
  }
}

/** A default as a file would say it. */
export function fileOf(spec: OptionSpec, value: OptionValue): Json {
  if (value === Infinity) return spec.infinite!;
  if (spec.type === 'duration') return formatDuration(value as number);
  if (spec.type === 'ratio') return formatRatio(value as number);
  if (spec.type === 'rate') return formatRate(value as number);
  return value;
}

/** `word: meaning.` sentences inside the option's doc, where it has them. */
function wordsOf(values: readonly string[], doc: string): Record<string, string> {
  return Object.fromEntries(values.map((word) => [word, new RegExp(`\\b${word}: ([^.]*)`).exec(doc)?.[1] ?? doc]));
}

export interface KindsSpec {
  readonly noun: string;
  readonly doc: string;
  readonly kinds: Readonly<Record<string, Kind>>;
  readonly later?: readonly string[];
  /** A look at the options of the chosen kind together; problems only. */
  readonly check?: (chosen: Chosen, at: At) => void;
}

/** `leastRequest`, or `{ type: leastRequest, choices: 2 }`. */
export function kinds(spec: KindsSpec): Schema<Chosen> {
  const tagged = taggedKinds({ ...spec, tag: 'type', fields: mapValues(spec.kinds, (kind) => fieldsOf(kind.options)) });
  return mapped(tagged, ({ kind, values }, at) => {
    const chosen = { kind: kind ?? Object.keys(spec.kinds)[0]!, options: values as OptionValues };
    if (kind === null) return chosen;
    if (at.context.problems.isSound(at.path)) spec.check?.(chosen, at);
    return chosen;
  });
}

export interface TaggedSpec {
  readonly noun: string;
  readonly doc: string;
  /** The key whose word says which kind it is. */
  readonly tag: string;
  readonly kinds: Readonly<Record<string, Kind>>;
  /** Of each kind, beside the tag. */
  readonly fields: Readonly<Record<string, Readonly<Record<string, Field<unknown>>>>>;
  readonly later?: readonly string[];
}

/** A map whose other keys depend on the word under one of them; the word alone stands for it. `kind` is null where it cannot be told. */
export function taggedKinds(spec: TaggedSpec): Schema<{ readonly kind: string | null; readonly values: Readonly<Record<string, unknown>> }> {
  const { tag } = spec;
  const names = Object.keys(spec.kinds);
  const tagSchema = choice(mapValues(spec.kinds, kindDoc), { noun: spec.noun, ...(spec.later === undefined ? {} : { later: spec.later }) });
  const schemas = Object.fromEntries(
    names.map((name) => {
      const kind = spec.kinds[name]!;
      const only = choice({ [name]: kindDoc(kind) }, { noun: spec.noun });
      const check = (read: Readonly<Record<string, unknown>>, at: At): void => {
        const values = read as OptionValues; // those that `kind` describes are, and it asks for no others
        refuseLater(kind.options, values, at);
        const problem = kind.check?.(values) ?? null;
        if (problem !== null) at.report('contradiction', problem.message, { key: problem.key, hint: problem.hint });
      };
      return [name, map<Record<string, unknown>>({ noun: `\`${name}\``, doc: kindDoc(kind), fields: { [tag]: required(only, 'Which one.'), ...spec.fields[name]! }, check })];
    }),
  );
  const first = names[0]!;
  const unclear = { value: { kind: null, values: {} }, file: null };
  return {
    noun: spec.noun,
    examples: [first, { [tag]: first }],
    shorthand: tag,
    plugins: Object.fromEntries(names.map((name) => [name, { kind: spec.kinds[name]!, fields: spec.fields[name]! }])),
    scope: { noun: spec.noun, keys: [tag, ...names.flatMap((name) => Object.keys(spec.fields[name]!))], children: () => [] },
    below: (step) => (step === tag ? tagSchema : null),
    read: (at) => {
      const tagged = at.node.kind === 'map' ? (at.node.entries.find(({ key }) => key === tag)?.value ?? null) : at.node;
      if (tagged === null) {
        at.report('missing-key', `${spec.noun} needs \`${tag}\``, { key: tag, allowed: names });
        return unclear;
      }
      if (tagged.kind !== 'scalar') {
        at.report('wrong-type', `expected ${spec.noun}, found ${foundOf(tagged)}`, { allowed: names, span: tagged.span });
        return unclear;
      }
      const before = at.context.problems.problems.length;
      const kind = tagSchema.read(at.node.kind === 'map' ? at.below(tag, tagged) : at).value;
      if (at.context.problems.problems.length > before) return unclear;
      const whole = at.node.kind === 'map' ? at : at.as({ kind: 'map', entries: [{ key: tag, keySpan: tagged.span, value: tagged }], span: tagged.span });
      const { value, file } = schemas[kind]!.read(whole);
      const { [tag]: _tag, ...values } = value;
      return { value: { kind, values }, file };
    },
    json: (defs: Defs): JsonObject => ({
      description: spec.doc,
      anyOf: [tagSchema.json(defs), ...names.map((name) => schemas[name]!.json(defs))],
    }),
  };
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

export function kindDoc(kind: Kind): string {
  return kind.copies === undefined ? `${kind.doc} Ours.` : `${kind.doc} Copies ${kind.copies}.`;
}

/** Options whose kind is told by the keys that are used, or by `type` where another kind before it has the same keys. */
export function kindsByKeys(spec: KindsSpec & { readonly shorthand: string }): Schema<Chosen> {
  const names = Object.keys(spec.kinds);
  const kindOf = (key: string): string | undefined => names.find((name) => Object.hasOwn(spec.kinds[name]!.options, key));
  const type = choice(Object.fromEntries(names.map((name) => [name, kindDoc(spec.kinds[name]!)])), { noun: spec.noun });
  const schemas = Object.fromEntries(
    names.map((name) => {
      const kind = spec.kinds[name]!;
      const only = choice({ [name]: kindDoc(kind) }, { noun: spec.noun }) as Schema<OptionValue>; // an option's values are all OptionValue
      const isToldByKeys = Object.keys(kind.options).some((key) => kindOf(key) === name);
      return [
        name,
        map<Record<string, OptionValue>>({
          noun: spec.noun,
          doc: kindDoc(kind),
          fields: { type: (isToldByKeys ? optional(only, 'Which kind it is; its keys tell as well.') : required(only, 'Which kind it is.')) as Field<OptionValue>, ...fieldsOf(kind.options) },
          ...(isToldByKeys && kindOf(spec.shorthand) === name ? { shorthand: spec.shorthand } : {}),
          examples: [isToldByKeys ? exampleOf(kind) : { type: name, ...exampleOf(kind) }],
        }),
      ];
    }),
  );
  const all = ['type', ...new Set(names.flatMap((name) => Object.keys(spec.kinds[name]!.options)))];
  return {
    noun: spec.noun,
    examples: [{ [spec.shorthand]: '20%' }],
    shorthand: spec.shorthand,
    plugins: mapValues(spec.kinds, (kind) => ({ kind, fields: fieldsOf(kind.options) })),
    scope: { noun: spec.noun, keys: all, children: () => [] },
    read: (at) => {
      const entries = at.node.kind === 'map' ? at.node.entries : [];
      const typed = entries.find(({ key }) => key === 'type');
      const before = at.context.problems.problems.length;
      const named = typed === undefined ? null : type.read(at.below('type', typed.value)).value;
      if (at.context.problems.problems.length > before) return { value: { kind: names[0]!, options: {} }, file: null };
      const first = typed ?? entries.find(({ key }) => kindOf(key) !== undefined);
      const kind = named ?? (first === undefined ? names[0]! : kindOf(first.key)!);
      const strange = entries.find(({ key }) => kindOf(key) !== undefined && !Object.hasOwn(spec.kinds[kind]!.options, key));
      if (strange !== undefined) {
        at.report('contradiction', `\`${strange.key}\` belongs to another type of ${spec.noun.replace(/^an? /, '')} than \`${first!.key}\``, {
          span: strange.keySpan,
          allowed: Object.keys(spec.kinds[kind]!.options),
          second: { span: first!.keySpan, label: `this makes it the \`${kind}\` type` },
        });
        return { value: { kind, options: {} }, file: null };
      }
      // A misspelt key should be compared with the keys of every kind.
      const unknown = first === undefined ? entries : [];
      if (unknown.length > 0) {
        for (const { key, keySpan } of unknown) at.report('unknown-key', `\`${key}\` is not a field of ${spec.noun}`, { key, span: keySpan, hint: didYouMean(key, all), allowed: all });
        return { value: { kind, options: {} }, file: null };
      }
      const { value, file } = schemas[kind]!.read(at);
      const { type: _type, ...chosen } = value;
      return { value: { kind, options: chosen }, file };
    },
    json: (defs) => ({ description: spec.doc, anyOf: names.map((name) => schemas[name]!.json(defs)) }),
  };
}

function exampleOf({ options: specs }: Kind): JsonObject {
  const [name, spec] = Object.entries(specs)[0]!;
  return { [name]: fileOf(spec, spec.default!) };
}

/** The word of a chosen kind only; its options, if there are some, stand elsewhere. */
export function kindWord(kindTable: Readonly<Record<string, Kind>>, noun: string): Schema<string> {
  const words = mapped(choice(mapValues(kindTable, ({ doc }) => doc), { noun }), (word) => word as string);
  return Object.assign(words, { plugins: mapValues(kindTable, (kind) => ({ kind, fields: {} })) });
}
