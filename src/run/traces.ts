/** A run of which every request is followed: what is kept of that for its result, and what goes to a file. */
import type { Plan } from '../model/plan.ts';
import { LineFile } from '../record/line-file.ts';
import type { TailResult } from '../result/result.ts';
import { Exemplars } from '../trace/exemplars.ts';
import { Sample } from '../trace/sample.ts';
import { tailOf } from '../trace/tail.ts';
import { Tracer } from '../trace/tracer.ts';
import type { Mode } from './run.ts';

/** Plain data. */
export interface TraceOrder {
  /** A file for requests, one a line; none without. */
  readonly file?: string;
  /** Of all requests, those that go there, 0..1. */
  readonly share: number;
}

export class Traces {
  readonly tracer: Tracer;
  private readonly plan: Plan;
  private readonly exemplars: Exemplars;
  private readonly file: LineFile | null;
  private readonly sample: Sample | null;

  /** @throws MeshError when the file cannot be written, as `end` */
  constructor(plan: Plan, seed: number, mode: Mode['kind'], { file, share }: TraceOrder) {
    this.plan = plan;
    this.exemplars = new Exemplars(plan, seed);
    const to = file === undefined ? null : new LineFile(file, 'trace');
    this.file = to;
    this.sample = to === null ? null : new Sample(plan, seed, share, (line) => to.write(JSON.stringify(line)));
    this.tracer = new Tracer([this.exemplars.see, ...(this.sample === null ? [] : [this.sample.see])], mode === 'real');
  }

  /** The run is over. */
  end(): TailResult | null {
    this.sample?.end(this.exemplars);
    return tailOf(this.plan, this.exemplars);
  }

  close(): void {
    this.file?.close();
  }
}
