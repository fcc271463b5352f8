/**
 * When which fault changes which rows. A world asks for the next time, hands the time to `advance`, and
 * learns which endpoints and edges have new conditions. A row is rebuilt from the effects that are on, in
 * the order of the file, so overlapping faults compose the same way whatever came first.
 */
import type { EffectPlan, FaultPlan, FaultTargetPlan, Plan, ServicePlan } from '../model/plan.ts';
import { Draw, Stream } from '../random/hash.ts';
import { type ConditionRow, Conditions } from './conditions.ts';
import { type Apply, createEffect } from './effects.ts';

interface Switch {
  readonly at: number;
  readonly on: boolean;
  readonly entry: Entry;
}

/** One effect on one target. */
interface Entry {
  readonly apply: Apply;
  readonly kind: 'endpoint' | 'edge';
  readonly target: number;
  /** Windows it is in: a restart may last into the next crash. */
  depth: number;
}

/** What a world may want to do when a row has changed. */
export interface ConditionListener {
  endpointChanged(endpoint: number, before: number, after: number, now: number): void;
  edgeChanged(edge: number, before: number, after: number, now: number): void;
}

export class FaultSchedule {
  readonly conditions: Conditions;
  /** Names of the endpoints or edges each fault hits, after `pick`. */
  readonly targets: readonly (readonly string[])[];
  private readonly switches: readonly Switch[];
  private readonly entriesByEndpoint: Map<number, Entry[]> = new Map();
  private readonly entriesByEdge: Map<number, Entry[]> = new Map();
  private position: number = 0;

  constructor(plan: Plan, seed: number) {
    this.conditions = new Conditions(plan);
    const stream = new Stream(seed, 'fault-pick');
    const switches: Switch[] = [];
    const targets: string[][] = [];
    for (const [index, fault] of plan.faults.entries()) {
      const chosen = targetsOf(fault.target, stream, index);
      targets.push(chosen.map((target) => nameOf(plan, fault.target.kind, target)));
      for (const effect of fault.effects) {
        const apply = createEffect(effect);
        for (const target of chosen) {
          const entry: Entry = { apply, kind: fault.target.kind === 'edges' ? 'edge' : 'endpoint', target, depth: 0 };
          this.register(entry);
          switches.push(...switchesOf(plan, fault, effect, entry));
        }
      }
    }
    // Stable: at one time, what was written first happens first.
    this.switches = switches.sort((a, b) => a.at - b.at);
    this.targets = targets;
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
      const { entry, on } = this.switches[this.position]!;
      entry.depth += on ? 1 : -1;
      (entry.kind === 'endpoint' ? endpoints : edges).add(entry.target);
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

  private register(entry: Entry): void {
    const entries = entry.kind === 'endpoint' ? this.entriesByEndpoint : this.entriesByEdge;
    const list = entries.get(entry.target);
    if (list) list.push(entry);
    else entries.set(entry.target, [entry]);
  }
}

function rebuild(row: ConditionRow, entries: readonly Entry[]): number {
  row.clear();
  for (const entry of entries) if (entry.depth > 0) entry.apply(row);
  return row.flags;
}

function switchesOf(plan: Plan, fault: FaultPlan, effect: EffectPlan, entry: Entry): Switch[] {
  // A crashed endpoint is back when it has started again.
  const restartNs = effect.kind === 'crash' ? serviceOf(plan, entry.target).startupNs : 0;
  return fault.windows.flatMap(({ fromNs, toNs }) => [
    { at: fromNs, on: true, entry },
    { at: toNs + restartNs, on: false, entry },
  ]);
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
