/** The simulator in a worker of a page: a question, its answer. */
import { type Answer, answerTo, type Question } from '../src/playground/simulation.ts';

export interface Asked {
  readonly id: number;
  readonly question: Question;
}

export interface Answered {
  readonly id: number;
  readonly answer: Answer;
}

/** The worker's own `postMessage`, which the types of pages do not have. */
const post = postMessage as (message: Answered) => void;

addEventListener('message', ({ data: { id, question } }: MessageEvent<Asked>) => {
  post({ id, answer: answerTo(question, () => performance.now()) });
});
