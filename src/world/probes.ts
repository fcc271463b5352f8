/** Active health checks on their way: there, past queue and slots of the endpoint, and back. */
import { CheckResult } from '../engine/breaker/health-checks.ts';
import type { EndpointId } from '../model/ids.ts';

/** A check; its row serves another when it is answered or lost. */
export interface Probe {
  outbound: number;
  endpoint: EndpointId;
  serial: number;
  result: CheckResult;
}

export class Probes {
  private readonly rows: Probe[] = [];
  private readonly free: number[] = [];

  take(outbound: number, endpoint: EndpointId, serial: number): number {
    const probe = { outbound, endpoint, serial, result: CheckResult.pass };
    const id = this.free.pop() ?? this.rows.length;
    this.rows[id] = probe;
    return id;
  }

  of(id: number): Probe {
    return this.rows[id]!;
  }

  release(id: number): void {
    this.free.push(id);
  }
}

/** Checks that wait for the same to be over. Of each endpoint only the last of a caller does: who checks anew has given up the one before. */
export class HeldProbes {
  private readonly probes: Probes;
  private ids: Map<string, number> = new Map();

  constructor(probes: Probes) {
    this.probes = probes;
  }

  hold(id: number): void {
    const { endpoint, outbound } = this.probes.of(id);
    const key = `${outbound} ${endpoint}`;
    const before = this.ids.get(key);
    if (before !== undefined) this.probes.release(before);
    // The last to come is the last to go on.
    this.ids.delete(key);
    this.ids.set(key, id);
  }

  /** All of them, in the order in which they came. */
  release(): Iterable<number> {
    const { ids } = this;
    this.ids = new Map();
    return ids.values();
  }
}

/** What tells this check from all others, for keyed randomness. */
export function probeKey({ outbound, endpoint, serial }: Probe): { readonly hi: number; readonly lo: number } {
  return { hi: Math.imul(serial + 1, 0x9e3779b1) ^ outbound, lo: ~endpoint };
}
