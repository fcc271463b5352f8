/** The flags about how many runs there are and on how many threads, for every command that has them. */
import type { Plan } from '../model/plan.ts';
import { hasInterval } from '../run/estimate.ts';
import type { PoolOptions } from '../run/pool.ts';
import type { Goal } from '../run/replicate.ts';
import type { Task } from '../run/task.ts';
import { parsePercent } from '../scenario/units.ts';
import type { Flag } from './command.ts';
import type { Settings } from './settings.ts';
import { UserError } from './user-error.ts';

export const JOBS_FLAG: Flag = { name: 'jobs', value: 'n', default: 'auto', group: 'Run', doc: 'runs at once, each in a thread of its own; auto is one for each processor. Changes no number' };

export const REPLICATION_FLAGS: readonly Flag[] = [
  { name: 'reps', value: 'n', group: 'Run', doc: "independent runs, instead of the file's replications" },
  { name: 'precision', value: 'share', group: 'Run', doc: 'go on making replications until the 95 % interval of every threshold is that tight, such as 5%' },
  { name: 'max-reps', value: 'n', group: 'Run', doc: 'with --precision: at most so many replications (default 100)' },
  { name: 'strict', group: 'Run', doc: 'with --precision: exit with 7 where it was not reached' },
  JOBS_FLAG,
];

/** Fewer say little of the spread between them (a t interval of 10 is 15 % wider than one of very many). */
const LEAST_FOR_PRECISION = 10;
const MOST_FOR_PRECISION = 100;
const REPS_MAX = 100_000;
const JOBS_MAX = 256;

export function jobsOf(settings: Settings): PoolOptions['jobs'] {
  const text = settings.text('jobs');
  return text === null || text === 'auto' ? 'auto' : numberOf('jobs', text, JOBS_MAX);
}

/** `--reps`; null without. */
export function repsFlagOf(settings: Settings): number | null {
  const text = settings.text('reps');
  return text === null ? null : numberOf('reps', text, REPS_MAX);
}

/** What the flags make of `replications`; null leaves it to the file. @param inFile  what that says; null where it has errors */
export function repsOf(settings: Settings, inFile: number | null): number | null {
  const reps = repsFlagOf(settings);
  if (settings.text('precision') === null || (reps ?? inFile ?? 0) >= LEAST_FOR_PRECISION) return reps;
  if (reps !== null) throw new UserError('usage', `--reps ${reps}: with --precision at least ${LEAST_FOR_PRECISION}, below which an interval says little`);
  return LEAST_FOR_PRECISION;
}

export function goalOf(settings: Settings, { replications, thresholds }: Plan): Goal {
  const text = settings.text('precision');
  const most = settings.text('max-reps');
  if (text === null) {
    for (const name of ['max-reps', 'strict']) if (name === 'strict' ? settings.isOn(name) : most !== null) throw new UserError('usage', `--${name} goes with --precision`);
    return { count: replications, precision: null };
  }
  const within = parsePercent(text) ?? (/^0?\.\d+$/.test(text) ? Number(text) : null);
  if (within === null || within <= 0 || within >= 1) throw new UserError('usage', `--precision ${text}: write a share of the value, such as 5%`);
  if (!thresholds.some(hasInterval)) throw new UserError('usage', "--precision: there is no threshold with an interval to go by; add one, such as --threshold 'latency p(99) < 250ms'");
  const count = most === null ? Math.max(MOST_FOR_PRECISION, replications) : numberOf('max-reps', most, REPS_MAX);
  if (count < replications) throw new UserError('usage', `--max-reps ${count} is fewer than the ${replications} replications that there are at least`);
  return { count, precision: { within, least: replications } };
}

/** For stderr. */
export function deathOf({ seed }: Pick<Task, 'seed'>, error: Error): string {
  return `the worker of the run with seed ${seed} ended (${error.message}); it is run again`;
}

/** Of a flag: a whole number from 1 on. */
export function numberOf(name: string, text: string, most: number): number {
  const value = /^[1-9]\d{0,5}$/.test(text) ? Number(text) : Infinity;
  if (value > most) throw new UserError('usage', `--${name} ${text}: write a whole number from 1 to ${most}${name === 'jobs' ? ', or auto' : ''}`);
  return value;
}
