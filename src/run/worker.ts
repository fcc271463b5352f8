/** Entry of the worker thread that `job.ts` starts: one run, one message with its result. */
import { parentPort, workerData } from 'node:worker_threads';
import { raiseInliningBudget } from './inlining.ts';
import type { WorkerInput } from './job.ts';
import { ProgressBoard } from './progress-board.ts';
import { simulate } from './run.ts';

// `startJob` is the only one who starts this file, with exactly this data.
const { job, memory } = workerData as WorkerInput;
const board = new ProgressBoard(memory);

raiseInliningBudget();
const result = simulate(job.plan, {
  resolved: job.resolved,
  sha256: job.sha256,
  control: {
    onProgress(progress) {
      board.write(progress);
      return board.mustStop();
    },
  },
});
parentPort?.postMessage(result);
