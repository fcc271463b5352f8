/** The cases of a sweep of faults as values of a file, as plans and as text: the same case in each of them. */
import { FAULT_PHASE, overridesOf as overridesOfParts, type Part } from '../fault-sweep/cases.ts';
import type { CaseOutcome, FaultSweep } from '../fault-sweep/fault-sweep.ts';
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

/** What is read of the resolved file. */
interface Resolved {
  readonly traffic: readonly { readonly rate?: unknown }[];
  readonly thresholds: readonly { readonly expr: string; readonly confidence: string }[];
}

export class FaultCases {
  readonly window: Window;
  readonly own: FaultSweep['own'];
  private readonly input: ScenarioInput;
  private readonly plan: Plan;
  private readonly resolved: Resolved;
  /** Of the flags. */
  private readonly base: readonly Override[];
  private readonly thresholds: readonly Override[];

  /** @param more  thresholds beside those of the file */
  constructor(input: ScenarioInput, { plan, resolved }: Runnable, settings: Settings, more: readonly string[]) {
    if (plan.isWarmupAuto) throw new UserError('usage', 'all cases share one warm-up, and `warmup: auto` would find another for each; give a time, such as --set warmup=10s');
    this.input = input;
    this.plan = plan;
    this.resolved = resolved as Resolved; // as the schema writes it
    this.base = overridesOf(settings);
    this.window = windowOf(plan, settings);
    const isOwn = plan.thresholds.map(({ tags }) => tags.phase !== undefined);
    this.own = { faults: plan.faults.map(({ name }) => name), thresholds: plan.thresholds.flatMap(({ expr }, i) => (isOwn[i] ? [expr] : [])) };
    // A run that a threshold cuts short cannot be compared with the others.
    const asked = this.resolved.thresholds.map(({ expr, ...threshold }, i) => ({ ...threshold, abort: false, expr: isOwn[i] ? ofAnyFault(expr) : expr }));
    const written = [...asked.map((threshold) => (threshold.confidence === 'point' ? threshold.expr : threshold)), ...more].map((threshold) => JSON.stringify(threshold));
    const isChanged = isOwn.includes(true) || plan.thresholds.some(({ abort }) => abort !== null) || more.length > 0;
    this.thresholds = isChanged ? [{ path: 'thresholds', value: `[ ${[...new Set(written)].join(', ')} ]` }] : [];
  }

  /** Of the file with the flags' values. */
  overrides(parts: readonly Part[]): Override[] {
    return [...overridesOfParts(parts, this.window, this.plan, (source) => this.resolved.traffic[source]?.rate != null), ...this.thresholds];
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

/** What has to hold while a fault of the file is on, or after it, has to hold whatever the fault. */
function ofAnyFault(expr: string): string {
  return expr.replace(/\bphase\s*:\s*(after:)?[^,}]*/, (_, after: string | undefined) => `phase:${after ?? ''}${FAULT_PHASE}`);
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
