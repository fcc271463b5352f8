/**
 * Connections on their way to being open: one round trip for the TCP handshake, refused by an endpoint that is down, held
 * by a cut edge until that heals, and given up at the connect timeout.
 */
import type { EndpointId } from '../model/ids.ts';

/** A handshake; its row serves another when it is over. */
export interface Opening {
  outbound: number;
  /** As the outbound numbers it. */
  connection: number;
  endpoint: EndpointId;
  /** Of all connections of the outbound, from 1: with the outbound what tells it from all others, for keyed randomness. */
  serial: number;
  /** When it is given up, ns; `NEVER_GIVEN_UP` once it is sure to be open or refused by then, and while the row is free. */
  until: number;
}

export const NEVER_GIVEN_UP = -1;

export class Openings {
  private readonly rows: Opening[] = [];
  private readonly free: number[] = [];
  /** Connections begun, by outbound. */
  private readonly serials: number[] = [];

  take(outbound: number, connection: number, endpoint: EndpointId, until: number): number {
    const serial = (this.serials[outbound] ?? 0) + 1;
    this.serials[outbound] = serial;
    const id = this.free.pop() ?? this.rows.length;
    this.rows[id] = { outbound, connection, endpoint, serial, until };
    return id;
  }

  of(id: number): Opening {
    return this.rows[id]!;
  }

  release(id: number): void {
    this.rows[id]!.until = NEVER_GIVEN_UP;
    this.free.push(id);
  }
}
