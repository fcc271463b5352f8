/** Entry of the worker threads of `pool.ts`: one order, one answer, until the thread is ended. */
import { parentPort, workerData } from 'node:worker_threads';
import { raiseInliningBudget } from './inlining.ts';
import type { Order, WorkerInput } from './pool.ts';
import { perform } from './perform.ts';
import { ProgressBoard } from './progress-board.ts';
import type { RunControl } from './run.ts';
import type { Job } from './task.ts';

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
parentPort?.on('message', ({ jobId, job, forget, seed, want }: Order) => {
  if (forget !== undefined) jobs.delete(forget);
  if (job !== undefined) jobs.set(jobId, job);
  // Sent with the first order that names it.
  parentPort?.postMessage(perform({ job: jobs.get(jobId)!, seed, want }, control));
});
