/** How things stand in a mesh, as the admin API tells it. Looking changes nothing. */
import { Holder } from '../engine/breaker/readiness.ts';
import type { Outbound } from '../engine/outbound.ts';
import { Condition } from '../fault/conditions.ts';
import type { Fault } from '../fault/schedule.ts';
import type { Plan } from '../model/plan.ts';
import { msOf } from '../model/units.ts';
import type { OpenWorld } from '../run/worlds.ts';

/** Of long lists; how long they are is told beside them. */
const LISTED_MAX = 1000;

export interface ServiceState {
  readonly name: string;
  readonly url: string;
  readonly endpoints: readonly { readonly name: string; readonly state: 'up' | 'down' | 'paused' | 'hung'; readonly faults: readonly string[]; readonly busy: number; readonly queued: number }[];
}

export function serviceStates({ faults, stations }: OpenWorld, plan: Plan, urls: readonly string[]): ServiceState[] {
  return plan.services.map(({ firstEndpoint, name, replicas }, i) => ({
    name,
    url: urls[i]!,
    endpoints: Array.from({ length: replicas }, (_, replica) => {
      const endpoint = firstEndpoint + replica;
      const flags = faults.conditions.endpointFlags[endpoint]!;
      return { name: `${name}/${replica}`, state: stateOf(flags), faults: wordsOf(flags), busy: stations.busyAt(endpoint), queued: stations.queuedAt(endpoint) };
    }),
  }));
}

export interface EdgeState {
  readonly name: string;
  readonly to: string;
  readonly policy: string;
  readonly callers: number;
  readonly faults: readonly string[];
  /** Of all callers together; see `CallerState`. */
  readonly inFlight: number;
  readonly outOfUse: Readonly<Record<string, number>>;
  readonly breakersOpen: number;
  readonly inPanic: number;
  readonly shedding: number;
  readonly waiting: number;
  readonly pool: PoolState | null;
  readonly retries: number;
}

export interface CallerState {
  readonly caller: string;
  /** Attempts in flight. */
  readonly inFlight: number;
  /** Endpoints that picks pass over, and the policies that want that. */
  readonly outOfUse: Readonly<Record<string, readonly string[]>>;
  /** Of the whole service; null where there is none. It refuses unless it lets probes through. */
  readonly breaker: { readonly open: boolean; readonly refuses: boolean } | null;
  readonly panic: boolean;
  /** Refuses at once because no endpoint became ready. */
  readonly shedding: boolean;
  /** Calls that wait for a ready endpoint. */
  readonly waiting: number;
  /** Null where connections are not limited. */
  readonly pool: PoolState | null;
  /** In progress. */
  readonly retries: number;
  /** What the retry budget has left, in its own words (tokens, or retries); null where there is none. */
  readonly budget: number | null;
}

export interface PoolState {
  readonly connections: number;
  readonly active: number;
  readonly pending: number;
}

export function edgeStates(world: OpenWorld, plan: Plan): EdgeState[] {
  return plan.edges.map(({ name, policy, to }, edge) => {
    const outbounds = world.engine.outboundsOn(edge);
    const count = (of: (outbound: Outbound) => number): number => outbounds.reduce((sum, outbound) => sum + of(outbound), 0);
    const out = new Map<string, number>();
    for (const outbound of outbounds) for (const endpoint of Object.keys(outOfUse(outbound, plan))) out.set(endpoint, (out.get(endpoint) ?? 0) + 1);
    return {
      name,
      to: plan.services[to]!.name,
      policy: policy.name,
      callers: outbounds.length,
      faults: wordsOf(world.faults.conditions.edgeFlags[edge]!),
      inFlight: count(({ set }) => set.activeTotal),
      outOfUse: Object.fromEntries(out),
      breakersOpen: count(({ serviceBreaker }) => (serviceBreaker?.isTripped === true ? 1 : 0)),
      inPanic: count(({ readiness }) => (readiness.panic ? 1 : 0)),
      shedding: count(({ failfast }) => (failfast?.isShedding === true ? 1 : 0)),
      waiting: count(({ unserved }) => unserved.size),
      pool: outbounds[0]?.pools == null ? null : { connections: count(({ pools }) => pools!.connections), active: count(({ pools }) => pools!.active), pending: count(({ pools }) => pools!.pending) },
      retries: count(({ retries }) => retries),
    };
  });
}

export interface EdgeDetail {
  readonly name: string;
  readonly callers: number;
  /** The first so many. */
  readonly states: readonly CallerState[];
}

/** Null where there is no edge of the name. */
export function edgeDetail(world: OpenWorld, plan: Plan, name: string): EdgeDetail | null {
  const edge = plan.edges.findIndex((candidate) => candidate.name === name);
  if (edge < 0) return null;
  const outbounds = world.engine.outboundsOn(edge);
  const { index, kind } = plan.edges[edge]!.from;
  const caller = (kind === 'traffic' ? plan.traffic : plan.services)[index]!.name;
  return { name, callers: outbounds.length, states: outbounds.slice(0, LISTED_MAX).map((outbound) => callerState(outbound, plan, caller)) };
}

function callerState(outbound: Outbound, plan: Plan, caller: string): CallerState {
  const { budget, failfast, pools, readiness, retries, serviceBreaker, set, unserved } = outbound;
  return {
    caller: `${caller}/${outbound.caller}`,
    inFlight: set.activeTotal,
    outOfUse: outOfUse(outbound, plan),
    breaker: serviceBreaker === null ? null : { open: serviceBreaker.isTripped, refuses: serviceBreaker.isRefusing },
    panic: readiness.panic,
    shedding: failfast?.isShedding === true,
    waiting: unserved.size,
    pool: pools === null ? null : { connections: pools.connections, active: pools.active, pending: pools.pending },
    retries,
    budget: budget?.balance ?? null,
  };
}

function outOfUse({ edge, readiness }: Outbound, plan: Plan): Record<string, readonly string[]> {
  if (readiness.heldCount === 0) return {};
  const { name, replicas } = plan.services[plan.edges[edge]!.to]!;
  const held = Array.from({ length: replicas }, (_, endpoint) => [`${name}/${endpoint}`, namesOf(Holder, readiness.holdersOf(endpoint))] as const);
  return Object.fromEntries(held.filter(([, holders]) => holders.length > 0));
}

export interface FaultState {
  readonly name: string;
  readonly on: boolean;
  /** When that changes by the clock, from now; null for not at all. */
  readonly changesInMs: number | null;
  readonly effects: readonly string[];
  /** The first of the endpoints or edges that it hits, and how many there are. */
  readonly targets: readonly string[];
  readonly hits: number;
  /** Whether it is none of the file. */
  readonly added: boolean;
}

export function faultState({ faults }: OpenWorld, fault: Fault, now: number): FaultState {
  const changesAt = faults.changesAt(fault);
  return {
    name: fault.plan.name,
    on: faults.isOn(fault),
    changesInMs: changesAt === Infinity ? null : msOf(changesAt - now),
    effects: fault.plan.effects.map(({ kind }) => kind),
    targets: fault.targets.slice(0, LISTED_MAX),
    hits: fault.targets.length,
    added: fault.isAdded,
  };
}

function stateOf(flags: number): ServiceState['endpoints'][number]['state'] {
  if ((flags & Condition.down) !== 0) return 'down';
  if ((flags & Condition.paused) !== 0) return 'paused';
  return (flags & Condition.hung) !== 0 ? 'hung' : 'up';
}

function wordsOf(flags: number): string[] {
  return namesOf(Condition, flags);
}

function namesOf(bits: Readonly<Record<string, number>>, flags: number): string[] {
  return Object.entries(bits).flatMap(([name, bit]) => ((flags & bit) === 0 ? [] : [name]));
}
