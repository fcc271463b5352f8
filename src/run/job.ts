/**
 * A run in a worker thread, so that the main thread stays free to draw progress and to hear Ctrl-C:
 * no signal reaches JavaScript while a synchronous loop holds its thread.
 */
import { Worker } from 'node:worker_threads';
import type { Plan } from '../model/plan.ts';
import type { Result } from '../result/result.ts';
import { ProgressBoard } from './progress-board.ts';
import type { Progress } from './run.ts';

/** Plain data: it is cloned into the worker. */
export interface Job {
  readonly plan: Plan;
  readonly resolved: unknown;
  /** Of the scenario's bytes. */
  readonly sha256: string;
}

export interface RunningJob {
  /** Rejects with the error that broke the run: always a bug, or too little memory. */
  readonly result: Promise<Result>;
  progress(): Progress;
  /** Asks for an end at the next event; `result` then resolves with `complete: false`. */
  stop(): void;
}

export interface WorkerInput {
  readonly job: Job;
  readonly memory: SharedArrayBuffer;
}

export function startJob(job: Job): RunningJob {
  const board = new ProgressBoard();
  const workerData: WorkerInput = { job, memory: board.memory };
  const worker = new Worker(new URL(`./worker${extension()}`, import.meta.url), { workerData });
  const result = new Promise<Result>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the run's worker ended with code ${code} and no result`)));
  });
  return { result, progress: () => board.read(), stop: () => board.askToStop() };
}

/** `.ts` from source, `.js` from the built package: the compiler rewrites imports, not URLs. */
function extension(): string {
  return import.meta.url.slice(import.meta.url.lastIndexOf('.'));
}
