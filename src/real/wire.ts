/**
 * What a request and its answer say in headers: enough for the endpoint to do what it would do in the simulator, and for a
 * person with a packet dump to follow a call.
 */
import { Outcome, type OutcomeName } from '../model/outcome.ts';

/** Of a request: which attempt of its call it is, from 1 … */
export const ATTEMPT_HEADER = 'meshsim-attempt';
/** … until when somebody waits, in ns since the run began; absent where nobody says … */
export const DEADLINE_HEADER = 'meshsim-deadline';
/** … and what it is for keyed randomness and for counting: five integers. */
export const WORK_HEADER = 'meshsim-work';
/** Of a health check. */
export const CHECK_HEADER = 'meshsim-check';
/** Of an answer: what the endpoint holds it to be. A status alone does not tell a full queue from a failure. */
export const OUTCOME_HEADER = 'meshsim-outcome';

/** What an endpoint has to know of an attempt; see `AskedCall` of the station. */
export interface Work {
  readonly keyHi: number;
  readonly keyLo: number;
  readonly tag: number;
  readonly hashKey: number;
  readonly requestClass: number;
}

export function workText({ keyHi, keyLo, tag, hashKey, requestClass }: Work): string {
  return `${keyHi} ${keyLo} ${tag} ${hashKey} ${requestClass}`;
}

/** The value of one of our headers: names, as we write them, and values in turn. Cheaper than an object of all of them (without a date, 5 % of a server's time). */
function valueOf(headers: readonly string[], name: string): string | null {
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === name) return headers[i + 1]!;
  return null;
}

export function isCheck(headers: readonly string[]): boolean {
  return valueOf(headers, CHECK_HEADER) !== null;
}

/** Null when the header is missing or is none of ours. */
export function workOf(headers: readonly string[]): Work | null {
  const text = valueOf(headers, WORK_HEADER);
  if (text === null) return null;
  const numbers = text.split(' ').map(Number);
  if (numbers.length !== 5 || !numbers.every(Number.isInteger)) return null;
  const [keyHi, keyLo, tag, hashKey, requestClass] = numbers as [number, number, number, number, number]; // as many
  return { keyHi, keyLo, tag, hashKey, requestClass };
}

/** Infinity where nobody says until when he waits. */
export function deadlineOf(headers: readonly string[]): number {
  const deadline = Number(valueOf(headers, DEADLINE_HEADER) ?? Infinity);
  return Number.isNaN(deadline) ? Infinity : deadline;
}

/** Null for a name that is no outcome. */
export function outcomeOfName(name: string | null): Outcome | null {
  return name !== null && Object.hasOwn(Outcome, name) ? Outcome[name as OutcomeName] : null;
}
