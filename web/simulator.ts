/** The simulator in a worker of a page: a question, and answers to it, the last of which is marked. */
import { type Answer, type Question, Simulation } from '../src/playground/simulation.ts';

export interface Asked {
  readonly id: number;
  readonly question: Question;
}

export interface Answered {
  readonly id: number;
  readonly answer: Answer;
  readonly isLast: boolean;
}

/** The worker's own `postMessage`, which the types of pages do not have. */
const post = postMessage as (message: Answered) => void;
const simulation = new Simulation(() => performance.now());

addEventListener('message', ({ data: { id, question } }: MessageEvent<Asked>) => {
  const answer = simulation.answerTo(question, (soFar) => post({ id, answer: soFar, isLast: false }));
  post({ id, answer, isLast: true });
});
