/**
 * When which fault changes which rows. A world asks for the next time, hands the time to `advance`, and
 * learns which endpoints and edges have new conditions. A row is rebuilt from the effects that are on, in
 * the order of the file, so overlapping faults compose the same way whatever came first.
 *
 * Beside the times of the file, faults can be switched by hand while a world runs, and others added: that only writes more
 * switches into the same list, the next of which is due at once.
 */
import type { EffectPlan, FaultPlan, FaultTargetPlan, Plan, ServicePlan } from '../model/plan.ts';
import { Draw, Stream } from '../random/hash.ts';
import { type ConditionRow, Conditions } from './conditions.ts';
import { type Apply, createEffect } from './effects.ts';

interface Switch {
  readonly at: number;
  readonly on: boolean;
  readonly entry: Entry;
  /** Of a fault that is switched by hand: its name, for those who are to hear of it; once for all its entries. */
  readonly tells: string | null;
}

/** One effect on one target. */
interface Entry {
  readonly effect: EffectPlan;
  apply: Apply;
  readonly kind: 'endpoint' | 'edge';
  readonly target: number;
  /** Windows it is in: a restart may last into the next crash. */
  depth: number;
}

export interface Fault {
  readonly plan: FaultPlan;
  /** Names of the endpoints or edges that it hits, after `pick`. */
  readonly targets: readonly string[];
  readonly entries: readonly Entry[];
  /** It is none of the file, and forgotten when it is over. */
  readonly isAdded: boolean;
}

/** What a world may want to do when a row has changed. */
export interface ConditionListener {
  endpointChanged(endpoint: number, before: number, after: number, now: number): void;
  edgeChanged(edge: number, before: number, after: number, now: number): void;
  /** A fault that was switched by hand is on, or over. */
  faultSwitched(fault: string, on: boolean, now: number): void;
}

export class FaultSchedule {
  readonly conditions: Conditions;
  /** Those of the plan in its order, then those added. */
  readonly faults: Fault[] = [];
  private readonly plan: Plan;
  private readonly stream: Stream;
  private switches: readonly Switch[];
  private readonly entriesByEndpoint: Map<number, Entry[]> = new Map();
  private readonly entriesByEdge: Map<number, Entry[]> = new Map();
  private position: number = 0;
  /** Faults there have been: the number of each tells its `pick` from those of others. */
  private made: number = 0;

  constructor(plan: Plan, seed: number) {
    this.plan = plan;
    this.conditions = new Conditions(plan);
    this.stream = new Stream(seed, 'fault-pick');
    for (const fault of plan.faults) this.make(fault, false);
    this.switches = inOrder(this.faults.flatMap((fault) => this.switchesOf(fault, fault.plan.windows, false)));
  }

  /** Of each fault of the plan, the names of what it hits. */
  get targets(): readonly (readonly string[])[] {
    return this.faults.slice(0, this.plan.faults.length).map(({ targets }) => targets);
  }

  /** Time of the next change, `Infinity` after the last. */
  get nextAt(): number {
    return this.switches[this.position]?.at ?? Infinity;
  }

  /** Make all changes that are due at `now`, then tell the listener, once for each row. */
  advance(now: number, listener: ConditionListener): void {
    const endpoints = new Set<number>();
    const edges = new Set<number>();
    for (; this.nextAt <= now; this.position++) {
      const { entry, on, tells } = this.switches[this.position]!;
      entry.depth += on ? 1 : -1;
      (entry.kind === 'endpoint' ? endpoints : edges).add(entry.target);
      if (tells !== null) listener.faultSwitched(tells, on, now);
    }
    const { conditions } = this;
    for (const endpoint of endpoints) {
      const before = conditions.endpointFlags[endpoint]!;
      const after = rebuild(conditions.endpoints[endpoint]!, this.entriesByEndpoint.get(endpoint)!);
      conditions.endpointFlags[endpoint] = after;
      listener.endpointChanged(endpoint, before, after, now);
    }
    for (const edge of edges) {
      const before = conditions.edgeFlags[edge]!;
      const after = rebuild(conditions.edges[edge]!, this.entriesByEdge.get(edge)!);
      conditions.edgeFlags[edge] = after;
      listener.edgeChanged(edge, before, after, now);
    }
  }

  // --- by hand ---

  isOn({ entries }: Fault): boolean {
    return entries.some(({ depth }) => depth > 0);
  }

  /** When it is next switched on or off, ns; Infinity for not at all. */
  changesAt({ entries }: Fault): number {
    const own = new Set(entries);
    return this.pending().find(({ entry }) => own.has(entry))?.at ?? Infinity;
  }

  /**
   * On at `now`, whether or not the file has times for it.
   * @param forNs  Infinity until it is stopped
   */
  start(fault: Fault, forNs: number, now: number): void {
    // What is counted down, such as first calls, begins anew.
    const fresh = new Map(fault.plan.effects.map((effect) => [effect, createEffect(effect)]));
    for (const entry of fault.entries) entry.apply = fresh.get(entry.effect)!;
    this.addSwitches(this.switchesOf(fault, [{ fromNs: now, toNs: now + forNs }], true));
  }

  /** Off at `now`, a restart apart. The times that the file still has for it remain; one that was added has no more. */
  stop({ entries, isAdded }: Fault, now: number): void {
    const depths = new Map(entries.map((entry) => [entry, entry.depth]));
    const rest: Switch[] = [];
    for (const change of this.pending()) {
      const depth = depths.get(change.entry);
      if (depth !== undefined && depth > 0 && !change.on) {
        // The end of a window that it is in.
        depths.set(change.entry, depth - 1);
        rest.push({ ...change, at: Math.min(change.at, now + this.restartNs(change.entry)) });
      } else if (depth === undefined || !isAdded) rest.push(change);
    }
    this.replaceSwitches(rest);
  }

  /** A fault that the plan does not have; its times count from `now`. */
  add(plan: FaultPlan, now: number): Fault {
    const fault = this.make(plan, true);
    const windows = plan.windows.map(({ fromNs, toNs }) => ({ fromNs: now + fromNs, toNs: now + toNs }));
    this.addSwitches(this.switchesOf(fault, windows, true));
    return fault;
  }

  /** Forget those that were added and are over. */
  forgetPast(): void {
    const awaited = new Set(this.pending().map(({ entry }) => entry));
    for (const fault of this.faults.filter(({ entries, isAdded }) => isAdded && !entries.some((entry) => awaited.has(entry)))) {
      this.faults.splice(this.faults.indexOf(fault), 1);
      for (const entry of fault.entries) {
        const entries = this.entriesLike(entry);
        entries.splice(entries.indexOf(entry), 1);
      }
    }
  }

  private pending(): readonly Switch[] {
    return this.switches.slice(this.position);
  }

  private addSwitches(more: readonly Switch[]): void {
    this.replaceSwitches([...this.pending(), ...more]);
  }

  private replaceSwitches(switches: Switch[]): void {
    this.switches = inOrder(switches);
    this.position = 0;
  }

  // --- what a fault consists of ---

  private make(plan: FaultPlan, isAdded: boolean): Fault {
    const chosen = targetsOf(plan.target, this.stream, this.made++);
    const kind = plan.target.kind === 'edges' ? 'edge' : 'endpoint';
    const entries = plan.effects.flatMap((effect) => {
      const apply = createEffect(effect);
      return chosen.map((target): Entry => ({ effect, apply, kind, target, depth: 0 }));
    });
    for (const entry of entries) this.entriesLike(entry).push(entry);
    const fault = { plan, targets: chosen.map((target) => nameOf(this.plan, plan.target.kind, target)), entries, isAdded };
    this.faults.push(fault);
    return fault;
  }

  /** All that change the same row. */
  private entriesLike({ kind, target }: Entry): Entry[] {
    const rows = kind === 'endpoint' ? this.entriesByEndpoint : this.entriesByEdge;
    let entries = rows.get(target);
    if (entries === undefined) rows.set(target, (entries = []));
    return entries;
  }

  private switchesOf({ entries, plan }: Fault, windows: FaultPlan['windows'], isByHand: boolean): Switch[] {
    return entries.flatMap((entry, i) => {
      const tells = isByHand && i === 0 ? plan.name : null;
      return windows.flatMap(({ fromNs, toNs }) => [
        { at: fromNs, on: true, entry, tells },
        { at: toNs + this.restartNs(entry), on: false, entry, tells },
      ]);
    });
  }

  /** A crashed endpoint is back when it has started again. */
  private restartNs({ effect, target }: Entry): number {
    return effect.kind === 'crash' ? serviceOf(this.plan, target).startupNs : 0;
  }
}

/** Stable: at one time, what was written first happens first. */
function inOrder(switches: Switch[]): readonly Switch[] {
  return switches.sort((a, b) => a.at - b.at);
}

function rebuild(row: ConditionRow, entries: readonly Entry[]): number {
  row.clear();
  for (const entry of entries) if (entry.depth > 0) entry.apply(row);
  return row.flags;
}

/** Those the fault hits: all, or a sample by seed, ascending. */
function targetsOf(target: FaultTargetPlan, stream: Stream, fault: number): readonly number[] {
  if (target.kind === 'edges') return target.edges;
  if (target.pick === null) return target.endpoints;
  const { pick, endpoints } = target;
  const wanted = 'count' in pick ? pick.count : Math.round(pick.share * endpoints.length);
  const draw = new Draw();
  const shuffled = endpoints.slice();
  for (let i = 0; i < wanted && i < shuffled.length; i++) {
    draw.seek(stream, fault, i);
    const j = i + Math.floor(draw.unit() * (shuffled.length - i));
    [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
  }
  return shuffled.slice(0, wanted).sort((a, b) => a - b);
}

export function serviceOf(plan: Plan, endpoint: number): ServicePlan {
  const service = plan.services.find((s) => endpoint < s.firstEndpoint + s.replicas);
  if (service === undefined) throw new Error(`no endpoint ${endpoint}`);
  return service;
}

function nameOf(plan: Plan, kind: FaultTargetPlan['kind'], target: number): string {
  if (kind === 'edges') return plan.edges[target]!.name;
  const service = serviceOf(plan, target);
  return `${service.name}/${target - service.firstEndpoint}`;
}
