/**
 * What a request and its answer say in headers: enough for the endpoint to do what it would do in the simulator, and for a
 * person with a packet dump to follow a call.
 */
import type { IncomingHttpHeaders } from 'node:http';
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

/** Null when the header is missing or is none of ours. */
export function workOf(headers: IncomingHttpHeaders): Work | null {
  const text = headers[WORK_HEADER];
  if (typeof text !== 'string') return null;
  const [keyHi, keyLo, tag, hashKey, requestClass, ...rest] = text.split(' ').map(Number);
  if (keyHi === undefined || keyLo === undefined || tag === undefined || hashKey === undefined || requestClass === undefined || rest.length > 0) return null;
  return [keyHi, keyLo, tag, hashKey, requestClass].every(Number.isInteger) ? { keyHi, keyLo, tag, hashKey, requestClass } : null;
}

/** Infinity where nobody says until when he waits. */
export function deadlineOf(headers: IncomingHttpHeaders): number {
  const deadline = Number(headers[DEADLINE_HEADER] ?? Infinity);
  return Number.isNaN(deadline) ? Infinity : deadline;
}

/** Null for a name that is no outcome. */
export function outcomeOfName(name: unknown): Outcome | null {
  return typeof name === 'string' && Object.hasOwn(Outcome, name) ? Outcome[name as OutcomeName] : null;
}
