/**
 * The world of an engine that is fed a recording: it carries nothing out, and knows what the engine has asked for, so that
 * no input is brought to the engine that no world could bring.
 */
import type { AttemptRow } from '../engine/calls.ts';
import type { Engine } from '../engine/engine.ts';
import type { EngineObserver, WorldPort } from '../engine/ports.ts';
import type { AttemptId, EndpointId, TimerId } from '../model/ids.ts';
import type { Plan } from '../model/plan.ts';

export class ReplayedWorld implements WorldPort {
  private readonly plan: Plan;
  private readonly wasOpen: () => boolean;
  private readonly attempts: Set<AttemptId> = new Set();
  private readonly openings: Set<string> = new Set();
  private readonly probes: Set<string> = new Set();
  private readonly timers: Map<TimerId, number> = new Map();

  /** @param wasOpen  what the recorded world answered to the `open` that comes now */
  constructor(plan: Plan, wasOpen: () => boolean) {
    this.plan = plan;
    this.wasOpen = wasOpen;
  }

  // --- whether somebody waits for an input; what is answered is answered once ---

  mayBegin(edge: number, caller: number, requestClass: number): boolean {
    const { edges, services, traffic } = this.plan;
    const from = edges[edge]?.from;
    if (from === undefined) return false;
    const callers = from.kind === 'traffic' ? traffic[from.index]!.clients : services[from.index]!.replicas;
    return isIndex(caller, callers) && isIndex(requestClass, traffic.reduce((sum, { classes }) => sum + classes.length, 0));
  }

  mayAbandon(engine: Engine, call: number): boolean {
    return (engine.calls.rows[call]?.begunAt ?? -1) >= 0;
  }

  mayLose(service: number, endpoint: number): boolean {
    const { firstEndpoint, replicas } = this.plan.services[service] ?? { firstEndpoint: 0, replicas: 0 };
    return isIndex(endpoint - firstEndpoint, replicas);
  }

  isAnswered(attempt: AttemptId): boolean {
    return this.attempts.delete(attempt);
  }

  isOpened(outbound: number, connection: number): boolean {
    return this.openings.delete(`${outbound} ${connection}`);
  }

  isChecked(outbound: number, endpoint: EndpointId, serial: number): boolean {
    return this.probes.delete(`${outbound} ${endpoint} ${serial}`);
  }

  isDue(timer: TimerId, now: number): boolean {
    return (this.timers.get(timer) ?? Infinity) <= now && this.timers.delete(timer);
  }

  // --- what the engine asks ---

  open(outbound: number, connection: number): boolean {
    const isOpen = this.wasOpen();
    if (!isOpen) this.openings.add(`${outbound} ${connection}`);
    return isOpen;
  }

  closed(): void {}

  send({ id }: AttemptRow): void {
    this.attempts.add(id);
  }

  cancel(): void {}

  unsent(): void {}

  probe(outbound: number, endpoint: EndpointId, serial: number): void {
    this.probes.add(`${outbound} ${endpoint} ${serial}`);
  }

  arm(timer: TimerId, due: number): void {
    this.timers.set(timer, due);
  }

  disarm(timer: TimerId): void {
    this.timers.delete(timer);
  }

  settle(): void {}
}

/** Nobody listens: what an engine tells its observer is on the tape. */
export const NOBODY: EngineObserver = {
  ejected() {},
  unejected() {},
  breakerOpened() {},
  breakerClosed() {},
  refusing() {},
  shedding() {},
  panicked() {},
  overflowed() {},
  budgetRefused() {},
};

function isIndex(value: number, count: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < count;
}
