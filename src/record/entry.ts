/** One line of a tape, taken apart. */
import { CODES, DECISIONS, DECISION_MARK, type DecisionWord, INPUTS, type InputWord } from '../engine/tape/words.ts';

export interface Entry {
  /** ns; null of a decision, which happens at the time of its input. */
  readonly atNs: number | null;
  readonly word: InputWord | DecisionWord;
  /** By field, in their order, as written. */
  readonly texts: Readonly<Record<string, string>>;
  /** By field; of names their codes, 1 for true. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** Null when it is not a line of a tape. */
export function entryOf(line: string): Entry | null {
  const [first = '', word = '', ...values] = line.split(' ');
  const isDecision = first === DECISION_MARK;
  const atNs = isDecision ? null : Number(first);
  const known: Readonly<Record<string, readonly string[]>> = isDecision ? DECISIONS : INPUTS;
  const fields = Object.hasOwn(known, word) ? known[word]! : null;
  if (fields === null || fields.length !== values.length || !(atNs === null || (Number.isInteger(atNs) && first !== ''))) return null;
  const numbers = fields.map((field, i) => [field, numberOf(field, values[i]!)] as const);
  if (numbers.some(([, number]) => Number.isNaN(number))) return null;
  // One of the words of the table that has it.
  return { atNs, word: word as Entry['word'], texts: Object.fromEntries(fields.map((field, i) => [field, values[i]!])), numbers: Object.fromEntries(numbers) };
}

/** NaN for what the field cannot be; of names that only people read, 0. */
function numberOf(field: string, text: string): number {
  const names = CODES[field];
  if (names !== undefined) return names.includes(text) ? names.indexOf(text) : NaN;
  if (field === 'holder' || field === 'detection') return 0;
  if (text === 'true') return 1;
  if (text === 'false') return 0;
  return text === '' ? NaN : Number(text);
}
