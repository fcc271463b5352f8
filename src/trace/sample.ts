/**
 * Which requests of a run are written down one by one: a share of all, chosen by a keyed hash of their number, so that it is the same under
 * every policy; of those that fail the first few of each kind; and the slowest, when the run is over.
 */
import { Outcome, OUTCOME_COUNT } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import { Draw, Stream } from '../random/hash.ts';
import type { RequestTrace } from '../result/result.ts';
import type { Exemplars } from './exemplars.ts';
import type { RequestSpan } from './spans.ts';
import { Names, written } from './written.ts';

/** A line of a trace file. */
export type TraceLine = { readonly kept: 'sample' | 'failed' | 'slow' } & RequestTrace;

/** Of each outcome but `ok`. */
const FAILED_MAX = 100;
/** Calls and attempts that are written of a request. */
const TREE_MAX = 1000;

export class Sample {
  private readonly share: number;
  private readonly take: (line: TraceLine) => void;
  private readonly names: Names;
  private readonly stream: Stream;
  private readonly draw: Draw = new Draw();
  private readonly failed: number[] = new Array<number>(OUTCOME_COUNT).fill(0);
  /** The slow ones that are written already. */
  private readonly done: WeakSet<RequestSpan> = new WeakSet();

  /** @param share  0..1  @param take  called with each line, in the order in which requests are over */
  constructor(plan: Plan, seed: number, share: number, take: (line: TraceLine) => void) {
    this.share = share;
    this.take = take;
    this.names = new Names(plan);
    this.stream = new Stream(seed, 'trace');
  }

  readonly see = (request: RequestSpan): void => {
    if (!request.isMeasured) return;
    this.draw.seek(this.stream, request.keyHi, request.keyLo);
    if (this.draw.unit() < this.share) this.write('sample', request);
    else if (request.outcome !== Outcome.ok && this.failed[request.outcome!]! < FAILED_MAX) {
      this.failed[request.outcome!]!++;
      this.write('failed', request);
    }
  };

  /** The run is over. */
  end({ slowest }: Exemplars): void {
    for (const request of slowest) if (!this.done.has(request)) this.write('slow', request);
  }

  private write(kept: TraceLine['kept'], request: RequestSpan): void {
    this.done.add(request);
    this.take({ kept, ...written(request, this.names, TREE_MAX) });
  }
}
