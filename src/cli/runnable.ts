/** A scenario that a command is about to run, or everything that keeps it from being run. */
import type { Plan } from '../model/plan.ts';
import type { Override } from '../scenario/override.ts';
import type { Problem } from '../scenario/problem.ts';
import { formatProblems, KEEPS_FROM_RUNNING } from '../scenario/problem.ts';
import { colorOf } from './display.ts';
import { ExitCode } from './exit-codes.ts';
import { readThresholds, withThresholds } from './flag-thresholds.ts';
import { lookOf } from './look.ts';
import { checkScenario, isValid, type ScenarioInput } from './scenario-input.ts';
import type { Settings } from './settings.ts';
import type { Shell } from './shell.ts';

export interface Runnable {
  readonly plan: Plan;
  readonly resolved: unknown;
}

export interface Checked {
  /** Null when the scenario cannot be run. */
  readonly runnable: Runnable | null;
  readonly problems: readonly Problem[];
}

/** @param thresholds  beside those of the file */
export function checkRunnable(input: ScenarioInput, overrides: readonly Override[], thresholds: readonly string[]): Checked {
  const checked = checkScenario(input, overrides);
  const added = readThresholds(thresholds, checked.plan);
  // What a run would have to leave out stops it: a policy that is silently off is a wrong answer.
  const problems = [...checked.problems, ...added.problems].map((problem): Problem =>
    ({ ...problem, severity: KEEPS_FROM_RUNNING.has(problem.code) ? 'error' : problem.severity }));
  const isRefused = !isValid(checked) || problems.some(({ severity }) => severity === 'error');
  const { plan, resolved } = checked;
  return { runnable: isRefused || plan === null ? null : { plan: withThresholds(plan, added.thresholds), resolved }, problems };
}

/** On stderr; errors even when quiet. */
export function tellProblems(problems: readonly Problem[], input: ScenarioInput, settings: Settings, shell: Shell): void {
  const said = settings.isOn('quiet') ? problems.filter(({ severity }) => severity === 'error') : problems;
  if (said.length > 0) shell.stderr.write(formatProblems(said, input.text, lookOf(shell.stderr, shell.env, colorOf(settings))));
}

/** What only flags got wrong is usage: the file may be valid without them. */
export function refusalCode(problems: readonly Problem[]): ExitCode {
  const errors = problems.filter(({ severity }) => severity === 'error');
  return errors.length > 0 && errors.every(({ line }) => line === null) ? ExitCode.usage : ExitCode.invalidScenario;
}

/** What `--json` gives instead of a result. */
export function refusalJson(problems: readonly Problem[]): string {
  return `${JSON.stringify({ valid: false, problems }, null, 2)}\n`;
}
