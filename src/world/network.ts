/**
 * How long a message takes: the link between two zones, what a fault adds to the edge, the proxies on the
 * way, and what is lost. A lost segment is sent again by TCP after its retransmission timeout, which doubles each time, until TCP gives
 * up and the connection is reset.
 */
import { Condition, type Conditions } from '../fault/conditions.ts';
import type { Plan } from '../model/plan.ts';
import { createSampler } from '../random/distribution/registry.ts';
import type { Sampler } from '../random/distribution/sampler.ts';
import { Draw, Stream } from '../random/hash.ts';

/** What TCP does for a segment that is not acknowledged, on Linux: the first wait for that, ns, and how often it is sent again. */
interface Patience {
  readonly firstNs: number;
  readonly again: number;
}

/** TCP_RTO_MIN, tcp_retries2. */
const DATA: Patience = { firstNs: 200e6, again: 15 };
/** Nothing is known yet of the way there and back: TCP_TIMEOUT_INIT (RFC 6298, 2.1), tcp_syn_retries. */
const HANDSHAKE: Patience = { firstNs: 1e9, again: 6 };

/** When TCP gives up on a segment that is lost every time, and on a connection, ns. */
export const GIVE_UP_NS: number = wholeNs(DATA);
export const CONNECT_GIVE_UP_NS: number = wholeNs(HANDSHAKE);

function wholeNs({ again, firstNs }: Patience): number {
  return firstNs * (2 ** (again + 1) - 1);
}

/** The message never arrives: the connection is reset after the last retransmission. */
export const LOST = -1;

export class Network {
  /** Whether some link has latency, so that opening a connection takes time. */
  readonly modelsConnections: boolean;
  /** 1 while messages of the edge take no time and meet no fault. */
  readonly isPlain: Uint8Array;
  private readonly isInstant: Uint8Array;
  private readonly overhead: readonly (Sampler | null)[];
  /** What sockets add to attempts, and to opening a connection. */
  private readonly onSocket: readonly (Sampler | null)[];
  private readonly onOpening: readonly (Sampler | null)[];
  private readonly links: readonly (Sampler | null)[];
  private readonly zones: number;
  private readonly callerZones: readonly (readonly number[])[];
  private readonly endpointZones: Int32Array;
  private readonly loss: number;
  private readonly conditions: Conditions;
  private readonly draw: Draw = new Draw();
  private readonly streams: readonly Stream[];
  private readonly overheadStream: Stream;
  private readonly socketStream: Stream;
  private readonly openingStream: Stream;
  private readonly addedStream: Stream;
  private readonly lossStream: Stream;

  constructor(plan: Plan, seed: number, conditions: Conditions) {
    this.conditions = conditions;
    this.zones = plan.zones.length;
    this.links = plan.network.links.map((link) => (link === null ? null : createSampler(link)));
    this.modelsConnections = this.links.some((link) => link !== null);
    this.loss = plan.network.loss;
    this.overhead = plan.edges.map(({ policy }) => (policy.proxyOverhead === null ? null : createSampler(policy.proxyOverhead)));
    this.onSocket = plan.edges.map(({ sockets }) => (sockets === null ? null : createSampler(sockets.attempt)));
    this.onOpening = plan.edges.map(({ sockets }) => (sockets === null ? null : createSampler(sockets.opening)));
    this.isInstant = Uint8Array.from(this.overhead, (overhead, edge) => (overhead === null && this.onSocket[edge] === null && !this.modelsConnections && this.loss === 0 ? 1 : 0));
    this.isPlain = this.isInstant.slice();
    this.callerZones = plan.edges.map(({ from }) => (from.kind === 'traffic' ? plan.traffic[from.index]!.zones : plan.services[from.index]!.zones));
    this.endpointZones = Int32Array.from(plan.services.flatMap((service) => service.zones));
    this.streams = ['network-there', 'network-back', 'network-open', 'network-opened'].map((name) => new Stream(seed, name));
    this.overheadStream = new Stream(seed, 'proxy-overhead');
    this.socketStream = new Stream(seed, 'sockets');
    this.openingStream = new Stream(seed, 'sockets-open');
    this.addedStream = new Stream(seed, 'network-added');
    this.lossStream = new Stream(seed, 'loss');
  }

  /**
   * Latency of a request that is sent now on an open connection; ns, or LOST. What is sent at one instant is late on its socket together: one
   * turn of the event loop sends it, in its order.
   */
  there(edge: number, caller: number, endpoint: number, keyHi: number, keyLo: number, now: number): number {
    if (this.isPlain[edge] === 1) return 0;
    const latency = this.oneWay(0, DATA, edge, this.callerZones[edge]![caller]!, this.endpointZones[endpoint]!, keyHi, keyLo);
    if (latency === LOST) return LOST;
    return latency + this.sampled(this.overhead[edge]!, this.overheadStream, keyHi, keyLo) + this.sampled(this.onSocket[edge]!, this.socketStream, Math.floor(now / 2 ** 32), now | 0);
  }

  /** Time until a new connection can be used, or is refused: one round trip for the TCP handshake; ns, or LOST. The key is that of the connection. */
  opening(edge: number, caller: number, endpoint: number, keyHi: number, keyLo: number): number {
    const from = this.callerZones[edge]![caller]!;
    const to = this.endpointZones[endpoint]!;
    const open = this.oneWay(2, HANDSHAKE, edge, from, to, keyHi, keyLo);
    const opened = this.oneWay(3, HANDSHAKE, edge, to, from, keyHi, keyLo);
    if (open === LOST || opened === LOST) return LOST;
    return open + opened + this.sampled(this.onOpening[edge]!, this.openingStream, keyHi, keyLo);
  }

  /** Latency of the answer, or of a refusal; ns, or LOST. */
  back(edge: number, caller: number, endpoint: number, keyHi: number, keyLo: number): number {
    if (this.isPlain[edge] === 1) return 0;
    return this.oneWay(1, DATA, edge, this.endpointZones[endpoint]!, this.callerZones[edge]![caller]!, keyHi, keyLo);
  }

  private oneWay(leg: number, patience: Patience, edge: number, from: number, to: number, keyHi: number, keyLo: number): number {
    const { draw } = this;
    const link = this.links[from * this.zones + to]!;
    const flags = this.conditions.edgeFlags[edge]!;
    const row = this.conditions.edges[edge]!;
    const law = flags !== 0 && row.replacement !== null ? row.replacement : link;
    let latency = 0;
    if (law !== null) {
      draw.seek(this.streams[leg]!, keyHi, keyLo);
      latency = law.sample(draw);
    }
    if (flags !== 0) {
      latency *= row.factor;
      for (let i = 0; i < row.adds.length; i++) {
        draw.seek(this.addedStream, keyHi, keyLo ^ Math.imul(leg * 64 + i + 1, 0x27d4eb2f));
        latency += row.adds[i]!.sample(draw);
      }
    }
    const loss = flags === 0 ? this.loss : 1 - (1 - this.loss) * (1 - row.loss);
    if (loss > 0) {
      const delay = this.retransmissions(leg, patience, loss, keyHi, keyLo);
      if (delay === LOST) return LOST;
      latency += delay;
    }
    return Math.floor(latency + 0.5);
  }

  private sampled(law: Sampler | null, stream: Stream, keyHi: number, keyLo: number): number {
    if (law === null) return 0;
    this.draw.seek(stream, keyHi, keyLo);
    return Math.floor(law.sample(this.draw) + 0.5);
  }

  private retransmissions(leg: number, { again, firstNs }: Patience, loss: number, keyHi: number, keyLo: number): number {
    const { draw } = this;
    draw.seek(this.lossStream, keyHi, keyLo ^ Math.imul(leg + 1, 0x27d4eb2f));
    let delay = 0;
    for (let tries = 0; draw.unit() < loss; tries++) {
      if (tries === again) return LOST;
      delay += firstNs * 2 ** tries;
      draw.next();
    }
    return delay;
  }

  /** The conditions of the edge have changed. */
  edgeChanged(edge: number): void {
    this.isPlain[edge] = this.isInstant[edge] === 1 && this.conditions.edgeFlags[edge] === 0 ? 1 : 0;
  }

  isCut(edge: number): boolean {
    return (this.conditions.edgeFlags[edge]! & Condition.cut) !== 0;
  }

  hasResets(edge: number): boolean {
    return (this.conditions.edgeFlags[edge]! & Condition.resets) !== 0;
  }
}
