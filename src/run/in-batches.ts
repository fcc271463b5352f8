/**
 * Runs that depend on what earlier ones gave: batches of tasks, each decided when all outcomes of the one before are in. As a batch is
 * decided by outcomes alone, the course is the same with any number of workers.
 */
import type { TaskOutcome } from './pool.ts';
import type { AnswerTo, Task, Want } from './task.ts';

/** Gives batches, none of them empty, and takes the outcomes of each in the order of its tasks. */
export type Course<W extends Want> = Generator<readonly Task<W>[], void, readonly TaskOutcome<W>[]>;

export interface Batches<W extends Want> {
  /** For `runMany`. */
  readonly tasks: Iterable<Task<W> | null>;
  /** Reads the pool of these tasks. False when it was stopped before the course had come to its end. */
  read(outcomes: AsyncIterable<TaskOutcome<W>>): Promise<boolean>;
}

/** @param wasStopped  whether somebody ended this run early: its batch is then never complete */
export function inBatches<W extends Want>(course: Course<W>, wasStopped: (answer: AnswerTo<W>) => boolean): Batches<W> {
  let step = course.next();
  let given = 0;
  let had: TaskOutcome<W>[] = [];
  return {
    tasks: {
      *[Symbol.iterator]() {
        while (step.done !== true) yield given < step.value.length ? step.value[given++]! : null;
      },
    },
    async read(outcomes) {
      for await (const outcome of outcomes) {
        if (outcome.error !== undefined) throw Object.assign(outcome.error, { seed: outcome.task.seed });
        if (wasStopped(outcome.answer)) continue;
        had.push(outcome);
        if (step.done === true || had.length < step.value.length) continue;
        const whole = had;
        had = [];
        given = 0;
        step = course.next(whole);
        if (step.done === true) return true;
      }
      return step.done === true;
    },
  };
}
