/**
 * A tape that goes to a file while the run is on. What is written is written at once and before the run goes on, so the memory
 * that it takes is bounded, in a run that never lets go of its thread, too; a run that is killed leaves all but the last piece.
 */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import type { Engine } from '../engine/engine.ts';
import { Tape } from '../engine/tape/tape.ts';
import { DECISION_MARK } from '../engine/tape/words.ts';
import { MeshError } from '../model/mesh-error.ts';
import type { Plan } from '../model/plan.ts';
import { reasonOf } from '../model/system-error.ts';
import { END_WORD, type RecordingHeader, headerLine } from './recording.ts';

/** Characters; one write takes about 0.1 ms. */
const PIECE = 64 * 1024;

/** A recording is of one engine. */
export class RecordingFile extends Tape {
  private readonly path: string;
  private readonly mode: RecordingHeader['mode'];
  private readonly file: number;
  private pending: string = '';
  private inputs: number = 0;
  private decisions: number = 0;

  /** @throws MeshError when the file cannot be written, as all that follows */
  constructor(path: string, mode: RecordingHeader['mode']) {
    super((text) => this.take(text));
    this.path = path;
    this.mode = mode;
    this.file = this.attempt(() => openSync(path, 'w'));
  }

  override attached(engine: Engine, plan: Plan, seed: number, modelsConnections: boolean): void {
    super.attached(engine, plan, seed, modelsConnections);
    this.write(headerLine(this.mode, plan, seed, modelsConnections));
  }

  /** The run has come to an end of its own, or was stopped: nothing is missing. */
  end(): void {
    this.write(`${END_WORD} ${this.inputs} ${this.decisions}`);
  }

  /** Write what is still pending, and let go of the file. */
  close(): void {
    try {
      this.flush();
    } finally {
      closeSync(this.file);
    }
  }

  private take(text: string): void {
    if (text.startsWith(DECISION_MARK)) this.decisions++;
    else this.inputs++;
    this.write(text);
  }

  private write(line: string): void {
    this.pending += `${line}\n`;
    if (this.pending.length > PIECE) this.flush();
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
      throw new MeshError(`cannot write the recording ${this.path}: ${reasonOf(error)}`);
    }
  }
}
