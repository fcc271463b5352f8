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

/** What tells this check from all others, for keyed randomness. */
export function probeKey({ outbound, endpoint, serial }: Probe): { readonly hi: number; readonly lo: number } {
  return { hi: Math.imul(serial + 1, 0x9e3779b1) ^ outbound, lo: ~endpoint };
}
