/** Recordings as lines: made by a run, changed by a test, replayed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '../../src/model/plan.ts';
import { type RecordingHeader, parseHeader } from '../../src/record/recording.ts';
import { type Replayed, replay } from '../../src/record/replay.ts';
import { runReal, simulate } from '../../src/run/run.ts';

export class Tapes {
  private readonly path: string;

  /** @param folder  in which it keeps the one that is being looked at */
  constructor(folder: string) {
    this.path = join(folder, 'run.tape');
  }

  simulated(plan: Plan, seed: number = plan.seed): readonly string[] {
    simulate(plan, { seed, recordTo: this.path });
    return this.lines();
  }

  async real(plan: Plan): Promise<readonly string[]> {
    await runReal(plan, { recordTo: this.path });
    return this.lines();
  }

  async replayed(lines: readonly string[]): Promise<Replayed> {
    return this.replayedText(`${lines.join('\n')}\n`);
  }

  async replayedText(text: string): Promise<Replayed> {
    writeFileSync(this.path, text);
    return await replay(this.path);
  }

  private lines(): readonly string[] {
    return readFileSync(this.path, 'utf8').trimEnd().split('\n');
  }
}

/** The same recording, of an engine that was made otherwise. */
export function withHeader([first, ...rest]: readonly string[], change: (header: RecordingHeader) => object): readonly string[] {
  const header = parseHeader(first!);
  return [JSON.stringify({ ...header, ...change(header) }, (_, value: unknown) => (value === Infinity ? 'INFINITE' : value)).replaceAll('"INFINITE"', '1e999'), ...rest];
}
