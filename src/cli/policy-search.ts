/** `search --over`: from flags to a space, from the space to runs, from runs to what was found. */
import { leastRuns, type Candidate, type Candidates, ranked } from '../search/explore.ts';
import { AXES_MAX } from '../search/design.ts';
import { type Confirmations, policyOutcome, type PolicyOutcome } from '../search/outcome.ts';
import { type Point, type Space, valuesOf } from '../search/space.ts';
import { confirmationRuns, confirmationSeed, loadReps } from '../run/confirm.ts';
import { explorationRuns } from '../run/explore.ts';
import type { Objective } from '../run/objective.ts';
import type { PoolOptions } from '../run/pool.ts';
import type { Job } from '../run/task.ts';
import type { ThresholdPlan } from '../model/plan.ts';
import { editScenario } from '../scenario/edit.ts';
import type { Override } from '../scenario/override.ts';
import type { Problem } from '../scenario/problem.ts';
import { ProblemList } from '../scenario/problem-list.ts';
import { describeRange, readValueRange, type ValueRange, valuesOf as valuesIn } from '../scenario/value-range.ts';
import { sizeOf } from '../sweep/grid.ts';
import { displayFor } from './display.ts';
import { follow } from './follow.ts';
import { overridesOf, pathAndValue, refuseOverlaps } from './overrides.ts';
import { deathOf, jobsOf } from './replication-settings.ts';
import { checkRunnable, type Runnable } from './runnable.ts';
import type { ScenarioInput } from './scenario-input.ts';
import { goalsOf, minimisedBy, refuseAutoWarmup, searchRepsOf, searchRunsOf } from './search-settings.ts';
import type { Settings } from './settings.ts';
import type { Shell, Signal } from './shell.ts';
import { UserError } from './user-error.ts';

const RUNS = 240;
/** Values of an interval that does not say how many. */
const VALUES_UNSAID = 33;
/** Loads that the winner has to stand. */
const LOADS = [0.9, 1.1];
/** Candidates that are tried on new seeds, as long as none meets the goals there. */
const FINALISTS_MAX = 3;

export interface PolicySetup {
  readonly base: Runnable;
  readonly space: Space;
  readonly ranges: readonly string[];
  readonly goals: readonly ThresholdPlan[];
  readonly minimise: { readonly objective: Objective; readonly expr: string; readonly unit: PolicyUnit };
  readonly reps: number;
  readonly runs: number;
}

type PolicyUnit = ThresholdPlan['unit'] | null;

/** What the flags ask for, or everything that keeps it from being asked. */
export function policySetup(input: ScenarioInput, base: Runnable, settings: Settings): PolicySetup | readonly Problem[] {
  const list = new ProblemList(input.file, input.text);
  const ranges = settings.all('over').map((text) => readValueRange(text, '--over', list)).filter((range) => range !== null);
  refuseOverlaps('--over', ranges.map(({ path }) => path));
  if (ranges.length > AXES_MAX) throw new UserError('usage', `--over: at most ${AXES_MAX} values are searched at once`);
  const { goals, problems } = goalsOf(base.plan, settings);
  const minimise = minimisedBy(base.plan, settings);
  const all = [...list.problems, ...problems, ...minimise.problems, ...ranges.flatMap((range) => problemsOf(range, input, settings))];
  if (all.some(({ severity }) => severity === 'error') || minimise.objective === null) return all;
  const space = ranges.map((range) => ({ path: range.path, values: valuesIn(range, VALUES_UNSAID), isOrdered: range.kind === 'interval' }));
  const reps = searchRepsOf(base.plan, settings);
  return {
    base, space, goals, reps,
    ranges: ranges.map(describeRange),
    minimise: { objective: minimise.objective, expr: minimise.expr, unit: minimise.unit },
    runs: searchRunsOf(settings, RUNS, leastRuns(space, reps) + confirmationCost(reps)),
  };
}

/** Of the first value of a range that cannot be, all else as in the file. */
function problemsOf(range: ValueRange, input: ScenarioInput, settings: Settings): readonly Problem[] {
  for (const value of range.kind === 'list' ? range.values : [range.low.text, range.high.text]) {
    const { runnable, problems } = checkRunnable(input, [...overridesOf(settings), overrideFor(range.path, value)], []);
    if (runnable === null) return problems.filter(({ severity }) => severity === 'error');
    refuseAutoWarmup(runnable.plan);
  }
  return [];
}

function overrideFor(path: string, value: string): Override {
  return { path, value, flag: `--over ${path}=${value}` };
}

/** Two finalists, the file as it is, and the other loads. */
function confirmationCost(reps: number): number {
  return 3 * reps + LOADS.length * loadReps(reps);
}

export interface PolicySearched {
  readonly outcome: PolicyOutcome;
  readonly signal: Signal | null;
}

export async function searchPolicies(setup: PolicySetup, input: ScenarioInput, sha256: string, settings: Settings, shell: Shell): Promise<PolicySearched> {
  const { base, goals, minimise: { objective }, reps, runs, space } = setup;
  const { plan } = base;
  const makers = new JobMaker(setup, input, settings);
  const notes: string[] = [];
  const following = { shell, isQuiet: settings.isOn('quiet'), notes };
  const pool: PoolOptions = { jobs: jobsOf(settings), onRetry: (task, error) => notes.push(deathOf(task, error)) };

  const candidates: Candidates = new Map();
  const exploration = explorationRuns({ space, goals, objective, reps, seed: plan.seed, runs: runs - confirmationCost(reps), jobAt: makers.at }, candidates);
  const explored = await follow(await shell.runMany(exploration.tasks, pool), {
    ...following, display: displayFor({ ...plan, mode: 'sim', runs: runs - confirmationCost(reps), isAtMost: true }, settings, shell),
  }, exploration.read);
  const spent = [...candidates.values()].reduce((sum, candidate) => sum + candidate.runs.length, 0);

  const seed = confirmationSeed(plan.seed);
  const confirmed: Confirmations = { finalists: [], reference: null, loads: [] };
  const finalists = finalistsOf(candidates, reps);
  // Two are in `confirmationCost`.
  const tries = Math.min(FINALISTS_MAX, 2 + Math.max(0, Math.floor((runs - spent - confirmationCost(reps)) / reps)));
  let { signal } = explored;
  let isComplete = signal === null && explored.value?.value === true;
  if (isComplete && finalists.length > 0) {
    const confirmation = confirmationRuns({ finalists, tries, goals, jobAt: (point) => makers.at(point)!, reference: makers.asItIs(), loads: LOADS, objective, reps, seed }, confirmed); // candidates can be run
    const all = tries * reps + reps + LOADS.length * loadReps(reps);
    const followed = await follow(await shell.runMany(confirmation.tasks, pool), { ...following, display: displayFor({ ...plan, seed, mode: 'sim', runs: all, isAtMost: true }, settings, shell) }, confirmation.read);
    signal = followed.signal;
    isComplete = followed.value?.value === true;
  }
  return {
    signal,
    outcome: policyOutcome({
      scenario: { name: plan.name, sha256 }, seed: plan.seed, confirmationSeed: seed, reps, complete: isComplete,
      runs: { search: spent, confirmation: runsBehind(confirmed), grid: sizeOf(space) * reps },
      space, ranges: setup.ranges, goals, minimise: setup.minimise.expr, unit: setup.minimise.unit, candidates, finalists, confirmed,
      loads: LOADS.map((factor) => ({ factor, reps: loadReps(reps) })),
      leftOut: makers.leftOut,
    }),
  };
}

/** Of what meets the goals the best first, but before all those that have every replication; else what comes nearest. */
function finalistsOf(candidates: Candidates, reps: number): Candidate[] {
  const order = ranked(candidates.values());
  const feasible = order.filter(({ assessment }) => assessment.isFeasible);
  const sure = feasible.filter(({ runs }) => runs.length >= reps);
  return feasible.length === 0 ? order.slice(0, 1) : [...new Set([...sure, ...feasible])];
}

function runsBehind({ finalists, reference, loads }: Confirmations): number {
  return [...finalists, ...(reference === null ? [] : [reference]), ...loads].reduce((sum, { result }) => sum + result.reps.length, 0);
}

/** Scenarios at points of the space, each made once. */
class JobMaker {
  leftOut: PolicyOutcome['leftOut'] = null;
  private readonly setup: PolicySetup;
  private readonly input: ScenarioInput;
  private readonly overrides: readonly Override[];
  private readonly made: Map<string, Job | null> = new Map();

  constructor(setup: PolicySetup, input: ScenarioInput, settings: Settings) {
    this.setup = setup;
    this.input = input;
    this.overrides = overridesOf(settings);
  }

  /** Null where the values make no scenario together, although each does by itself. */
  readonly at = (point: Point): Job | null => {
    const key = point.join();
    let job = this.made.get(key);
    if (job === undefined) this.made.set(key, (job = this.make(point)));
    return job;
  };

  asItIs(): Job {
    return this.jobOf(this.setup.base);
  }

  private make(point: Point): Job | null {
    const values = valuesOf(this.setup.space, point);
    const { runnable, problems } = checkRunnable(this.input, [...this.overrides, ...this.setup.space.map(({ path }, i) => overrideFor(path, values[i]!))], []);
    if (runnable !== null) return this.jobOf(runnable);
    const { combinations, first, because } = this.leftOut ?? { combinations: 0, first: values, because: problems.find(({ severity }) => severity === 'error')!.message };
    this.leftOut = { combinations: combinations + 1, first, because };
    return null;
  }

  private jobOf({ plan }: Runnable): Job {
    return { plan: { ...plan, thresholds: this.setup.goals }, resolved: null, sha256: '' };
  }
}

/** The file with the values that were found, and those of `--set`, in place of its own. */
export function winningText(outcome: PolicyOutcome, input: ScenarioInput, settings: Settings): string {
  const values = outcome.best!.explored.values; // there is a winner
  return editScenario(input.text, [...settings.all('set').map((text) => pathAndValue('--set', text)), ...outcome.over.map(({ path }, i) => ({ path, value: values[i]! }))]);
}
