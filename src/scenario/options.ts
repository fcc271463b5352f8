/** Schemas made from the option descriptions of the engine's plug-ins. */
import type { Chosen, Kind, OptionSpec, OptionSpecs, OptionValue, OptionValues } from '../model/kind.ts';
import { boolean, choice, duration, integer, number, rate, ratio } from './scalar.ts';
import { type Defs, type Field, field, foundOf, type Json, type JsonObject, map, optional, orWord, required, type Schema, type At, mapped } from './schema.ts';
import { didYouMean } from './suggest.ts';
import { formatDuration, formatRate, formatRatio } from './units.ts';

export interface OptionsSpec {
  readonly def?: string;
  readonly noun: string;
  readonly doc: string;
  readonly specs: OptionSpecs;
  readonly shorthand?: string;
  /** The engine does not carry any of it out yet. */
  readonly notSimulated?: boolean;
  readonly later?: Readonly<Record<string, string>>;
  readonly check?: (values: OptionValues, at: At) => void;
}

export function options(spec: OptionsSpec): Schema<OptionValues> {
  return map<Record<string, OptionValue>>({
    ...spec,
    fields: fieldsOf(spec.specs),
    check: (values, at) => {
      for (const [name, option] of Object.entries(spec.specs)) {
        if (option.later && values[name] !== option.default) notSimulated(at, `\`${name}\``, name);
      }
      if (spec.notSimulated) notSimulated(at, spec.noun);
      spec.check?.(values, at);
    },
  });
}

export function notSimulated(at: At, what: string, key?: string): void {
  at.report('not-simulated-yet', `${what} is understood but not simulated yet; a run is refused`, { severity: 'warning', span: { ...at.node.span }, ...(key === undefined ? {} : { key }) });
}

function fieldsOf(specs: OptionSpecs): Record<string, Field<OptionValue>> {
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
function fileOf(spec: OptionSpec, value: OptionValue): Json {
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
  /** Kinds that are understood but not carried out. */
  readonly notSimulated?: readonly string[];
  readonly later?: readonly string[];
}

/** `leastRequest`, or `{ type: leastRequest, choices: 2 }`. */
export function kinds(spec: KindsSpec): Schema<Chosen> {
  const names = Object.keys(spec.kinds);
  const words = Object.fromEntries(names.map((name) => [name, kindDoc(spec.kinds[name]!)]));
  const type = choice(words, { noun: spec.noun, ...(spec.later === undefined ? {} : { later: spec.later }) });
  const schemas = Object.fromEntries(
    names.map((name) => {
      const kind = spec.kinds[name]!;
      const only = choice({ [name]: kindDoc(kind) }, { noun: spec.noun });
      return [name, map<Record<string, OptionValue>>({ noun: `\`${name}\``, doc: kindDoc(kind), fields: { type: required(only as Schema<OptionValue>, 'Which one.'), ...fieldsOf(kind.options) } })];
    }),
  );
  const first = names[0]!;
  return {
    noun: spec.noun,
    examples: [first, { type: first }],
    shorthand: 'type',
    scope: { noun: spec.noun, keys: ['type', ...names.flatMap((name) => Object.keys(spec.kinds[name]!.options))], children: () => [] },
    below: (step) => (step === 'type' ? type : null),
    read: (at) => {
      const typed = at.node.kind === 'map' ? (at.node.entries.find(({ key }) => key === 'type')?.value ?? null) : at.node;
      if (typed === null) {
        at.report('missing-key', `${spec.noun} needs \`type\``, { key: 'type', allowed: names });
        return { value: { kind: first, options: {} }, file: null };
      }
      if (typed.kind !== 'scalar') {
        at.report('wrong-type', `expected ${spec.noun}, found ${foundOf(typed)}`, { allowed: names, span: typed.span });
        return { value: { kind: first, options: {} }, file: null };
      }
      const before = at.context.problems.problems.length;
      const kind = type.read(at.node.kind === 'map' ? at.below('type', typed) : at).value;
      if (at.context.problems.problems.length > before) return { value: { kind: first, options: {} }, file: null };
      const whole = at.node.kind === 'map' ? at : at.as({ kind: 'map', entries: [{ key: 'type', keySpan: typed.span, value: typed }], span: typed.span });
      const { value, file } = schemas[kind]!.read(whole);
      if (spec.notSimulated?.includes(kind)) notSimulated(at, `${spec.noun} \`${kind}\``);
      const { type: _type, ...chosen } = value;
      return { value: { kind, options: chosen }, file };
    },
    json: (defs: Defs): JsonObject => ({
      description: spec.doc,
      anyOf: [type.json(defs), ...names.map((name) => schemas[name]!.json(defs))],
    }),
  };
}

function kindDoc(kind: Kind): string {
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
      if (spec.notSimulated?.includes(kind)) notSimulated(at, `${spec.noun} of type \`${kind}\``);
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

/** The word of a chosen kind only; used where a kind has no options. */
export function kindWord(kindTable: Readonly<Record<string, { readonly doc: string }>>, noun: string): Schema<string> {
  return mapped(choice(Object.fromEntries(Object.entries(kindTable).map(([name, { doc }]) => [name, doc])), { noun }), (word) => word as string);
}
