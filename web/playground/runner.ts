/** Asks the simulator, one question at a time; of those that come meanwhile only the last counts. */
import type { Answer, Question } from '../../src/playground/simulation.ts';
import type { Answered, Asked } from '../simulator.ts';

/** A run that is no longer wanted and goes on for longer is ended with its worker: a new one is there in some 50 ms. */
const LET_FINISH_MS = 250;

export class Runner {
  private readonly address: string;
  private readonly reply: (answer: Answer, isLast: boolean) => void;
  private readonly failed: (message: string) => void;
  private worker: Worker;
  private id: number = 0;
  private isBusy: boolean = false;
  private next: Question | null = null;
  private ending: ReturnType<typeof setTimeout> | undefined;

  /** @param source  of the worker  @param reply  hears of each answer to what was asked last, also of those that are not the last */
  constructor(source: string, reply: (answer: Answer, isLast: boolean) => void, failed: (message: string) => void) {
    this.address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
    this.reply = reply;
    this.failed = failed;
    this.worker = this.start();
  }

  ask(question: Question): void {
    if (!this.isBusy) {
      this.send(question);
      return;
    }
    this.next = question;
    this.ending ??= setTimeout(() => {
      this.worker.terminate();
      this.worker = this.start();
      this.goOn();
    }, LET_FINISH_MS);
  }

  private start(): Worker {
    const worker = new Worker(this.address);
    worker.addEventListener('message', ({ data: { answer, id, isLast } }: MessageEvent<Answered>) => {
      // What one that was ended had still on its way.
      if (worker !== this.worker) return;
      const isWanted = id === this.id && this.next === null;
      if (isLast) this.goOn();
      if (isWanted) this.reply(answer, isLast);
    });
    worker.addEventListener('error', ({ message }) => {
      const isWanted = this.next === null;
      this.goOn();
      if (isWanted) this.failed(message);
    });
    return worker;
  }

  private send(question: Question): void {
    this.isBusy = true;
    const asked: Asked = { id: ++this.id, question };
    this.worker.postMessage(asked);
  }

  private goOn(): void {
    clearTimeout(this.ending);
    this.ending = undefined;
    this.isBusy = false;
    const { next } = this;
    this.next = null;
    if (next !== null) this.send(next);
  }
}
