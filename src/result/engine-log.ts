/** What the engine reports besides calls: ejections, panic, refusals. Rare, so plain objects. */
import type { EngineObserver } from '../engine/ports.ts';
import type { Plan } from '../model/plan.ts';
import { msOf } from '../model/units.ts';
import type { Recorder } from './recorder.ts';
import type { EventResult } from './result.ts';

/** Events kept; what comes after is only counted. */
const EVENT_LIMIT = 1000;

export class EngineLog implements EngineObserver {
  readonly events: EventResult[] = [];
  droppedEvents: number = 0;
  /** By endpoint: how often some caller ejected it, and for how long in the measured window. */
  readonly ejections: Float64Array;
  readonly ejectedNs: Float64Array;
  /** By edge. */
  readonly edgeEjections: Float64Array;
  readonly panicNs: Float64Array;
  private readonly plan: Plan;
  private readonly recorder: Recorder;
  private readonly names: readonly string[];
  private readonly open: Map<string, { readonly since: number; readonly column: Float64Array; readonly index: number }> = new Map();

  constructor(plan: Plan, recorder: Recorder) {
    this.plan = plan;
    this.recorder = recorder;
    this.names = plan.services.flatMap(({ name, replicas }) => Array.from({ length: replicas }, (_, i) => `${name}/${i}`));
    this.ejections = new Float64Array(this.names.length);
    this.ejectedNs = new Float64Array(this.names.length);
    this.edgeEjections = new Float64Array(plan.edges.length);
    this.panicNs = new Float64Array(plan.edges.length);
  }

  ejected(edge: number, caller: number, endpoint: number, now: number): void {
    if (this.isMeasured(now)) {
      this.ejections[endpoint]!++;
      this.edgeEjections[edge]!++;
    }
    this.open.set(`e${edge}/${caller}/${endpoint}`, { since: now, column: this.ejectedNs, index: endpoint });
    this.note({ atMs: msOf(now), kind: 'ejected', ...this.where(edge, caller), endpoint: this.names[endpoint]! });
  }

  unejected(edge: number, caller: number, endpoint: number, now: number): void {
    this.close(`e${edge}/${caller}/${endpoint}`, now);
    this.note({ atMs: msOf(now), kind: 'unejected', ...this.where(edge, caller), endpoint: this.names[endpoint]! });
  }

  panicked(edge: number, caller: number, on: boolean, now: number): void {
    const key = `p${edge}/${caller}`;
    if (on) this.open.set(key, { since: now, column: this.panicNs, index: edge });
    else this.close(key, now);
    this.note({ atMs: msOf(now), kind: on ? 'panicOn' : 'panicOff', ...this.where(edge, caller) });
  }

  overflowed(edge: number, now: number): void {
    if (this.isMeasured(now)) this.recorder.overflows[edge]!++;
  }

  budgetRefused(edge: number, now: number): void {
    if (this.isMeasured(now)) this.recorder.budgetRefusals[edge]!++;
  }

  /** Close what is still open when the run ends. */
  finish(now: number): void {
    for (const key of [...this.open.keys()]) this.close(key, now);
  }

  private close(key: string, now: number): void {
    const entry = this.open.get(key);
    if (entry === undefined) return;
    this.open.delete(key);
    entry.column[entry.index]! += Math.max(0, Math.min(now, this.plan.durationNs) - Math.max(entry.since, this.plan.warmupNs));
  }

  private isMeasured(now: number): boolean {
    return now >= this.plan.warmupNs && now <= this.plan.durationNs;
  }

  private where(edge: number, caller: number): { readonly edge: string; readonly caller: string } {
    const { name, from } = this.plan.edges[edge]!;
    const callers = from.kind === 'traffic' ? this.plan.traffic : this.plan.services;
    return { edge: name, caller: `${callers[from.index]!.name}/${caller}` };
  }

  private note(event: EventResult): void {
    if (this.events.length < EVENT_LIMIT) this.events.push(event);
    else this.droppedEvents++;
  }
}
