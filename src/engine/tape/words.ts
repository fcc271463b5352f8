/**
 * The lines of a tape: a word, then the values of these fields. `docs/recording.md` says what they mean.
 */
import { OUTCOME_NAMES } from '../../model/outcome.ts';
import { CheckResult } from '../breaker/health-checks.ts';
import { TimerKind } from '../timers.ts';

/** What a world tells the engine. */
export const INPUTS = {
  start: [],
  begin: ['edge', 'caller', 'keyHi', 'keyLo', 'hashKey', 'requestClass', 'tag', 'parent', 'deadline'],
  attemptDone: ['attempt', 'outcome', 'status'],
  opened: ['outbound', 'connection'],
  openFailed: ['outbound', 'connection'],
  connectionsLost: ['service', 'endpoint'],
  probeAnswered: ['outbound', 'endpoint', 'serial', 'result'],
  timerDue: ['timer', 'subject'],
  abandon: ['call'],
} as const;

/** What the engine asks of its world, and tells its observer. */
export const DECISIONS = {
  begun: ['call'],
  open: ['outbound', 'connection', 'endpoint', 'isOpen'],
  closed: ['outbound', 'connection'],
  send: ['attempt', 'call', 'number', 'isHedge', 'endpoint', 'connection', 'deadline'],
  cancel: ['attempt'],
  probe: ['outbound', 'endpoint', 'serial'],
  arm: ['timer', 'subject', 'due'],
  disarm: ['timer', 'subject'],
  settle: ['call', 'outcome', 'status', 'attempts', 'hedges', 'backend'],
  ejected: ['edge', 'caller', 'endpoint', 'holder', 'detection'],
  unejected: ['edge', 'caller', 'endpoint', 'holder'],
  breakerOpened: ['edge', 'caller', 'detection'],
  breakerClosed: ['edge', 'caller'],
  refusing: ['edge', 'caller', 'endpoint', 'on'],
  shedding: ['edge', 'caller', 'on'],
  panicked: ['edge', 'caller', 'on'],
  overflowed: ['edge'],
  budgetRefused: ['edge'],
} as const;

export type InputWord = keyof typeof INPUTS;
export type DecisionWord = keyof typeof DECISIONS;

type Value = string | number | boolean;
/** As many values as there are fields. */
type ValuesOf<Fields extends readonly string[]> = { readonly [Field in keyof Fields]: Value };

/** Begins the line of a decision; that of an input begins with its time. */
export const DECISION_MARK = '-';

export const TIMER_NAMES: readonly string[] = Object.keys(TimerKind);
export const CHECK_RESULT_NAMES: readonly string[] = Object.keys(CheckResult);

/** Fields whose values are names, with these in the order of their codes. */
export const CODES: Readonly<Record<string, readonly string[]>> = { outcome: OUTCOME_NAMES, result: CHECK_RESULT_NAMES, timer: TIMER_NAMES };

export function inputLine<Word extends InputWord>(now: number, word: Word, ...values: ValuesOf<(typeof INPUTS)[Word]>): string {
  return [now, word, ...values].join(' ');
}

export function decisionLine<Word extends DecisionWord>(word: Word, ...values: ValuesOf<(typeof DECISIONS)[Word]>): string {
  return [DECISION_MARK, word, ...values].join(' ');
}
