/**
 * Runs whose choice depends on the runs before: a search asks for tasks round by round, and one pool carries out all rounds, so
 * that its workers stay warm. What a round gives comes back in the order in which it was asked for.
 */
import type { TaskOutcome } from './pool.ts';
import type { AnswerTo, Task, Want } from './task.ts';

export interface Rounds<W extends Want, Value> {
  /** For `runMany`. */
  readonly tasks: Iterable<Task<W> | null>;
  /** Null when it was stopped before its end. Throws what broke a run twice, with its seed. */
  read(outcomes: AsyncIterable<TaskOutcome<W>>): Promise<{ readonly value: Value } | null>;
}

export function inRounds<W extends Want, Value>(search: Generator<readonly Task<W>[], Value, readonly AnswerTo<W>[]>): Rounds<W, Value> {
  let step = search.next();
  let given = 0;
  return {
    tasks: {
      *[Symbol.iterator]() {
        while (step.done !== true) yield given < step.value.length ? step.value[given++]! : null;
      },
    },
    async read(outcomes) {
      // A round may be empty, and then the next one is due at once.
      while (step.done !== true && step.value.length === 0) step = search.next([]);
      let answers: AnswerTo<W>[] = [];
      for await (const { task, answer, error } of outcomes) {
        if (error !== undefined) throw Object.assign(error, { seed: task.seed });
        answers.push(answer);
        if (step.done === true || answers.length < step.value.length) continue;
        const round = answers;
        answers = [];
        given = 0;
        step = search.next(round);
        while (step.done !== true && step.value.length === 0) step = search.next([]);
      }
      return step.done === true ? { value: step.value } : null;
    },
  };
}
