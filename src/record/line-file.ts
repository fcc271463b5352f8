/**
 * A file that is written line by line while a run is on. What is written is written at once and before the run goes on, so the memory
 * that it takes is bounded, in a run that never lets go of its thread, too; a run that is killed leaves all but the last piece.
 */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { MeshError } from '../model/mesh-error.ts';
import { reasonOf } from '../model/system-error.ts';

/** Characters; one write takes about 0.1 ms. */
const PIECE = 64 * 1024;

export class LineFile {
  private readonly path: string;
  private readonly what: string;
  private readonly file: number;
  private pending: string = '';

  /**
   * @param what  it is, for messages
   * @throws MeshError when it cannot be written, as all that follows
   */
  constructor(path: string, what: string) {
    this.path = path;
    this.what = what;
    this.file = this.attempt(() => openSync(path, 'w'));
  }

  write(line: string): void {
    this.pending += `${line}\n`;
    if (this.pending.length > PIECE) this.flush();
  }

  /** Write what is still pending, and let go of the file. */
  close(): void {
    try {
      this.flush();
    } finally {
      closeSync(this.file);
    }
  }

  private flush(): void {
    const text = this.pending;
    // What could not be written once is not tried again.
    this.pending = '';
    this.attempt(() => writeFileSync(this.file, text));
  }

  private attempt<Value>(act: () => Value): Value {
    try {
      return act();
    } catch (error) {
      throw new MeshError(`cannot write the ${this.what} ${this.path}: ${reasonOf(error)}`);
    }
  }
}
