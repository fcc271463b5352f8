/** `compare --why`: the first pair of replications once more, followed request by request. */
import type { Why } from '../result/why.ts';
import type { Job, Task } from '../run/task.ts';
import { displayFor } from './display.ts';
import { follow } from './follow.ts';
import { deathOf, jobsOf } from './replication-settings.ts';
import type { Settings } from './settings.ts';
import type { Shell } from './shell.ts';

interface RunSide {
  readonly label: string;
  readonly job: Job;
}

/** Of each side but the first; those that were stopped or ended early are left out. */
export async function findWhy([reference, ...others]: readonly RunSide[], seed: number, settings: Settings, shell: Shell): Promise<Why[]> {
  if (reference === undefined || others.length === 0) return [];
  const notes: string[] = [];
  const { durationNs } = reference.job.plan;
  const tasks = others.map(({ job }): Task<{ readonly kind: 'why'; readonly other: Job['plan'] }> => ({ job: reference.job, seed, want: { kind: 'why', other: job.plan } }));
  const pool = await shell.runMany(tasks, { jobs: jobsOf(settings), onRetry: (task, error) => notes.push(deathOf(task, error)) });
  const display = displayFor({ name: 'why', seed, durationNs, runs: tasks.length }, settings, shell);
  const { value } = await follow(pool, { display, shell, isQuiet: settings.isOn('quiet'), notes }, async (outcomes) => {
    const found: Why[] = [];
    for await (const { answer, error, task } of outcomes) {
      if (error !== undefined) throw Object.assign(error, { seed: task.seed });
      const other = others[tasks.indexOf(task)]!; // outcomes are of these tasks
      if (answer !== null) found.push({ sides: [reference.label, other.label], ...answer });
    }
    return found;
  });
  return value;
}
