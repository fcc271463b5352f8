/** A pool without threads: each task runs on this one when it is asked for. */
import type { Pool, PoolProgress } from '../../src/run/pool.ts';
import { perform } from '../../src/run/perform.ts';
import type { Task, Want } from '../../src/run/task.ts';

const NOTHING: PoolProgress = { ended: 0, running: [], events: 0, requests: 0, failed: 0 };

/** @param beforeEach  waited for before a task begins, so that a test can stop it */
export function runHere<W extends Want>(tasks: Iterable<Task<W> | null>, beforeEach: () => Promise<void> = async () => undefined): Pool<W> {
  let isStopped = false;
  return {
    progress: () => NOTHING,
    stop: () => void (isStopped = true),
    async *[Symbol.asyncIterator]() {
      for (const task of tasks) {
        if (isStopped) return;
        if (task === null) continue;
        await beforeEach();
        yield { task, answer: await perform(task, { onProgress: () => isStopped }) };
      }
    },
  };
}
