/** A run once more, with a look at one instant of it. */
import type { Plan } from '../model/plan.ts';
import { msOf } from '../model/units.ts';
import { Moment } from '../record/moment.ts';
import type { EndpointState, Instant } from '../result/instant.ts';
import type { RequestSpan } from '../trace/spans.ts';
import { Tracer } from '../trace/tracer.ts';
import { Names, written } from '../trace/written.ts';
import type { World } from '../world/world.ts';
import { carryOut } from './carry-out.ts';
import type { RunControl } from './run.ts';

const OLDEST = 5;
/** Calls and attempts of a request. */
const TREE_SIZE = 80;

/** Null where the run did not get there. */
export function runToInstant(plan: Plan, seed: number, atNs: number, control?: RunControl): Instant | null {
  const oldest: RequestSpan[] = [];
  let underWay = 0;
  let endpoints: readonly EndpointState[] | null = null;
  const tracer = new Tracer([(request) => {
    if (request.begunAt > atNs || request.endedAt <= atNs) return;
    underWay++;
    oldest.push(request);
    oldest.sort((one, other) => one.begunAt - other.begunAt || one.source - other.source || one.number - other.number).splice(OLDEST);
  }], false);
  const moment = new Moment(atNs);
  carryOut(plan, seed, control, { tracer, watchers: [moment], atOnce: { atNs, see: (world) => void (endpoints = statesIn(plan, world)) } });
  if (endpoints === null) return null;
  const names = new Names(plan);
  return { atMs: msOf(atNs), underWay, oldest: oldest.map((request) => written(request, names, TREE_SIZE)), endpoints, decisions: moment.decided };
}

function statesIn(plan: Plan, { engine, stations }: World): EndpointState[] {
  const outbounds = plan.edges.flatMap((_, edge) => engine.outboundsOn(edge));
  let endpoint = 0;
  return plan.services.flatMap(({ name, replicas }) => Array.from({ length: replicas }, (_, i): EndpointState => {
    const id = endpoint++;
    const callers = outbounds.filter(({ firstEndpoint }) => firstEndpoint === id - i);
    return { name: `${name}/${i}`, busy: stations.busyAt(id), waiting: stations.queuedAt(id), callers: callers.length, outFor: callers.filter(({ readiness }) => readiness.holdersOf(i) !== 0).length };
  }));
}
