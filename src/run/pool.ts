/**
 * Many runs at once, over worker threads.
 *
 *     const pool = runMany(tasks, { jobs: 'auto' });
 *     for await (const { task, answer } of pool) …
 *
 * - Outcomes come in the order of the tasks, whatever the number of workers, and hold nothing that depends on it: what
 *   is made of them in that order is the same bytes with one worker and with eight.
 * - Pulled: tasks are taken from the iterable as workers have room, and workers go at most a few tasks ahead of the reader, so
 *   neither tasks nor answers pile up. The iterable may be endless; leaving the loop ends the workers at once, so whether
 *   to go on may be decided by what came so far, and the decision is the same with any number of workers.
 * - A worker lives for many tasks and keeps the last few jobs, so a plan is cloned once a worker and not once a run.
 * - A worker that dies (a bug, too little memory) is replaced and its task run again, once; `onRetry` hears of it. One that
 *   dies of the same task again gives an outcome with `error` instead of `answer`; all others go on.
 * - `stop`: no task begins any more, and those under way end at their next event with an answer that is not `complete`.
 *
 * A single run is a pool of one. In threads, so that the main thread stays free to draw progress and to hear Ctrl-C: no
 * signal reaches JavaScript while a synchronous loop holds its thread.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { MeshError } from '../model/mesh-error.ts';
import { ProgressBoard } from './progress-board.ts';
import type { Progress } from './run.ts';
import type { AnswerTo, Job, Task, Want } from './task.ts';

export interface PoolOptions {
  /** Worker threads, at least 1; `auto` is one for each processor that the system grants. They begin as they are needed. */
  readonly jobs: number | 'auto';
  /** A worker died, and its task will be run again. */
  onRetry?(task: Task, error: Error): void;
  /** What the threads run instead of `worker.ts`. */
  readonly program?: URL;
}

export interface Pool<W extends Want = Want> extends AsyncIterable<TaskOutcome<W>> {
  progress(): PoolProgress;
  stop(): void;
}

export type TaskOutcome<W extends Want = Want> =
  | { readonly task: Task<W>; readonly answer: AnswerTo<W>; readonly error?: never }
  /** Its worker died twice, or says that this machine cannot run it (a `MeshError`). */
  | { readonly task: Task<W>; readonly error: Error; readonly answer?: never };

export interface PoolProgress {
  /** Tasks that are over. */
  readonly ended: number;
  /** Of the tasks under way. */
  readonly running: readonly Progress[];
  /** Of all tasks, over and under way. */
  readonly events: number;
  readonly requests: number;
  readonly failed: number;
}

/** To a worker, whose answer is one message. */
export interface Order extends Omit<Task, 'job'> {
  readonly jobId: number;
  /** The first time that this worker meets it. */
  readonly job?: Job;
  /** Will not be asked for any more. */
  readonly forget?: number;
}

/** From a worker: the answer, or why this machine cannot give one. */
export type Reply<W extends Want = Want> = { readonly answer: AnswerTo<W> } | { readonly refusal: string };

export interface WorkerInput {
  readonly memory: SharedArrayBuffer;
}

/** @param tasks  null where there is none for now: they are asked again when the next outcome has been read */
export function runMany<W extends Want>(tasks: Iterable<Task<W> | null>, options: PoolOptions): Pool<W> {
  return new WorkerPool(tasks, options);
}

/** @param jobs  as in `PoolOptions` */
export function workersFor(jobs: PoolOptions['jobs']): number {
  return jobs === 'auto' ? availableParallelism() : jobs;
}

/** Tasks a worker that the reader has not had yet, finished ones included. */
const AHEAD = 4;
/** Jobs that a worker keeps. */
const JOBS_KEPT = 8;

/** A task that was taken and whose outcome the reader has not had. */
interface Place<W extends Want> {
  readonly task: Task<W>;
  readonly settle: (outcome: TaskOutcome<W>) => void;
  readonly outcome: Promise<TaskOutcome<W>>;
  hasFailed: boolean;
}

interface Slot<W extends Want> {
  readonly worker: Worker;
  readonly board: ProgressBoard;
  /** Jobs that the worker has, oldest first. */
  readonly jobs: Job[];
  place: Place<W> | null;
}

class WorkerPool<W extends Want> implements Pool<W> {
  private readonly tasks: Iterator<Task<W> | null>;
  private readonly options: PoolOptions;
  private readonly limit: number;
  private readonly slots: Set<Slot<W>> = new Set();
  /** In the order of their tasks. */
  private readonly places: Place<W>[] = [];
  /** Places whose worker died, to be run again before any new task. */
  private readonly again: Place<W>[] = [];
  private readonly jobIds: WeakMap<Job, number> = new WeakMap();
  private jobCount: number = 0;
  private isStopped: boolean = false;
  private isExhausted: boolean = false;
  /** Of the tasks that are over. */
  private readonly past: { ended: number; events: number; requests: number; failed: number } = { ended: 0, events: 0, requests: 0, failed: 0 };

  constructor(tasks: Iterable<Task<W> | null>, options: PoolOptions) {
    this.tasks = tasks[Symbol.iterator]();
    this.options = options;
    this.limit = workersFor(options.jobs);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TaskOutcome<W>, void, void> {
    try {
      for (;;) {
        this.fill();
        const [first] = this.places;
        if (first === undefined) return;
        const outcome = await first.outcome;
        this.places.shift();
        yield outcome;
      }
    } finally {
      this.isStopped = true;
      this.tasks.return?.();
      const slots = [...this.slots];
      for (const slot of slots) this.release(slot);
      await Promise.all(slots.map(({ worker }) => worker.terminate()));
    }
  }

  stop(): void {
    this.isStopped = true;
    for (const { board } of this.slots) board.askToStop();
  }

  progress(): PoolProgress {
    const running = [...this.slots].filter(({ place }) => place !== null).map(({ board }) => board.read());
    const sum = (of: 'events' | 'requests' | 'failed'): number => running.reduce((total, progress) => total + progress[of], this.past[of]);
    return { ended: this.past.ended, running, events: sum('events'), requests: sum('requests'), failed: sum('failed') };
  }

  /** Gives work to every worker that has none, as long as there is some. */
  private fill(): void {
    for (;;) {
      const idle = [...this.slots].find(({ place }) => place === null);
      if (idle === undefined && this.slots.size >= this.limit) return;
      const place = this.again.shift() ?? this.next();
      if (place === null) return;
      this.give(idle ?? this.open(), place);
    }
  }

  private next(): Place<W> | null {
    if (this.isStopped || this.isExhausted || this.places.length >= this.limit * AHEAD) return null;
    const { done, value } = this.tasks.next();
    if (done === true) {
      this.isExhausted = true;
      return null;
    }
    if (value === null) return null;
    let settle: Place<W>['settle'] | undefined;
    const outcome = new Promise<TaskOutcome<W>>((resolve) => (settle = resolve));
    const place: Place<W> = { task: value, settle: settle!, outcome, hasFailed: false };
    this.places.push(place);
    return place;
  }

  private give(slot: Slot<W>, place: Place<W>): void {
    const { job, ...asked } = place.task;
    slot.place = place;
    slot.board.clear();
    let order: Order = { ...asked, jobId: this.idOf(job) };
    if (!slot.jobs.includes(job)) {
      slot.jobs.push(job);
      const forgotten = slot.jobs.length > JOBS_KEPT ? slot.jobs.shift() : undefined;
      order = { ...order, job, ...(forgotten === undefined ? {} : { forget: this.idOf(forgotten) }) };
    }
    slot.worker.postMessage(order);
  }

  private idOf(job: Job): number {
    let id = this.jobIds.get(job);
    if (id === undefined) this.jobIds.set(job, (id = this.jobCount++));
    return id;
  }

  private open(): Slot<W> {
    const board = new ProgressBoard();
    // Already under way when the stop came: only a task that is run again.
    if (this.isStopped) board.askToStop();
    const workerData: WorkerInput = { memory: board.memory };
    const worker = new Worker(this.options.program ?? new URL(`./worker${extension()}`, import.meta.url), { workerData });
    const slot: Slot<W> = { worker, board, jobs: [], place: null };
    this.slots.add(slot);
    worker.on('message', (reply: Reply<W>) => {
      const place = this.release(slot);
      if (place === null) return;
      const { task } = place;
      this.settle(place, 'answer' in reply ? { task, answer: reply.answer } : { task, error: new MeshError(reply.refusal) }, board.read());
    });
    worker.once('error', (error: Error) => this.died(slot, error));
    worker.once('exit', (code) => this.died(slot, new Error(`the run's worker ended with code ${code} and no result`)));
    return slot;
  }

  private died(slot: Slot<W>, error: Error): void {
    this.slots.delete(slot);
    const place = this.release(slot);
    if (place === null) return;
    if (place.hasFailed) {
      this.settle(place, { task: place.task, error }, slot.board.read());
      return;
    }
    place.hasFailed = true;
    this.again.push(place);
    this.options.onRetry?.(place.task, error);
    this.fill();
  }

  private release(slot: Slot<W>): Place<W> | null {
    const { place } = slot;
    slot.place = null;
    return place;
  }

  private settle(place: Place<W>, outcome: TaskOutcome<W>, { events, requests, failed }: Progress): void {
    this.past.ended++;
    this.past.events += events;
    this.past.requests += requests;
    this.past.failed += failed;
    place.settle(outcome);
    this.fill();
  }
}

/** `.ts` from source, `.js` from the built package: the compiler rewrites imports, not URLs. */
function extension(): string {
  return import.meta.url.slice(import.meta.url.lastIndexOf('.'));
}
