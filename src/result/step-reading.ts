/**
 * What the counters of a run say at the end of a step of the series: sums from the start of the run, so that a step is the difference of two
 * readings, joined steps are the later one, and the readings of several runs add up; and how things stand just then.
 *
 * Read once a step: to a call it costs nothing.
 */
import type { Engine } from '../engine/engine.ts';
import type { EdgeId } from '../model/ids.ts';
import type { Plan } from '../model/plan.ts';
import type { Stations } from '../service/station.ts';
import type { Recorder } from './recorder.ts';

/** Of more endpoints, only the first are read: a mesh may have 200,000, and a run has 240 steps. */
const ENDPOINTS_READ = 1024;

/** Places at the start of a row: time that has passed, ns, and runs that it is of … */
export const Reading = { time: 0, runs: 1, endpoints: 2 } as const;
/** … then for each endpoint (sums; ns) … */
export const EndpointReading = { attempts: 0, busyNs: 1, queuedNs: 2, length: 3 } as const;
/** … and for each edge: sums; pairs of a caller and an endpoint out of use; what budgets have left, and how many budgets. */
export const EdgeReading = { calls: 0, attempts: 1, ejected: 2, budgetLeft: 3, budgets: 4, length: 5 } as const;

export function endpointsRead({ services }: Plan): number {
  return Math.min(ENDPOINTS_READ, services.reduce((sum, { replicas }) => sum + replicas, 0));
}

/** Reads a world. */
export class StepReader {
  private readonly plan: Plan;
  private readonly endpoints: number;
  private readonly engine: Engine;
  private readonly stations: Stations;
  private readonly recorder: Recorder;
  private readonly byName: ReadonlyMap<string, EdgeId>;

  constructor(plan: Plan, engine: Engine, stations: Stations, recorder: Recorder) {
    this.plan = plan;
    this.endpoints = endpointsRead(plan);
    this.engine = engine;
    this.stations = stations;
    this.recorder = recorder;
    this.byName = new Map(plan.edges.map(({ name }, edge) => [name, edge]));
  }

  /** @param callsFrom  whether a caller is one of this world */
  read(now: number, callsFrom: (edge: EdgeId, caller: number) => boolean): Float64Array {
    const { edges } = this.plan;
    const firstEdge = Reading.endpoints + this.endpoints * EndpointReading.length;
    const row = new Float64Array(firstEdge + edges.length * EdgeReading.length);
    row[Reading.time] = now;
    row[Reading.runs] = 1;
    this.stations.readWork(now, row.subarray(Reading.endpoints, firstEdge));
    for (const [way, { edges: names }] of this.recorder.ways.list.entries()) {
      const { attempts, calls } = this.recorder.settledOn(way);
      for (const name of names) {
        const at = firstEdge + this.byName.get(name)! * EdgeReading.length;
        row[at + EdgeReading.calls]! += calls;
        row[at + EdgeReading.attempts]! += attempts;
      }
    }
    for (let edge = 0; edge < edges.length; edge++) {
      const at = firstEdge + edge * EdgeReading.length;
      for (const { budget, caller, readiness } of this.engine.outboundsOn(edge)) {
        row[at + EdgeReading.ejected]! += readiness.heldCount;
        if (budget === null || !callsFrom(edge, caller)) continue;
        row[at + EdgeReading.budgetLeft]! += budget.left;
        row[at + EdgeReading.budgets]! += 1;
      }
    }
    return row;
  }
}

/** Of a step in which nothing was read: sums stand where they stood, and of how things stand nothing is known. */
export function repeated(reading: Float64Array, edges: number): Float64Array {
  const row = reading.slice();
  row[Reading.runs] = 0;
  for (let at = row.length - edges * EdgeReading.length; at < row.length; at += EdgeReading.length) row.fill(0, at + EdgeReading.ejected, at + EdgeReading.length);
  return row;
}
