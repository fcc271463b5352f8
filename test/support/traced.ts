/** Runs of which every request is looked at. */
import type { EdgeId, EndpointId } from '../../src/model/ids.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { TailResult } from '../../src/result/result.ts';
import { carryOut, type FinishedRun } from '../../src/run/carry-out.ts';
import { Traces } from '../../src/run/traces.ts';
import { attribute } from '../../src/trace/attribution.ts';
import type { Part } from '../../src/trace/part.ts';
import type { RequestSpan } from '../../src/trace/spans.ts';
import { Tracer } from '../../src/trace/tracer.ts';

export interface Piece {
  readonly part: Part;
  readonly edge: EdgeId;
  readonly endpoint: EndpointId;
  readonly from: number;
  readonly to: number;
}

/** Carries the plan out and shows each request when it is completed, with the pieces of its time, last first. */
export function traced(plan: Plan, see: (request: RequestSpan, pieces: readonly Piece[]) => void, seed: number = plan.seed): FinishedRun {
  return carryOut(plan, seed, undefined, { tracer: new Tracer([(request) => see(request, piecesOf(request))], false) });
}

function piecesOf(request: RequestSpan): Piece[] {
  const pieces: Piece[] = [];
  attribute(request, { add: (part, edge, endpoint, from, to) => void pieces.push({ part, edge, endpoint, from, to }) });
  return pieces;
}

/** What a traced run of the plan tells of its tail. */
export function tailIn(plan: Plan, seed: number = plan.seed): TailResult {
  const traces = new Traces(plan, seed, 'sim', { share: 0 });
  carryOut(plan, seed, undefined, { tracer: traces.tracer });
  return traces.end()!; // these plans have requests
}
