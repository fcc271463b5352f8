/** Schemas of single values. */
import { NS_MAX } from '../model/units.ts';
import { type At, foundOf, type Json, type JsonObject, type Read, type Schema, short } from './schema.ts';
import type { ScalarValue } from './source.ts';
import { didYouMean } from './suggest.ts';
import { DURATION_PATTERN, formatDuration, formatRate, PERCENT_PATTERN, parseDuration, parsePercent, parseRate, parseSize, RATE_PATTERN, SIZE_PATTERN } from './units.ts';

interface Bounds {
  readonly min?: number;
  readonly max?: number;
  readonly examples?: readonly Json[];
}

/** In words, for the docs. */
function rangeOf(min: string | null, max: string | null): string {
  if (min === null) return max === null ? 'any' : `at most ${max}`;
  return max === null ? `at least ${min}` : `${min} to ${max}`;
}

/** Whole ns in the program. */
export function duration(bounds: Bounds = {}): Schema<number> {
  const { min = 0, max = NS_MAX, examples = ['250ms'] } = bounds;
  const standIn = Math.max(min, 1e6);
  return {
    noun: 'a duration',
    examples,
    range: min === 1 ? 'above 0' : rangeOf(formatDuration(min), max === NS_MAX ? null : formatDuration(max)),
    read: (at) => {
      const node = scalarAt(at, 'a duration such as 250ms');
      if (node === null) return { value: standIn, file: null };
      const { value, text } = node;
      const ns = value === 0 ? 0 : typeof value === 'string' ? parseDuration(value) : null;
      if (ns === null) {
        if (typeof value === 'number') at.report('missing-unit', `\`${short(text)}\` has no unit`, { hint: value > 0 ? `did you mean \`${text}ms\` or \`${text}s\`?` : 'write a duration such as 250ms' });
        else if (SEXAGESIMAL.test(text)) at.report('yaml-sexagesimal', `\`${short(text)}\` is not a duration`, { hint: `did you mean \`${sexagesimal(text)}\`?` });
        else if (!reportBoolean(at, 'a duration', { example: examples[0] })) at.report('bad-value', `\`${short(text)}\` is not a duration`, { hint: durationHint(text) });
        return { value: standIn, file: null };
      }
      if (ns < min || ns > max) {
        const range = ns < min ? `at least ${formatDuration(min)}` : `at most ${max === NS_MAX ? '104 days' : formatDuration(max)}`;
        at.report('out-of-range', `\`${text}\` is out of range`, { hint: range });
        return { value: standIn, file: null };
      }
      return { value: ns, file: value };
    },
    json: (defs) =>
      defs.ref('duration', () => ({
        description: 'Number and unit: ns, us, ms, s, m, h; parts add up.',
        anyOf: [{ type: 'string', pattern: DURATION_PATTERN }, { const: 0 }],
        examples: ['250us', '5ms', '1.5s', '2m', '1h', '1m30s', 0],
      })),
  };
}

/** Per second in the program. */
export function rate(bounds: Bounds = {}): Schema<number> {
  const { min = 0, max = 1e12, examples = ['400/s'] } = bounds;
  return {
    noun: 'a rate',
    examples,
    range: rangeOf(formatRate(min), max === 1e12 ? null : formatRate(max)),
    read: (at) => {
      const node = scalarAt(at, 'a rate such as 500/s');
      if (node === null) return { value: 1, file: null };
      const { value, text } = node;
      const perS = typeof value === 'string' ? parseRate(value) : null;
      if (perS === null) {
        if (typeof value === 'number') at.report('missing-unit', `\`${short(text)}\` has no unit`, { hint: `did you mean \`${text}/s\` or \`${text}/m\`?` });
        else if (!reportBoolean(at, 'a rate', { example: examples[0] })) at.report('bad-value', `\`${short(text)}\` is not a rate`, { hint: 'write 500/s, 30/m or 24000/h' });
        return { value: 1, file: null };
      }
      if (perS < min || perS > max) {
        at.report('out-of-range', `\`${text}\` is out of range`, { hint: perS < min ? `at least ${formatRate(min)}` : `at most ${formatRate(max)}` });
        return { value: 1, file: null };
      }
      return { value: perS, file: value };
    },
    json: (defs) => defs.ref('rate', () => ({ description: 'Number per unit of time: /s, /m, /h.', type: 'string', pattern: RATE_PATTERN, examples: ['500/s', '30/m', '24000/h'] })),
  };
}

/** 0..1 in the program. */
export function ratio(examples: readonly Json[] = ['20%']): Schema<number> {
  return {
    noun: 'a ratio',
    examples,
    range: '0% to 100%',
    read: (at) => {
      const node = scalarAt(at, 'a ratio such as 20% or 0.2');
      if (node === null) return { value: 0.5, file: null };
      const { value, text } = node;
      const share = typeof value === 'number' ? value : typeof value === 'string' ? parsePercent(value) : null;
      if (share === null) {
        if (!reportBoolean(at, 'a ratio', { example: examples[0] })) at.report('bad-value', `\`${short(text)}\` is not a ratio`, { hint: 'write 20% or 0.2' });
        return { value: 0.5, file: null };
      }
      if (!(share >= 0 && share <= 1)) {
        const bare = typeof value === 'number' && share > 1 && share <= 100;
        at.report(bare ? 'missing-unit' : 'out-of-range', bare ? `\`${text}\` is more than 1` : `\`${short(text)}\` is out of range`, { hint: bare ? `did you mean \`${text}%\` or \`${share / 100}\`?` : '0% to 100%, or 0 to 1' });
        return { value: 0.5, file: null };
      }
      return { value: share, file: value };
    },
    json: (defs) =>
      defs.ref('ratio', () => ({
        description: 'Percentage, or a number from 0 to 1.',
        anyOf: [{ type: 'string', pattern: PERCENT_PATTERN }, { type: 'number', minimum: 0, maximum: 1 }],
        examples: ['20%', 0.2],
      })),
  };
}

/** What a text that was to be a number may have been meant as. */
function bareNumber(text: string): string | null {
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return 'take the quotes away';
  const bare = /^(\d+(?:\.\d+)?)\D+$/.exec(text)?.[1];
  return bare === undefined ? null : `a bare number, such as ${bare}`;
}

export function number(bounds: Bounds & { readonly integer?: boolean } = {}): Schema<number> {
  const { min = -Infinity, max = Infinity, integer = false } = bounds;
  const noun = integer ? 'a whole number' : 'a number';
  const standIn = Math.min(max, Math.max(min, 1));
  return {
    noun,
    examples: bounds.examples ?? [standIn],
    range: rangeOf(min === -Infinity ? null : String(min), max === Infinity ? null : String(max)),
    read: (at) => {
      const node = scalarAt(at, noun);
      if (node === null) return { value: standIn, file: null };
      const { value, text } = node;
      if (typeof value !== 'number' || !Number.isFinite(value) || (integer && !Number.isSafeInteger(value))) {
        if (!reportBoolean(at, noun)) {
          at.report('wrong-type', `expected ${noun}, found ${foundOf(node)}`, { hint: typeof value === 'string' ? bareNumber(value) : Number.isInteger(value) ? 'it has more digits than a number keeps' : null });
        }
        return { value: standIn, file: null };
      }
      if (value < min || value > max) {
        at.report('out-of-range', `\`${text}\` is out of range`, { hint: value < min ? `at least ${min}` : `at most ${max}` });
        return { value: standIn, file: null };
      }
      return { value, file: value };
    },
    json: () => ({
      type: integer ? 'integer' : 'number',
      ...(min === -Infinity ? {} : { minimum: min }),
      ...(max === Infinity ? {} : { maximum: max }),
    }),
  };
}

export function integer(bounds: Bounds = {}): Schema<number> {
  return number({ ...bounds, integer: true });
}

/** Whole bytes in the program. */
export function size(bounds: Bounds = {}): Schema<number> {
  const { min = 0, max = 2 ** 40, examples = ['64KiB'] } = bounds;
  return {
    noun: 'a size',
    examples,
    range: rangeOf(min === 0 ? '0' : `${min}B`, max === 2 ** 40 ? null : `${max}B`),
    read: (at) => {
      const node = scalarAt(at, 'a size such as 64KiB');
      if (node === null) return { value: min, file: null };
      const { value, text } = node;
      const bytes = value === 0 ? 0 : typeof value === 'string' ? parseSize(value) : null;
      if (bytes === null) {
        if (typeof value === 'number') at.report('missing-unit', `\`${short(text)}\` has no unit`, { hint: `did you mean \`${text}B\` or \`${text}KiB\`?` });
        else at.report('bad-value', `\`${short(text)}\` is not a size`, { hint: 'write a size such as 64KiB' });
        return { value: min, file: null };
      }
      if (bytes < min || bytes > max) {
        at.report('out-of-range', `\`${text}\` is out of range`, { hint: bytes < min ? `at least ${min} bytes` : `at most ${max} bytes` });
        return { value: min, file: null };
      }
      return { value: bytes, file: value };
    },
    json: (defs) =>
      defs.ref('size', () => ({
        description: 'Number and unit: B, KiB, MiB, GiB.',
        anyOf: [{ type: 'string', pattern: SIZE_PATTERN }, { const: 0 }],
        examples: ['512B', '64KiB', '1MiB', 0],
      })),
  };
}

export function boolean(): Schema<boolean> {
  return {
    noun: 'true or false',
    examples: [true],
    read: (at) => {
      const node = scalarAt(at, 'true or false');
      if (node === null) return { value: false, file: null };
      if (typeof node.value === 'boolean') return { value: node.value, file: node.value };
      const meant = { yes: 'true', on: 'true', y: 'true', no: 'false', off: 'false', n: 'false' }[node.text.toLowerCase()];
      if (meant === undefined) at.report('wrong-type', `expected true or false, found ${foundOf(node)}`, { allowed: ['true', 'false'] });
      else at.report('yaml-boolean', `\`${node.text}\` is a word, not a boolean`, { hint: `write ${meant}` });
      return { value: false, file: null };
    },
    json: () => ({ type: 'boolean' }),
  };
}

/** One word of several, each with what it means or copies; `later` are words of a later release. */
export function choice<Word extends string>(words: Readonly<Record<Word, string>>, options: { readonly noun?: string; readonly later?: readonly string[] } = {}): Schema<Word> {
  const allowed = Object.keys(words) as Word[];
  const noun = options.noun ?? `one of ${allowed.join(', ')}`;
  return {
    noun,
    examples: allowed.slice(0, 2),
    read: (at) => {
      const node = scalarAt(at, noun);
      if (node === null) return { value: allowed[0]!, file: null };
      const word = allowed.find((candidate) => candidate === node.value);
      if (word !== undefined) return { value: word, file: word };
      if (options.later?.includes(node.text)) at.report('not-supported-yet', `\`${node.text}\` is not supported yet`, { allowed });
      else if (!node.quoted && YAML_1_1_BOOLEANS.has(node.text.toLowerCase())) at.report('yaml-boolean', `\`${node.text}\` is not ${noun.startsWith('one of') ? 'known here' : noun}; older YAML reads it as a boolean`, { hint: 'choose one of the words', allowed });
      else if (!reportBoolean(at, noun, { allowed })) at.report('unknown-word', `\`${short(node.text)}\` is not ${noun.startsWith('one of') ? 'known here' : noun}`, { hint: didYouMean(node.text, allowed), allowed });
      return { value: allowed[0]!, file: null };
    },
    json: () => ({ description: allowed.map((word) => `${word}: ${words[word]}`).join('\n'), enum: allowed, type: 'string' }),
  };
}

const YAML_1_1_BOOLEANS: ReadonlySet<string> = new Set(['yes', 'no', 'on', 'off', 'y', 'n']);

/** Any text; numbers and booleans are taken as they are written where `loose`. */
export function text(options: { readonly noun?: string; readonly pattern?: RegExp; readonly hint?: string; readonly loose?: boolean; readonly examples?: readonly Json[]; readonly standIn?: string } = {}): Schema<string> {
  const noun = options.noun ?? 'a text';
  const standIn = options.standIn ?? '';
  return {
    noun,
    examples: options.examples ?? ['text'],
    read: (at): Read<string> => {
      const node = scalarAt(at, noun);
      if (node === null) return { value: standIn, file: null };
      if (typeof node.value !== 'string' && !options.loose) {
        at.report(typeof node.value === 'boolean' ? 'yaml-boolean' : 'wrong-type', `expected ${noun}, found ${foundOf(node)}`, { hint: `quote it: "${short(node.text)}"` });
        return { value: standIn, file: null };
      }
      const value = typeof node.value === 'string' ? node.value : node.text;
      if (options.pattern !== undefined && !(options.pattern.test(value) && value.length <= 128)) {
        at.report('bad-name', `\`${short(value)}\` cannot be ${noun}`, { hint: options.hint ?? null });
        return { value: standIn, file: null };
      }
      return { value, file: value };
    },
    json: (): JsonObject => ({ type: options.loose ? ['string', 'number', 'boolean'] : 'string', ...(options.pattern === undefined ? {} : { pattern: options.pattern.source }) }),
  };
}

/** Letters first, so that no name reads as a number, a share or a target. */
export const NAME: RegExp = /^[A-Za-z][A-Za-z0-9_.-]*$/;
export const NAME_HINT = 'a letter, then letters, digits, `-`, `_` or `.`';

export function name(noun: string, example: string): Schema<string> {
  return text({ noun, pattern: NAME, hint: NAME_HINT, examples: [example], standIn: example });
}

/** The scalar at this place; anything else is reported and null. */
function scalarAt(at: At, expected: string): { readonly kind: 'scalar'; readonly value: Exclude<ScalarValue, null>; readonly text: string; readonly quoted: boolean; readonly span: At['node']['span'] } | null {
  const { node } = at;
  if (node.kind === 'scalar' && node.value !== null) return { ...node, value: node.value };
  at.report('wrong-type', `expected ${expected}, found ${foundOf(node)}`);
  return null;
}

/** A boolean where something else is meant: YAML's own reading of a word, or a wish to switch something off. */
function reportBoolean(at: At, noun: string, { allowed, example }: { readonly allowed?: readonly string[]; readonly example?: Json | undefined } = {}): boolean {
  if (at.node.kind !== 'scalar' || typeof at.node.value !== 'boolean') return false;
  const off = at.node.value === false && (allowed === undefined || allowed.includes('none'));
  at.report('yaml-boolean', `\`${at.node.text}\` is a boolean, not ${noun}`, { hint: off ? 'write `none` where it may be off, or leave it out' : example === undefined ? null : `write ${noun}, such as ${String(example)}`, ...(allowed === undefined ? {} : { allowed }) });
  return true;
}

const SEXAGESIMAL = /^\d+(:[0-5]?\d){1,2}$/;

function sexagesimal(text: string): string {
  const parts = text.split(':');
  return parts.map((digits, i) => `${Number(digits)}${['h', 'm', 's'][3 - parts.length + i]}`).join('');
}

function durationHint(text: string): string {
  if (text.startsWith('-')) return 'a duration is not negative';
  const spaced = text.replace(/\s+/g, '').replace(/(sec|second)s?$/, 's').replace(/(min|minute)s?$/, 'm').replace(/msecs?$/, 'ms');
  if (spaced !== text && parseDuration(spaced) !== null) return `did you mean \`${spaced}\`?`;
  return 'write a number with us, ms, s, m or h';
}
