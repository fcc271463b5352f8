/** A tape that goes to a file while the run is on. */
import type { Engine } from '../engine/engine.ts';
import { Tape } from '../engine/tape/tape.ts';
import { DECISION_MARK } from '../engine/tape/words.ts';
import type { Plan } from '../model/plan.ts';
import { LineFile } from './line-file.ts';
import { END_WORD, type RecordingHeader, headerLine } from './recording.ts';

/** A recording is of one engine. */
export class RecordingFile extends Tape {
  private readonly mode: RecordingHeader['mode'];
  private readonly file: LineFile;
  private inputs: number = 0;
  private decisions: number = 0;

  /** @throws MeshError when the file cannot be written, as all that follows */
  constructor(path: string, mode: RecordingHeader['mode']) {
    super((text) => this.take(text));
    this.mode = mode;
    this.file = new LineFile(path, 'recording');
  }

  override attached(engine: Engine, plan: Plan, seed: number, modelsConnections: boolean): void {
    super.attached(engine, plan, seed, modelsConnections);
    this.file.write(headerLine(this.mode, plan, seed, modelsConnections));
  }

  /** The run has come to an end of its own, or was stopped: nothing is missing. */
  end(): void {
    this.file.write(`${END_WORD} ${this.inputs} ${this.decisions}`);
  }

  /** Write what is still pending, and let go of the file. */
  close(): void {
    this.file.close();
  }

  private take(text: string): void {
    if (text.startsWith(DECISION_MARK)) this.decisions++;
    else this.inputs++;
    this.file.write(text);
  }
}
