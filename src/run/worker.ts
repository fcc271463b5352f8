/** Entry of the worker threads of `pool.ts`: one order, one answer, until the thread is ended. */
import { parentPort, workerData } from 'node:worker_threads';
import { raiseInliningBudget } from './inlining.ts';
import { collectLittleAndAlone } from './collector.ts';
import { MeshError } from '../model/mesh-error.ts';
import type { Order, Reply, WorkerInput } from './pool.ts';
import { perform } from './perform.ts';
import { ProgressBoard } from './progress-board.ts';
import type { RunControl } from './run.ts';
import type { Job, Task } from './task.ts';
import { tierUpLater } from './tier-up.ts';

// The pool is the only one who starts this file, with exactly this data.
const { memory } = workerData as WorkerInput;
const board = new ProgressBoard(memory);
const jobs = new Map<number, Job>();
const control: RunControl = {
  onProgress(progress) {
    board.write(progress);
    return board.mustStop();
  },
};

raiseInliningBudget();
collectLittleAndAlone();
tierUpLater();
parentPort?.on('message', async ({ jobId, job, forget, ...order }: Order) => {
  if (forget !== undefined) jobs.delete(forget);
  if (job !== undefined) jobs.set(jobId, job);
  parentPort?.postMessage(await replyTo({ ...order, job: jobs.get(jobId)! })); // sent with the first order that names it
});

async function replyTo(task: Task): Promise<Reply> {
  try {
    return { answer: await perform(task, control) };
  } catch (error) {
    // What is wrong with this machine would be wrong again.
    if (error instanceof MeshError) return { refusal: error.message };
    throw error;
  }
}
