/** Runs of which every request is looked at. */
import type { EdgeId } from '../../src/model/ids.ts';
import type { Plan } from '../../src/model/plan.ts';
import { carryOut, type FinishedRun } from '../../src/run/carry-out.ts';
import { attribute } from '../../src/trace/attribution.ts';
import type { Part } from '../../src/trace/part.ts';
import type { RequestSpan } from '../../src/trace/spans.ts';
import { Tracer } from '../../src/trace/tracer.ts';

export interface Piece {
  readonly part: Part;
  readonly edge: EdgeId;
  readonly from: number;
  readonly to: number;
}

/** Carries the plan out and shows each request when it has settled, with the pieces of its time, last first. */
export function traced(plan: Plan, see: (request: RequestSpan, pieces: readonly Piece[], tracer: Tracer) => void, completed: (request: RequestSpan) => void = () => undefined, seed: number = plan.seed): FinishedRun {
  const tracer: Tracer = new Tracer(
    [
      {
        settled(request) {
          const pieces: Piece[] = [];
          attribute(request, tracer, { add: (part, edge, from, to) => void pieces.push({ part, edge, from, to }) });
          see(request, pieces, tracer);
        },
        completed,
      },
    ],
    false,
  );
  return carryOut(plan, seed, undefined, { tracer });
}
