/**
 * What the worker of the live page does: a scenario's text and what was turned, to results. All of it runs in a browser as it does in
 * Node, so that the same text and overrides have the same digest on the command line.
 */
import type { Plan } from '../model/plan.ts';
import type { Result } from '../result/result.ts';
import { carryOut, resultOf } from '../run/carry-out.ts';
import { pilotOf, warmedUp } from '../run/pilot.ts';
import { pilotSeeds, RunTooShort } from '../run/warmup.ts';
import { editScenario } from '../scenario/edit.ts';
import type { Override } from '../scenario/override.ts';
import { type ParsedScenario, type ParseOptions, parseScenario } from '../scenario/parse.ts';
import { formatProblems } from '../scenario/problem.ts';
import { deskOf, type Settings } from './controls.ts';

export interface Question {
  readonly text: string;
  /** One or two ways to have it. */
  readonly sides: readonly Settings[];
}

export interface Answer {
  /** The scenario as it stands, with all defaults; null where it cannot be read. */
  readonly resolved: unknown;
  /** Why not, for people; empty where nothing is wrong. */
  readonly problems: string;
  readonly sides: readonly SideAnswer[];
}

export interface SideAnswer {
  /** Only a side that is done has its last result; one that runs may have that of what is behind it. */
  readonly state: 'waiting' | 'running' | 'done' | 'refused';
  readonly result: Result | null;
  /** Of the simulated time, 0..1. */
  readonly progress: number;
  /** Errors and warnings that the settings bring, for people. */
  readonly problems: string;
  readonly overrides: readonly Override[];
  /** Runs that the scenario asks for; this is the first of them. */
  readonly replications: number;
  /** The file with these values; null where it cannot be run. */
  readonly text: string | null;
}

/** A run that takes longer ends there, with what it has measured. */
const PATIENCE_MS = 60_000;
/** When a run that goes on shows for the first time what it has, and again. */
const FIRST_LOOK_MS = 450;
const NEXT_LOOK_MS = 900;
/** A side that was not turned is not run again. */
const REMEMBERED = 4;

export class Simulation {
  private readonly now: () => number;
  private readonly known: Map<string, SideAnswer> = new Map();

  /** @param now  milliseconds from any origin */
  constructor(now: () => number) {
    this.now = now;
  }

  /** @param tell  hears how far it is, from time to time */
  answerTo({ sides, text }: Question, tell: (soFar: Answer) => void = () => undefined): Answer {
    const base = parseScenario(text, ALONE);
    const problems = inWords(base, text);
    if (base.plan === null) return { resolved: null, problems, sides: [] };
    const desk = deskOf(base.resolved);
    const answers = sides.map((settings): SideAnswer => ({ ...WAITING, overrides: desk.overridesFor(settings) }));
    const answer = (): Answer => ({ resolved: base.resolved, problems, sides: [...answers] });
    for (const [i, { overrides }] of answers.entries()) {
      answers[i] = this.side(text, overrides, (side) => {
        answers[i] = side;
        tell(answer());
      });
    }
    return answer();
  }

  private side(text: string, overrides: readonly Override[], tell: (soFar: SideAnswer) => void): SideAnswer {
    const key = JSON.stringify([text, overrides]);
    const known = this.known.get(key);
    const answer = known ?? this.run(text, overrides, tell);
    this.known.delete(key);
    this.known.set(key, answer);
    if (this.known.size > REMEMBERED) this.known.delete(this.known.keys().next().value!); // the oldest
    return answer;
  }

  private run(text: string, overrides: readonly Override[], tell: (soFar: SideAnswer) => void): SideAnswer {
    const parsed = parseScenario(text, { ...ALONE, set: overrides });
    const { notSimulated, plan, resolved } = parsed;
    const refused = (problems: string): SideAnswer => ({ ...WAITING, state: 'refused', problems, overrides });
    if (plan === null || notSimulated.length > 0) return refused(inWords(parsed, text));
    const { now } = this;
    const until = now() + PATIENCE_MS;
    let nextLook = now() + FIRST_LOOK_MS;
    const begun = { ...WAITING, problems: inWords(parsed, text), overrides, replications: plan.replications };
    try {
      const run = carryOut(warmedBy({ ...plan, replications: 1 }, () => now() > until), plan.seed, { onProgress: () => now() > until }, {
        onLook(soFar) {
          if (now() < nextLook) return;
          const at = soFar();
          tell({ ...begun, state: 'running', progress: Math.min(1, at.world.now / plan.durationNs), result: resultOf(at, { resolved, sha256: '' }) });
          nextLook = now() + NEXT_LOOK_MS;
        },
      });
      return { ...begun, state: 'done', progress: Math.min(1, run.world.now / plan.durationNs), result: resultOf(run, { resolved, sha256: '' }), text: editScenario(text, overrides) };
    } catch (error) {
      if (error instanceof RunTooShort) return refused(`${error.message}; ${error.hint}`);
      if (error instanceof OutOfPatience) return refused(`\`warmup: auto\` takes more than ${PATIENCE_MS / 1000} s to find here; write the warm-up as a duration, or use the command line`);
      throw error;
    }
  }
}

const WAITING: SideAnswer = { state: 'waiting', result: null, progress: 0, problems: '', overrides: [], replications: 1, text: null };

/** What a scenario names beside itself is not there in a page. */
const ALONE: ParseOptions = {
  readFile() {
    throw new Error('a page reads no files, so this scenario runs on the command line only: meshsim run');
  },
};

class OutOfPatience extends Error {}

function warmedBy(plan: Plan, isTooLate: () => boolean): Plan {
  if (!plan.isWarmupAuto) return plan;
  const pilots = pilotSeeds(plan).map((seed) => pilotOf(plan, seed, { onProgress: isTooLate }));
  if (pilots.some(({ ending }) => ending === 'stopped')) throw new OutOfPatience();
  return warmedUp(plan, pilots);
}

function inWords({ problems }: ParsedScenario, text: string): string {
  return problems.length === 0 ? '' : formatProblems(problems, text, { unicode: true });
}
