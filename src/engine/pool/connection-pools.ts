/**
 * Envoy's connection pools of one caller endpoint, one for each endpoint of a service, and its circuit breakers
 * over all of them (envoy.md 7, 8; `source/common/conn_pool/conn_pool_base.cc`, 1.38).
 *
 * A request takes the connection of its endpoint that became ready last. Without a ready one it is pending, whatever
 * happens next: connections are opened for those pending, and each connection that becomes ready, new or freed,
 * serves the oldest. Nothing overtakes a handshake.
 *
 *   connecting --(open)--> ready --(as many requests as it takes)--> busy --(one ended)--> ready
 *   ready | busy --(its last allowed request)--> draining --(its requests ended)--> closed
 *
 * Limits: pending requests when one must wait; requests when one gets its connection, also from the queue, where it
 * fails; connections when one is opened, but an endpoint without any always gets one. Both failures are
 * `overflow`.
 *
 * The caller keeps the queues: after `waiting`, and whenever a connection was opened, freed or closed, it asks `next`
 * until that says `nobody`. Idle connections past their time are closed when somebody looks for one or needs the
 * room; until then nobody can tell.
 *
 * Left out: limits of one endpoint (`per_host_thresholds`), preconnecting by what the balancer will pick next.
 */
import { doubled, Rows } from '../../model/columns.ts';
import { NONE } from '../../model/ids.ts';
import type { ConnectionPoolPlan } from '../../model/plan.ts';
import type { EndpointSet } from '../endpoints.ts';

export interface Connector {
  /** Open a connection. False when that takes time: `opened` or `openFailed` follows, never from within. */
  open(connection: number, endpoint: number, now: number): boolean;
  /** It is gone, and nothing on it any more; its number may be given away again. */
  closed(connection: number): void;
}

export const Place = {
  /** On the connection `attached`. */
  attached: 0,
  /** In the endpoint's queue. */
  waiting: 1,
  /** Refused by a limit. */
  overflow: 2,
  /** `next` only: nobody waits, or no connection is ready. */
  nobody: 3,
} as const;
export type Place = (typeof Place)[keyof typeof Place];

const CONNECTING = 0;
const READY = 1;
const BUSY = 2;
const DRAINING = 3;
/** Gone for new requests; its row is free when the last one on it has ended. */
const CLOSED = 4;

/** Connections that one request may set off (`tryCreateNewConnections`). */
const OPENED_AT_ONCE = 3;

/**
 * How many connections to open for the requests of one endpoint.
 * @param connectingCapacity  requests that connections being opened will take
 * @param capacity            requests that a new connection will take
 */
export function connectionsToOpen(pending: number, active: number, connectingCapacity: number, capacity: number, ratio: number, isReady: boolean): number {
  let count = 0;
  for (let connecting = connectingCapacity; count < OPENED_AT_ONCE; count++, connecting += capacity) {
    // Nothing is opened ahead to an endpoint that is not ready.
    const isEnough = isReady ? (pending + active) * ratio <= connecting + active : pending <= connecting;
    if (isEnough) break;
  }
  return count;
}

export class ConnectionPools {
  /** Requests in queues. */
  pending: number = 0;
  /** Requests on connections. */
  active: number = 0;
  /** Connections, those being opened included. */
  connections: number = 0;
  /** How often a connection was wanted and the limit reached. */
  connectionOverflows: number = 0;
  /** Connection of the last `request` or `next` that attached one. */
  attached: number = NONE;
  /** Whether a connection outlives a request on it that is cancelled: HTTP/2 loses one stream, HTTP/1 the connection. */
  readonly survivesCancel: boolean;
  private readonly limits: ConnectionPoolPlan;
  private readonly set: EndpointSet;
  private readonly connector: Connector;
  /** Requests that a connection takes at once. */
  private readonly streams: number;
  // By endpoint.
  private readonly connectionsTo: Int32Array;
  private readonly pendingTo: Int32Array;
  private readonly activeTo: Int32Array;
  private readonly connectingCapacity: Float64Array;
  /** The connection that became ready last, then `below` it. */
  private readonly readyTop: Int32Array;
  // By connection.
  private readonly rows: Rows = new Rows(16);
  private endpoints: Int32Array = new Int32Array(16);
  private states: Uint8Array = new Uint8Array(16);
  private busy: Int32Array = new Int32Array(16);
  /** Requests it may still take; Infinity where there is no limit. */
  private remaining: Float64Array = new Float64Array(16);
  private below: Int32Array = new Int32Array(16);
  /** Since when it has nothing to do or is being opened, ns. */
  private idleSince: Float64Array = new Float64Array(16);
  private readonly openAtOnce: Int32Array = new Int32Array(OPENED_AT_ONCE);

  constructor(limits: ConnectionPoolPlan, set: EndpointSet, connector: Connector) {
    this.limits = limits;
    this.set = set;
    this.connector = connector;
    this.streams = limits.protocol === 'http1' ? 1 : limits.maxConcurrentStreams;
    this.survivesCancel = limits.protocol === 'http2';
    this.connectionsTo = new Int32Array(set.size);
    this.pendingTo = new Int32Array(set.size);
    this.activeTo = new Int32Array(set.size);
    this.connectingCapacity = new Float64Array(set.size);
    this.readyTop = new Int32Array(set.size).fill(NONE);
  }

  /** A new request to this endpoint. */
  request(endpoint: number, now: number): Place {
    if (this.findReady(endpoint, now) !== NONE) {
      if (this.active >= this.limits.maxRequests) return Place.overflow;
      this.attach(endpoint);
      // Envoy looks ahead after each request, which matters only where connections are opened ahead.
      if (this.limits.perUpstreamPreconnectRatio > 1) this.openMissing(endpoint, now);
      return Place.attached;
    }
    if (this.pending >= this.limits.maxPendingRequests) return Place.overflow;
    this.pending++;
    this.pendingTo[endpoint]!++;
    this.openMissing(endpoint, now);
    return Place.waiting;
  }

  /** May the oldest who waits for this endpoint go? It has left the queue, also by `overflow`, unless `nobody`. */
  next(endpoint: number, now: number): Place {
    if (this.pendingTo[endpoint] === 0 || this.findReady(endpoint, now) === NONE) return Place.nobody;
    this.leave(endpoint);
    if (this.active >= this.limits.maxRequests) return Place.overflow;
    this.attach(endpoint);
    return Place.attached;
  }

  /** One who waited gave up. What is being opened for it stays. */
  leave(endpoint: number): void {
    this.pending--;
    this.pendingTo[endpoint]!--;
  }

  opened(connection: number, now: number): void {
    this.connected(connection);
    this.idleSince[connection] = now;
    this.pushReady(connection);
  }

  /**
   * The connection could not be opened. All who wait for its endpoint are out of the queue (envoy.md 7): the caller fails
   * one after the other, and tells `purged` of each. Who comes meanwhile gets another connection.
   */
  openFailed(connection: number, now: number): void {
    const endpoint = this.endpoints[connection]!;
    this.connected(connection);
    this.pendingTo[endpoint] = 0;
    this.close(connection);
    // What was refused without taking time would be refused again and again, and no time would ever pass.
    if (now > this.idleSince[connection]!) this.openMissing(endpoint, now);
  }

  /** One of those that `openFailed` took out of the queue fails now; until then it is among the pending. */
  purged(): void {
    this.pending--;
  }

  /** A request is off its connection. @param keep  the connection can serve another */
  finished(connection: number, keep: boolean, now: number): void {
    const endpoint = this.endpoints[connection]!;
    this.active--;
    this.activeTo[endpoint]!--;
    const left = --this.busy[connection]!;
    const state = this.states[connection]!;
    if (state === CLOSED) {
      if (left === 0) this.release(connection);
      return;
    }
    if (!keep || (state === DRAINING && left === 0)) {
      this.close(connection);
      // Who waits for a connection that was lost gets another.
      if (this.pendingTo[endpoint]! > 0) this.openMissing(endpoint, now);
      return;
    }
    if (left === 0) this.idleSince[connection] = now;
    if (state === BUSY) this.pushReady(connection);
  }

  /** The endpoint went away, and with it its open connections. Each request on them still ends by itself; who waits gets others. */
  lost(endpoint: number, now: number): void {
    const { endpoints, rows, states } = this;
    for (let connection = 0; connection < rows.end; connection++) {
      const state = states[connection]!;
      if (endpoints[connection] === endpoint && (state === READY || state === BUSY || state === DRAINING)) this.close(connection);
    }
    if (this.pendingTo[endpoint]! > 0) this.openMissing(endpoint, now);
  }

  endpointOf(connection: number): number {
    return this.endpoints[connection]!;
  }

  private findReady(endpoint: number, now: number): number {
    const top = this.readyTop[endpoint]!;
    if (top !== NONE && this.hasExpired(top, now)) this.closeExpired(endpoint, now);
    return this.readyTop[endpoint]!;
  }

  private attach(endpoint: number): void {
    const connection = this.readyTop[endpoint]!;
    this.attached = connection;
    this.active++;
    this.activeTo[endpoint]!++;
    const busy = ++this.busy[connection]!;
    const isLast = --this.remaining[connection]! === 0;
    if (!isLast && busy < this.streams) return;
    this.states[connection] = isLast ? DRAINING : BUSY;
    this.readyTop[endpoint] = this.below[connection]!;
  }

  private openMissing(endpoint: number, now: number): void {
    const { limits, connectingCapacity } = this;
    const capacity = Math.min(this.streams, limits.maxRequestsPerConnection);
    const wanted = connectionsToOpen(this.pendingTo[endpoint]!, this.activeTo[endpoint]!, connectingCapacity[endpoint]!, capacity, limits.perUpstreamPreconnectRatio, this.set.isReady(endpoint));
    let openAtOnce = 0;
    for (let i = 0; i < wanted; i++) {
      if (this.connections >= limits.maxConnections) this.closeAllExpired(now);
      const isFull = this.connections >= limits.maxConnections;
      if (isFull) this.connectionOverflows++;
      if (isFull && this.connectionsTo[endpoint]! > 0) break;
      const connection = this.add(endpoint, capacity, now);
      if (this.connector.open(connection, endpoint, now)) this.openAtOnce[openAtOnce++] = connection;
      if (isFull) break;
    }
    for (let i = 0; i < openAtOnce; i++) this.opened(this.openAtOnce[i]!, now);
  }

  private add(endpoint: number, capacity: number, now: number): number {
    const connection = this.rows.take();
    if (connection >= this.rows.capacity) this.grow();
    this.endpoints[connection] = endpoint;
    this.states[connection] = CONNECTING;
    this.busy[connection] = 0;
    this.idleSince[connection] = now;
    this.remaining[connection] = this.limits.maxRequestsPerConnection;
    this.connections++;
    this.connectionsTo[endpoint]!++;
    this.connectingCapacity[endpoint]! += capacity;
    return connection;
  }

  /** It is no longer being opened. */
  private connected(connection: number): void {
    const endpoint = this.endpoints[connection]!;
    const capacity = Math.min(this.streams, this.limits.maxRequestsPerConnection);
    // Without a limit on either, none of the sums is a number any more, and none is needed.
    this.connectingCapacity[endpoint] = capacity === Infinity ? 0 : this.connectingCapacity[endpoint]! - capacity;
  }

  private pushReady(connection: number): void {
    const endpoint = this.endpoints[connection]!;
    this.states[connection] = READY;
    this.below[connection] = this.readyTop[endpoint]!;
    this.readyTop[endpoint] = connection;
  }

  private hasExpired(connection: number, now: number): boolean {
    return this.busy[connection] === 0 && now - this.idleSince[connection]! >= this.limits.idleTimeoutNs;
  }

  private closeAllExpired(now: number): void {
    if (this.limits.idleTimeoutNs === Infinity) return;
    for (let endpoint = 0; endpoint < this.set.size; endpoint++) this.closeExpired(endpoint, now);
  }

  private closeExpired(endpoint: number, now: number): void {
    for (let connection = this.readyTop[endpoint]!; connection !== NONE; ) {
      const next = this.below[connection]!;
      if (this.hasExpired(connection, now)) this.close(connection);
      connection = next;
    }
  }

  private close(connection: number): void {
    const endpoint = this.endpoints[connection]!;
    if (this.states[connection] === READY) this.unlink(connection, endpoint);
    this.connections--;
    this.connectionsTo[endpoint]!--;
    this.states[connection] = CLOSED;
    if (this.busy[connection] === 0) this.release(connection);
  }

  private release(connection: number): void {
    this.rows.release(connection);
    this.connector.closed(connection);
  }

  private unlink(connection: number, endpoint: number): void {
    if (this.readyTop[endpoint] === connection) {
      this.readyTop[endpoint] = this.below[connection]!;
      return;
    }
    let above = this.readyTop[endpoint]!;
    while (this.below[above] !== connection) above = this.below[above]!;
    this.below[above] = this.below[connection]!;
  }

  private grow(): void {
    this.rows.grown();
    this.endpoints = doubled(this.endpoints);
    this.states = doubled(this.states);
    this.busy = doubled(this.busy);
    this.remaining = doubled(this.remaining);
    this.below = doubled(this.below);
    this.idleSince = doubled(this.idleSince);
  }
}
