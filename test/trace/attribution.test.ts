/** Every nanosecond of a latency is in one piece, and every piece is what the tree of calls says of that time. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planOf, shippedScenarios } from '../../scripts/shipped.ts';
import type { Plan } from '../../src/model/plan.ts';
import { carryOut } from '../../src/run/carry-out.ts';
import { Part, PART_NAMES } from '../../src/trace/part.ts';
import type { AttemptSpan, CallSpan, RequestSpan } from '../../src/trace/spans.ts';
import { planFrom } from '../support/plan-from.ts';
import { randomScenario } from '../support/random-scenario.ts';
import { type Piece, traced } from '../support/traced.ts';

/** What is wrong with the pieces of a request, in words. */
function wrongWith(request: RequestSpan, pieces: readonly Piece[]): string[] {
  const wrong: string[] = [];
  let cursor = request.endedAt;
  for (const piece of pieces) {
    const { part, edge, from, to } = piece;
    if (to !== cursor || from >= to) wrong.push(`${PART_NAMES[part]} on ${edge} from ${from} to ${to}, after ${cursor}`);
    else if (!isSo(request, piece)) wrong.push(`${PART_NAMES[part]} on ${edge} from ${from} to ${to}: the tree does not say so`);
    cursor = from;
  }
  if (cursor !== request.begunAt) wrong.push(`what lies between ${request.begunAt} and ${cursor} is nowhere`);
  return wrong;
}

/** Whether the tree knows of something of that kind at that time. */
function isSo(request: RequestSpan, { part, edge, endpoint, from, to }: Piece): boolean {
  const calls = callsIn(request);
  const attempts = calls.flatMap((call) => call.attempts);
  const isIdle = (call: CallSpan): boolean => call.attempts.every(({ sentAt, overAt }) => sentAt >= to || overAt <= from || sentAt === overAt);
  const inside = (start: number, end: number): boolean => start <= from && to <= end;
  const endOf = (attempt: AttemptSpan): number => (Number.isNaN(attempt.answeredAt) ? Infinity : attempt.answeredAt);
  const startOf = (attempt: AttemptSpan): number => (Number.isNaN(attempt.startedAt) ? endOf(attempt) : attempt.startedAt);
  const arrivalOf = (attempt: AttemptSpan): number => (Number.isNaN(attempt.arrivedAt) ? Infinity : attempt.arrivedAt);
  const on = (list: readonly AttemptSpan[]): readonly AttemptSpan[] => list.filter((attempt) => attempt.edge === edge && attempt.endpoint === endpoint);
  switch (part) {
    case Part.queue:
      return on(attempts).some((attempt) => inside(arrivalOf(attempt), startOf(attempt)));
    case Part.service:
      return on(attempts).some((attempt) => inside(attempt.startedAt, endOf(attempt)) && attempt.calls.every(({ begunAt, endedAt }) => begunAt >= to || endedAt <= from || request.endedAt === to));
    case Part.network:
      return on(attempts).some((attempt) => inside(attempt.sentAt, arrivalOf(attempt)) || inside(attempt.answeredAt, attempt.overAt));
    case Part.timedOut:
      // Whatever it is there, somebody higher up gave up on it, or its time was over.
      return attempts.some((attempt) => attempt.sentAt <= from && to <= attempt.overAt && (attempt.isGivenUp || attempt.call.turns.some((at, i) => i % 2 === 1 && at >= to)));
    case Part.hedgeWait:
      return calls.some((call) => call.edge === edge && inside(call.begunAt, Number.isNaN(call.endedAt) ? Infinity : call.endedAt) && (call.attempts.length > 1 || isIdle(call)));
    case Part.backoff:
    case Part.connection:
    case Part.ready:
      return calls.some((call) => call.edge === edge && inside(call.begunAt, Number.isNaN(call.endedAt) ? Infinity : call.endedAt));
    default:
      return part satisfies never;
  }
}

function callsIn(call: CallSpan): CallSpan[] {
  return [call, ...call.attempts.flatMap(({ calls }) => calls.flatMap(callsIn))];
}

/** Runs the plan and checks its requests, at most so many. */
function check(plan: Plan, most = Infinity): number {
  let seen = 0;
  const wrong: string[] = [];
  const run = traced(plan, (request, pieces) => {
    if (++seen <= most && wrong.length < 3) wrong.push(...wrongWith(request, pieces));
  });
  expect(wrong).toEqual([]);
  expect(run.digest).toBe(carryOut(plan, plan.seed).digest);
  // Those before the warm-up are shown, too.
  expect(seen).toBeGreaterThanOrEqual(run.measurements.select({}).requests);
  return seen;
}

describe('the time of a request', () => {
  test.each(shippedScenarios())('is all accounted for in $name, and nothing differs from a run without a trace', (scenario) => {
    const { plan } = planOf(scenario);
    expect(check({ ...plan, durationNs: Math.min(plan.durationNs, 30e9) }, 20_000)).toBeGreaterThan(100);
  });

  test('is all accounted for whatever the policies, services and faults', () => {
    fc.assert(fc.property(randomScenario, (scenario) => void check(planFrom(scenario))), { numRuns: 80 });
  });
});
