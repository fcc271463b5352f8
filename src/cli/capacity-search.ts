/** `search --capacity`: from a name to a load, and from runs at many loads to the highest that holds. */
import type { Plan, ThresholdPlan, TrafficPlan } from '../model/plan.ts';
import { leastUsersFactor } from '../model/users.ts';
import { meanRate } from '../probe/trial.ts';
import { capacityRuns, type ThresholdsByLoad } from '../run/capacity.ts';
import { nearest } from '../scenario/suggest.ts';
import { newKnee } from '../search/knee.ts';
import { type CapacityOutcome, capacityOutcome } from '../search/outcome.ts';
import { displayFor } from './display.ts';
import { follow } from './follow.ts';
import { deathOf, jobsOf } from './replication-settings.ts';
import { searchRepsOf, searchRunsOf } from './search-settings.ts';
import type { Settings } from './settings.ts';
import type { Shell, Signal } from './shell.ts';
import { UserError } from './user-error.ts';

const RUNS = 400;
/** Loads from the file's divided by this up to as many times the file's are looked at. */
const FACTOR_MAX = 64;
/** How near the highest load that passes and the lowest that fails have to come. */
const WITHIN = 1.01;

export interface CapacitySearched {
  readonly outcome: CapacityOutcome;
  readonly signal: Signal | null;
}

export async function searchCapacity(plan: Plan, goals: readonly ThresholdPlan[], sha256: string, settings: Settings, shell: Shell): Promise<CapacitySearched> {
  const of = settings.text('capacity')!; // else there is another search
  refuseGrowing(goals);
  const sources = sourcesOf(of, plan);
  const { load, unit } = loadOf(sources, plan);
  const reps = searchRepsOf(plan, settings);
  const runs = searchRunsOf(settings, RUNS, 2 * reps);
  const ends = { low: rounded(load / FACTOR_MAX), high: rounded(load * FACTOR_MAX), from: load, within: WITHIN };
  // A load between two numbers of users would be that of one of them.
  const range = unit === 'users' ? { ...ends, low: fewestOf(sources, load), snap: Math.round } : ends;
  const found = newKnee();
  const thresholds: ThresholdsByLoad = new Map();
  const rounds = capacityRuns({ job: { plan: { ...plan, thresholds: goals }, resolved: null, sha256: '' }, isScaled: (source) => sources.includes(source), load, range, reps, runs }, found, thresholds);
  const notes: string[] = [];
  const pool = await shell.runMany(rounds.tasks, { jobs: jobsOf(settings), onRetry: (task, error) => notes.push(deathOf(task, error)) });
  const { value, signal } = await follow(pool, { shell, isQuiet: settings.isOn('quiet'), display: displayFor({ ...plan, mode: 'sim', runs: null }, settings, shell), notes }, rounds.read);
  return {
    signal,
    outcome: capacityOutcome({
      scenario: { name: plan.name, sha256 }, seed: plan.seed, reps, goals: goals.map(({ expr }) => expr), of, unit, load, range: { low: range.low, high: range.high },
      runs: pool.progress().ended, complete: value?.value === true, found, thresholds,
    }),
  };
}

/** Where such a goal fails, less load fails it all the more, and the search has nowhere to go. */
function refuseGrowing(goals: readonly ThresholdPlan[]): void {
  const growing = goals.find(({ metric, op, stat }) => (metric === 'requests' || metric === 'goodput') && (stat.kind === 'rate' || stat.kind === 'count') && (op === '>' || op === '>='));
  if (growing !== undefined) throw new UserError('usage', `--capacity: \`${growing.expr}\` is a goal that more load helps to meet, and this search asks how much load the goals stand; give goals that load can break, such as --goal 'errors rate < 1%'`);
}

function sourcesOf(name: string, { services, edges, traffic }: Plan): readonly TrafficPlan[] {
  const named = traffic.filter((source) => source.name === name);
  const sources = named.length > 0 ? named : traffic.filter(({ edge }) => services[edges[edge]!.to]!.name === name);
  if (sources.length > 0) return sources;
  const names = [...new Set([...traffic.map((source) => source.name), ...traffic.map(({ edge }) => services[edges[edge]!.to]!.name)])];
  const meant = nearest(name, names);
  throw new UserError('usage', `--capacity ${name}: no traffic is called so, or goes to a service of that name${meant === null ? `; there are ${names.join(', ')}` : `; did you mean ${meant}?`}`);
}

function loadOf(sources: readonly TrafficPlan[], { durationNs }: Plan): { readonly load: number; readonly unit: CapacityOutcome['unit'] } {
  const rates = sources.map(({ load }) => (load.kind === 'open' ? meanRate(load.profile, durationNs) : null));
  const users = sources.map(({ load }) => (load.kind === 'closed' ? load.users : null));
  const sumOf = (loads: readonly (number | null)[]): number | null => loads.reduce((sum, load) => (sum === null || load === null ? null : sum + load), 0);
  const [rate, people] = [sumOf(rates), sumOf(users)];
  if (rate === 0) throw new UserError('usage', '--capacity: nothing arrives in this scenario, so there is nothing to make more of');
  if (rate !== null) return { load: rate, unit: 'perSecond' };
  return people === null ? { load: 1, unit: 'times' } : { load: people, unit: 'users' };
}

/** Of all together, such that each source has one and they are not less than the least that is looked at. */
function fewestOf(sources: readonly TrafficPlan[], load: number): number {
  const users = sources.flatMap(({ load: one }) => (one.kind === 'closed' ? [one.users] : []));
  return Math.ceil(load * Math.max(1 / FACTOR_MAX, leastUsersFactor(users)));
}

function rounded(load: number): number {
  return Number(load.toPrecision(3));
}
