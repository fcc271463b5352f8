/** The cases of a sweep of faults as values of a file, as plans and as text: the same case in each of them. */
import type { Part } from '../fault-sweep/cases.ts';
import type { CaseOutcome, FaultSweep } from '../fault-sweep/fault-sweep.ts';
import { ScenarioCases } from '../fault-sweep/scenario-cases.ts';
import { middleOf, type Window } from '../fault-sweep/window.ts';
import type { Plan } from '../model/plan.ts';
import type { Job } from '../run/task.ts';
import { editScenario } from '../scenario/edit.ts';
import type { Override } from '../scenario/override.ts';
import { formatDuration, parseDuration } from '../scenario/units.ts';
import { overridesOf, pathAndValue } from './overrides.ts';
import { checkRunnable, type Runnable } from './runnable.ts';
import type { ScenarioInput } from './scenario-input.ts';
import type { Settings } from './settings.ts';
import { UserError } from './user-error.ts';

export class FaultCases {
  readonly window: Window;
  private readonly input: ScenarioInput;
  /** Of the flags. */
  private readonly base: readonly Override[];
  private readonly cases: ScenarioCases;

  /** @param more  thresholds beside those of the file */
  constructor(input: ScenarioInput, { plan, resolved }: Runnable, settings: Settings, more: readonly string[]) {
    if (plan.isWarmupAuto) throw new UserError('usage', 'all cases share one warm-up, and `warmup: auto` would find another for each; give a time, such as --set warmup=10s');
    this.input = input;
    this.base = overridesOf(settings);
    this.window = windowOf(plan, settings);
    this.cases = new ScenarioCases(plan, resolved, { window: this.window, thresholds: more });
  }

  get own(): FaultSweep['own'] {
    return this.cases.own;
  }

  /** Of the file with the flags' values. */
  overrides(parts: readonly Part[]): Override[] {
    return this.cases.overrides(parts);
  }

  planOf(parts: readonly Part[]): Plan {
    const { runnable, problems } = checkRunnable(this.input, [...this.base, ...this.overrides(parts)], []);
    if (runnable === null) throw new Error(`the case ${parts.map(({ id }) => id).join('+')} cannot be run: ${problems.find(({ severity }) => severity === 'error')?.message}`);
    return runnable.plan;
  }

  jobOf(parts: readonly Part[]): Job {
    return { plan: this.planOf(parts), resolved: null, sha256: '' };
  }

  /** The file with a case in it. */
  textOf({ id, set, what }: CaseOutcome): string {
    const { fromNs, toNs } = this.window;
    const story = `# ${id}: ${what}, from ${formatDuration(fromNs)} to ${formatDuration(toNs)}.\n`;
    return story + editScenario(this.input.text, [...this.base, ...set.map((text) => pathAndValue('--set', text))]);
  }
}

/** Flags beat the middle third. */
function windowOf(plan: Plan, settings: Settings): Window {
  const usual = middleOf(plan);
  const fromNs = timeOf('at', settings) ?? usual.fromNs;
  const lengthNs = timeOf('for', settings) ?? usual.toNs - usual.fromNs;
  if (fromNs >= plan.durationNs) throw new UserError('usage', `--at ${settings.text('at')}: nothing arrives any more after ${formatDuration(plan.durationNs)}`);
  if (lengthNs <= 0) throw new UserError('usage', '--for 0: a fault that is never on breaks nothing; write a time, such as 20s');
  return { fromNs, toNs: fromNs + lengthNs };
}

function timeOf(name: 'at' | 'for', settings: Settings): number | null {
  const text = settings.text(name);
  const ns = text === null ? null : parseDuration(text);
  if (text !== null && ns === null) throw new UserError('usage', `--${name} ${text}: a time such as 20s`);
  return ns;
}
