/** Limits of what is going on at once, counted from what the engine does and not from its own counts. */
import type { ConcurrencyGate } from '../engine/admission/concurrency-gate.ts';
import type { AttemptRow, CallRow } from '../engine/calls.ts';
import { Outcome } from '../model/outcome.ts';
import { NONE } from '../model/ids.ts';
import type { Audit } from './audit.ts';
import { Check } from './invariant.ts';
import { RetrySlots } from './retry-slots.ts';

export function inFlightChecks(audit: Audit): readonly Check[] {
  const some = (has: (policy: Audit['policies'][number]) => boolean): boolean => audit.policies.some(has);
  return [
    ...(some(({ connectionPool }) => connectionPool !== null) ? [new PoolLimits(audit)] : []),
    ...(some(({ connectionPool, retries }) => retries !== null && connectionPool !== null && connectionPool.maxRetries !== Infinity) ? [new RetriesAtOnce(audit)] : []),
    ...(some(({ concurrencyLimit }) => concurrencyLimit !== null) ? [new CallsAtOnce(audit)] : []),
    ...(some(({ rateLimit }) => rateLimit !== null) ? [new CallsPerSecond(audit)] : []),
  ];
}

/** What is known of a connection that has not been closed. */
interface Connection {
  readonly endpoint: number;
  isUsable: boolean;
  /** Requests on it, and all that it has had. */
  busy: number;
  served: number;
}

/** Envoy's circuit breakers of a cluster, and what a connection takes (envoy.md 7, 8). */
class PoolLimits extends Check {
  /** By outbound, by connection. */
  private readonly connections: readonly Map<number, Connection>[] = this.audit.outbounds.map(() => new Map());
  /** By outbound: connections that are being opened or can be used. */
  private readonly usable: Int32Array = new Int32Array(this.audit.outbounds.length);
  /** The same by place. */
  private readonly usableAt: Int32Array = new Int32Array(this.audit.firstPlace[this.audit.outbounds.length]!);

  override open(outbound: number, connection: number, endpoint: number): void {
    const { audit } = this;
    const pool = audit.policies[outbound]!.connectionPool;
    const place = audit.placeAt(outbound, endpoint);
    if (pool !== null && this.usable[outbound]! >= pool.maxConnections && this.usableAt[place]! > 0) {
      audit.report('in-flight-limits', { outbound, decision: `a connection to ${audit.nameOfPlace(place)} was opened beside ${this.usable[outbound]} others, of at most ${pool.maxConnections}` });
    }
    this.connections[outbound]!.set(connection, { endpoint: place, isUsable: true, busy: 0, served: 0 });
    this.usable[outbound]!++;
    this.usableAt[place]!++;
  }

  override closed(outbound: number, connection: number): void {
    this.lose(outbound, connection);
    this.connections[outbound]!.delete(connection);
  }

  override openFailed(outbound: number, connection: number): void {
    this.lose(outbound, connection);
  }

  override connectionsLost(_service: number, endpoint: number): void {
    for (const { edge, index } of this.audit.outbounds) {
      const { firstEndpoint, replicas } = this.audit.plan.services[this.audit.plan.edges[edge]!.to]!;
      if (endpoint < firstEndpoint || endpoint >= firstEndpoint + replicas) continue;
      const place = this.audit.placeAt(index, endpoint);
      // Those being opened stay in the count: too many of them would be found all the same.
      for (const [connection, one] of this.connections[index]!) if (one.endpoint === place) this.lose(index, connection);
    }
  }

  override send({ connection: id, id: attempt }: AttemptRow): void {
    const { audit } = this;
    const outbound = audit.backendOf(attempt);
    const pool = audit.policies[outbound]!.connectionPool;
    if (pool === null) return;
    const call = audit.callOf(attempt);
    const active = audit.activeOn(outbound);
    if (active > pool.maxRequests) audit.report('in-flight-limits', { call, attempt, outbound, decision: `it was sent beside ${active - 1} others, of at most ${pool.maxRequests} requests at once` });
    const pending = audit.outbounds[outbound]!.pools!.pending;
    if (pending > pool.maxPendingRequests) audit.report('in-flight-limits', { call, attempt, outbound, decision: `${pending} requests wait for a connection, of at most ${pool.maxPendingRequests}` });
    const connection = this.connections[outbound]!.get(id);
    if (connection === undefined) {
      audit.report('in-flight-limits', { call, attempt, outbound, decision: `it was sent on connection ${id}, which is not there` });
      return;
    }
    connection.busy++;
    connection.served++;
    const streams = pool.protocol === 'http1' ? 1 : pool.maxConcurrentStreams;
    if (connection.busy > streams) audit.report('in-flight-limits', { call, attempt, outbound, decision: `it was sent on a connection with ${connection.busy - 1} other requests, of at most ${streams}` });
    if (connection.served > pool.maxRequestsPerConnection) audit.report('in-flight-limits', { call, attempt, outbound, decision: `it is the ${connection.served}th request on a connection that takes ${pool.maxRequestsPerConnection}` });
  }

  override attemptDone(attempt: number, outcome: Outcome): void {
    this.leave(attempt, outcome !== Outcome.reset);
  }

  override cancel(attempt: number): void {
    this.leave(attempt, this.audit.policies[this.audit.backendOf(attempt)]!.connectionPool?.protocol === 'http2');
  }

  private leave(attempt: number, keepsConnection: boolean): void {
    const outbound = this.audit.backendOf(attempt);
    const { connection: id } = this.audit.engine.attempts.rows[attempt]!;
    if (id === NONE) return;
    const connection = this.connections[outbound]!.get(id);
    if (connection !== undefined) connection.busy--;
    if (!keepsConnection) this.lose(outbound, id);
  }

  /** It takes no more requests. */
  private lose(outbound: number, id: number): void {
    const connection = this.connections[outbound]!.get(id);
    if (connection === undefined || !connection.isUsable) return;
    connection.isUsable = false;
    this.usable[outbound]!--;
    this.usableAt[connection.endpoint]!--;
  }
}

class RetriesAtOnce extends RetrySlots {
  protected judge(row: CallRow, outbound: number): void {
    const { connectionPool, retries } = this.audit.policies[outbound]!;
    // A budget of the share kind takes its place.
    if (connectionPool === null || retries?.budget?.kind === 'concurrency' || this.takenBy(outbound) < connectionPool.maxRetries) return;
    this.audit.report('in-flight-limits', { call: row.id, outbound, decision: `a retry was granted beside ${this.takenBy(outbound)} others, of at most ${connectionPool.maxRetries}` });
  }
}

/** The limit moves by what it learns; what counts towards it is counted here. */
class CallsAtOnce extends Check {
  private readonly calls: Int32Array = new Int32Array(this.audit.outbounds.length);
  private readonly gates: readonly (ConcurrencyGate | null)[] = this.audit.outbounds.map(({ gates }) => {
    const found = gates?.['gates'].find((gate) => 'adaptive' in gate) ?? null;
    return found as ConcurrencyGate | null; // only that one has an adaptive limit
  });

  override begun(call: number): void {
    const outbound = this.audit.outboundOf(call);
    const gate = this.gates[outbound]!;
    if (gate === null || this.audit.engine.calls.rows[call]!.gateInFlight === 0) return;
    const calls = ++this.calls[outbound]!;
    const { limit } = gate['adaptive'];
    if (calls > limit) this.audit.report('in-flight-limits', { call, outbound, decision: `it was let in beside ${calls - 1} other calls, of at most ${limit}` });
  }

  override settle({ gateInFlight, id }: CallRow): void {
    if (gateInFlight > 0) this.calls[this.audit.outboundOf(id)]!--;
  }
}

/** A bucket of tokens that fills all the time. Instants are whole ns: a token is there by so much early. */
const EARLY_NS = 1.2;

class CallsPerSecond extends Check {
  /** By outbound. Without a burst as many as come in a second, at least one. */
  private readonly bursts: Float64Array = Float64Array.from(this.audit.policies, ({ rateLimit }) => (rateLimit === null ? 0 : rateLimit['burst'] === Infinity ? Math.max(1, Number(rateLimit['rate'])) : Number(rateLimit['burst'])));
  private readonly tokens: Float64Array = this.bursts.slice();
  private readonly filledAt: Float64Array = new Float64Array(this.audit.policies.length);

  override begun(call: number, now: number): void {
    const outbound = this.audit.outboundOf(call);
    const options = this.audit.policies[outbound]!.rateLimit;
    const { deadline, verdict } = this.audit.engine.calls.rows[call]!;
    if (options === null || verdict === Outcome.rateLimited || deadline <= now) return;
    const perNs = Number(options['rate']) / 1e9;
    const tokens = Math.min(this.bursts[outbound]!, this.tokens[outbound]! + (now - this.filledAt[outbound]!) * perNs);
    this.filledAt[outbound] = now;
    this.tokens[outbound] = Math.max(0, tokens - 1);
    if (tokens < 1 - EARLY_NS * perNs - 1e-9) this.audit.report('in-flight-limits', { call, outbound, decision: `it was let in with ${Number(tokens.toFixed(3))} tokens in its rate limit, and takes one` });
  }
}
