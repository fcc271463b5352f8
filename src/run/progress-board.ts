/**
 * The few numbers a run shares with the thread that shows them. The simulation is one synchronous
 * loop, so messages and signals would wait for its end; shared memory does not.
 *
 * One writer (the run) for the numbers, but for `clear` between two runs; one (the command line) for the stop flag. A
 * reader may see numbers of two updates side by side, which a progress bar does not mind.
 */
import type { Progress } from './run.ts';

const STOP = 0;
const DRAINING = 1;
const FLAGS_BYTES = 8;
const NUMBERS = 4;

export class ProgressBoard {
  /** Hand this to the other thread and build a second board over it there. */
  readonly memory: SharedArrayBuffer;
  private readonly flags: Int32Array;
  private readonly numbers: Float64Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(FLAGS_BYTES + NUMBERS * 8)) {
    this.memory = memory;
    this.flags = new Int32Array(memory, 0, 2);
    this.numbers = new Float64Array(memory, FLAGS_BYTES, NUMBERS);
  }

  write(progress: Progress): void {
    this.numbers[0] = progress.nowNs;
    this.numbers[1] = progress.events;
    this.numbers[2] = progress.requests;
    this.numbers[3] = progress.failed;
    Atomics.store(this.flags, DRAINING, progress.phase === 'draining' ? 1 : 0);
  }

  read(): Progress {
    const [nowNs, events, requests, failed] = this.numbers as unknown as [number, number, number, number];
    return { nowNs, events, requests, failed, phase: Atomics.load(this.flags, DRAINING) === 1 ? 'draining' : 'running' };
  }

  /** Before the next run of the same worker. */
  clear(): void {
    this.numbers.fill(0);
    Atomics.store(this.flags, DRAINING, 0);
  }

  askToStop(): void {
    Atomics.store(this.flags, STOP, 1);
  }

  mustStop(): boolean {
    return Atomics.load(this.flags, STOP) === 1;
  }
}
