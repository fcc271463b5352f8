/**
 * What the worker of the live page does: a scenario's text and what was turned, to results. All of it runs in a browser as it does in
 * Node, so that the same text and overrides have the same digest on the command line.
 */
import type { Result } from '../result/result.ts';
import { carryOut, resultOf } from '../run/carry-out.ts';
import { warmedUp } from '../run/pilot.ts';
import { RunTooShort } from '../run/warmup.ts';
import { editScenario } from '../scenario/edit.ts';
import type { Override } from '../scenario/override.ts';
import { type ParsedScenario, parseScenario } from '../scenario/parse.ts';
import { formatProblems } from '../scenario/problem.ts';
import { deskOf, type Settings } from './controls.ts';

export interface Question {
  readonly text: string;
  /** One or two ways to have it. */
  readonly sides: readonly Settings[];
  /** Runs end after so long, with what they have measured, ms. */
  readonly patienceMs: number;
}

export interface Answer {
  /** The scenario as it stands, with all defaults; null where it cannot be read. */
  readonly resolved: unknown;
  /** Why not, for people; empty where nothing is wrong. */
  readonly problems: string;
  readonly sides: readonly SideAnswer[];
}

export interface SideAnswer {
  /** Null where it cannot be run. */
  readonly result: Result | null;
  /** Errors and warnings that the settings bring, for people. */
  readonly problems: string;
  readonly overrides: readonly Override[];
  /** The file with these values; null where it cannot be run. */
  readonly text: string | null;
}

/** @param now  milliseconds from any origin */
export function answerTo({ patienceMs, sides, text }: Question, now: () => number): Answer {
  const base = parseScenario(text);
  if (base.plan === null) return { resolved: null, problems: inWords(base, text), sides: [] };
  const desk = deskOf(base.resolved);
  return {
    resolved: base.resolved,
    problems: inWords(base, text),
    sides: sides.map((settings) => sideAnswer(text, desk.overridesFor(settings), now() + patienceMs, now)),
  };
}

function sideAnswer(text: string, overrides: readonly Override[], until: number, now: () => number): SideAnswer {
  const parsed = parseScenario(text, { set: overrides });
  const { notSimulated, plan, resolved } = parsed;
  const problems = inWords(parsed, text);
  if (plan === null || notSimulated.length > 0) return { result: null, problems, overrides, text: null };
  try {
    const run = carryOut(plan.isWarmupAuto ? warmedUp(plan) : plan, plan.seed, { onProgress: () => now() > until });
    return { result: resultOf(run, { resolved, sha256: '' }), problems, overrides, text: editScenario(text, overrides) };
  } catch (error) {
    if (!(error instanceof RunTooShort)) throw error;
    return { result: null, problems: error.message, overrides, text: null };
  }
}

function inWords({ problems }: ParsedScenario, text: string): string {
  return problems.length === 0 ? '' : formatProblems(problems, text, { unicode: true });
}
