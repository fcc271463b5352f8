/** Lines of a tape in the words of the scenario. */
import type { CallRow } from '../engine/calls.ts';
import type { Engine } from '../engine/engine.ts';
import { TimerKind } from '../engine/timers.ts';
import { NONE } from '../model/ids.ts';
import type { Plan } from '../model/plan.ts';
import { secondsOf } from '../model/units.ts';
import type { Entry } from './entry.ts';

/** Whose affair it is. */
export interface Place {
  /** Name of the edge. */
  readonly edge: string;
  /** Which of the edge's callers, such as `web/0`. */
  readonly caller: string;
  /** Null for what is no call's in particular. */
  readonly call: number | null;
}

/** `arm: timer attemptTimeout, subject 7, due 1.25 s` */
export function describe({ numbers, texts, word }: Entry, plan: Plan): string {
  const values = Object.entries(texts).map(([field, text]) => `${wordsOf(field)} ${valueOf(field, text, numbers[field]!, plan)}`);
  return values.length === 0 ? word : `${wordsOf(word)}: ${values.join(', ')}`;
}

export function placeOf({ numbers }: Entry, engine: Engine, plan: Plan): Place | null {
  const call = callIn(numbers, engine);
  if (call !== null) return { ...callerIn(plan, call.outbound.edge, call.outbound.caller), call: call.id };
  const outbound = numbers['outbound'] ?? (numbers['timer'] === TimerKind.outbound ? numbers['subject'] : undefined);
  if (outbound !== undefined) return { ...callerIn(plan, engine.edgeOfOutbound(outbound), engine.callerOfOutbound(outbound)), call: null };
  const { caller, edge } = numbers;
  return edge === undefined || caller === undefined || plan.edges[edge] === undefined ? null : { ...callerIn(plan, edge, caller), call: null };
}

function callIn({ attempt, call, subject, timer }: Entry['numbers'], engine: Engine): CallRow | null {
  const isOfAttempt = timer === TimerKind.attemptTimeout;
  const isOfCall = timer === TimerKind.callTimeout || timer === TimerKind.backoff;
  const row = engine.calls.rows[call ?? (isOfCall ? subject! : NONE)] ?? engine.attempts.rows[attempt ?? (isOfAttempt ? subject! : NONE)]?.call;
  return row ?? null;
}

function callerIn(plan: Plan, edge: number, caller: number): Omit<Place, 'call'> {
  const { from, name } = plan.edges[edge]!; // of the engine, which was made of this plan
  return { edge: name, caller: `${(from.kind === 'traffic' ? plan.traffic : plan.services)[from.index]!.name}/${caller}` };
}

function valueOf(field: string, text: string, value: number, plan: Plan): string {
  switch (field) {
    case 'edge':
    case 'backend':
      return plan.edges[value]?.name ?? text;
    case 'service':
      return plan.services[value]?.name ?? text;
    case 'endpoint':
      return plan.services.flatMap(({ name, replicas }) => Array.from({ length: replicas }, (_, i) => `${name}/${i}`))[value] ?? text;
    case 'deadline':
    case 'due':
      return value === Infinity ? 'never' : `${secondsOf(value)} s`;
    case 'connection':
    case 'parent':
      return value === NONE ? 'none' : text;
    default:
      return wordsOf(text);
  }
}

/** `attemptDone` as `attempt done`. */
function wordsOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
