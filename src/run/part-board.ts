/** What the threads of a spread mesh share while it runs: whether to stop, and in each part how many calls are open. */
const STOP = 0;

export class PartBoard {
  /** Hand this to the other threads and build a board over it there. */
  readonly memory: SharedArrayBuffer;
  private readonly cells: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.cells = new Int32Array(memory);
  }

  static of(parts: number): PartBoard {
    return new PartBoard(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * (parts + 1)));
  }

  askToStop(): void {
    Atomics.store(this.cells, STOP, 1);
  }

  mustStop(): boolean {
    return Atomics.load(this.cells, STOP) === 1;
  }

  /** Written by the part alone. */
  setOpenCalls(part: number, count: number): void {
    Atomics.store(this.cells, part + 1, count);
  }

  openCalls(part: number): number {
    return Atomics.load(this.cells, part + 1);
  }
}
