/**
 * The connections of one caller endpoint to the endpoints of one service, and Envoy's limits on them
 * (envoy.md 7, 8): a request takes the most recently used idle connection of its endpoint; without one it
 * counts as pending, and opens a connection if the limit allows or the endpoint has none at all; else it
 * waits in its endpoint's queue. A freed connection serves the oldest waiting request of its endpoint.
 *
 * A request that opens a connection is on it from the start: how long opening takes is the world's affair.
 * HTTP/2 keeps one connection to each endpoint, shared by all requests.
 */
import { NONE } from '../../model/ids.ts';
import type { ConnectionPoolPlan } from '../../model/plan.ts';
import { Rows, doubled } from '../../model/columns.ts';
import type { EndpointSet } from '../endpoints.ts';

export const Admission = {
  /** On an open connection. */
  reused: 0,
  /** On a connection that must be opened. */
  fresh: 1,
  /** In the endpoint's queue. */
  waiting: 2,
  /** Refused by a limit. */
  overflow: 3,
} as const;
export type Admission = (typeof Admission)[keyof typeof Admission];

export class ConnectionPool {
  /** Requests waiting for a connection. */
  pending: number = 0;
  /** Connection of the last `admit` or `nextFor` that attached a request. */
  attached: number = NONE;
  private open: number = 0;
  private readonly limits: ConnectionPoolPlan;
  private readonly set: EndpointSet;
  private readonly isShared: boolean;
  private readonly openTo: Int32Array;
  /** Most recently used idle connection by endpoint, then `below` it. */
  private readonly idleTop: Int32Array;
  private readonly rows: Rows = new Rows(64);
  private below: Int32Array = new Int32Array(64);
  private served: Int32Array = new Int32Array(64);
  private idleSince: Float64Array = new Float64Array(64);

  constructor(limits: ConnectionPoolPlan, set: EndpointSet) {
    this.limits = limits;
    this.set = set;
    this.isShared = limits.protocol === 'http2';
    this.openTo = new Int32Array(set.size);
    this.idleTop = new Int32Array(set.size).fill(NONE);
  }

  /** May one more request go to this endpoint now? On `waiting` the caller queues it and counts `pending`. */
  admit(endpoint: number, now: number): Admission {
    if (this.takeIdle(endpoint, now)) {
      if (this.set.activeTotal < this.limits.maxRequests) return Admission.reused;
      this.giveBack(endpoint, now);
      return Admission.overflow;
    }
    if (this.isShared && this.openTo[endpoint]! > 0) {
      return this.set.activeTotal < this.limits.maxRequests ? Admission.reused : Admission.overflow;
    }
    if (this.pending >= this.limits.maxPendingRequests) return Admission.overflow;
    if (!this.mayOpen(endpoint, now)) return Admission.waiting;
    if (this.set.activeTotal >= this.limits.maxRequests) return Admission.overflow;
    this.attached = this.openConnection(endpoint);
    return Admission.fresh;
  }

  /** A request is off its connection. `keep` when the connection can serve another. */
  release(endpoint: number, connection: number, keep: boolean, now: number): void {
    if (this.isShared) {
      if (!keep) this.closeShared(endpoint);
      return;
    }
    this.served[connection]!++;
    if (keep && this.served[connection]! < this.limits.maxRequestsPerConnection) this.putIdle(endpoint, connection, now);
    else this.close(endpoint, connection);
  }

  /** For the oldest request that waits for this endpoint: `reused`, `fresh`, or still `waiting`. */
  nextFor(endpoint: number, now: number): Admission {
    if (this.set.activeTotal >= this.limits.maxRequests) return Admission.waiting;
    if (this.takeIdle(endpoint, now)) return Admission.reused;
    if (!this.mayOpen(endpoint, now)) return Admission.waiting;
    this.attached = this.openConnection(endpoint);
    return Admission.fresh;
  }

  /** The endpoint went away: its idle connections are gone. */
  dropIdle(endpoint: number): void {
    for (let connection = this.idleTop[endpoint]!; connection !== NONE; ) {
      const next = this.below[connection]!;
      this.close(endpoint, connection);
      connection = next;
    }
    this.idleTop[endpoint] = NONE;
    if (this.isShared) this.closeShared(endpoint);
  }

  private mayOpen(endpoint: number, now: number): boolean {
    if (this.open >= this.limits.maxConnections) this.closeExpired(now);
    return this.open < this.limits.maxConnections || this.openTo[endpoint] === 0;
  }

  /** Idle connections past their time are closed when somebody needs the room; until then nobody can tell. */
  private closeExpired(now: number): void {
    for (let endpoint = 0; endpoint < this.set.size; endpoint++) {
      const top = this.idleTop[endpoint]!;
      if (top === NONE) continue;
      if (this.hasExpired(top, now)) {
        this.dropIdle(endpoint);
        continue;
      }
      // The most recently used come first, so all below the first expired one have expired.
      let last = top;
      while (this.below[last]! !== NONE && !this.hasExpired(this.below[last]!, now)) last = this.below[last]!;
      for (let connection = this.below[last]!; connection !== NONE; ) {
        const next = this.below[connection]!;
        this.close(endpoint, connection);
        connection = next;
      }
      this.below[last] = NONE;
    }
  }

  private hasExpired(connection: number, now: number): boolean {
    return now - this.idleSince[connection]! >= this.limits.idleTimeoutNs;
  }

  private takeIdle(endpoint: number, now: number): boolean {
    const connection = this.idleTop[endpoint]!;
    if (connection === NONE) return false;
    if (this.hasExpired(connection, now)) {
      // The most recently used one has expired, so all below it have.
      this.dropIdle(endpoint);
      return false;
    }
    this.idleTop[endpoint] = this.below[connection]!;
    this.attached = connection;
    return true;
  }

  private giveBack(endpoint: number, now: number): void {
    this.putIdle(endpoint, this.attached, now);
  }

  private putIdle(endpoint: number, connection: number, now: number): void {
    this.idleSince[connection] = now;
    this.below[connection] = this.idleTop[endpoint]!;
    this.idleTop[endpoint] = connection;
  }

  private openConnection(endpoint: number): number {
    this.open++;
    this.openTo[endpoint]!++;
    if (this.isShared) return NONE;
    const connection = this.rows.take();
    if (connection >= this.rows.capacity) {
      this.rows.grown();
      this.below = doubled(this.below);
      this.served = doubled(this.served);
      this.idleSince = doubled(this.idleSince);
    }
    this.served[connection] = 0;
    return connection;
  }

  private closeShared(endpoint: number): void {
    this.open -= this.openTo[endpoint]!;
    this.openTo[endpoint] = 0;
  }

  private close(endpoint: number, connection: number): void {
    this.open--;
    this.openTo[endpoint]!--;
    this.rows.release(connection);
  }
}
