/**
 * A mesh that anybody can call: a visit is a request from outside, which becomes a call of one of the plan's sources and goes
 * through its policy like the source's own. It runs until it is stopped.
 */
import type { CallRow } from '../engine/calls.ts';
import type { CallsFrom } from '../engine/engine.ts';
import { type AttemptId, type CallId, type EndpointId, NONE } from '../model/ids.ts';
import { Outcome } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import { hashText } from '../random/hash.ts';
import type { RenderedKeys } from '../world/demand.ts';
import type { RequestText } from './request-texts.ts';
import { RealWorld } from './world.ts';

/** A request from outside. Its headers have to be such as may be passed on. */
export interface Visit {
  /** Index of the source that it counts for, and of the class among those of the source. */
  readonly source: number;
  readonly requestClass: number;
  readonly text: RequestText;
  /** It is over; nobody may be called back from here. */
  settled(ending: VisitEnding): void;
}

export interface VisitEnding {
  readonly outcome: Outcome;
  /** That a proxy answers. */
  readonly status: number;
  readonly attempts: number;
  /** Whose answer it was, or to whom its last attempt went; null without any. */
  readonly endpoint: EndpointId | null;
}

/** Who hears of each request that is over, from outside or not. */
export interface Audience {
  /** The mesh is up. */
  begun(): void;
  settled(isOk: boolean, latencyNs: number): void;
}

/** Of a visit, in place of what tells a request of a source from others: no source is numbered so high. */
const VISIT_KEY: number = 1 << 28;

export class OpenWorld extends RealWorld {
  private readonly audience: Audience;
  /** By number: the high word of the call's key. */
  private readonly visits: Map<number, { readonly visit: Visit; call: CallId }> = new Map();
  private visited: number = 0;
  /** The call that the attempt that is being answered belongs to, and its endpoint. */
  private answering: CallRow | null = null;
  private answeringEndpoint: EndpointId = NONE;

  /** @param plan  of endless duration */
  constructor(plan: Plan, seed: number, renderedKeys: RenderedKeys, audience: Audience) {
    super(plan, seed, renderedKeys, 1);
    this.audience = audience;
  }

  /** @returns its number, for `leave` */
  visit(visit: Visit): number {
    const number = (this.visited = (this.visited + 1) | 0);
    const { requestClass, source, text } = visit;
    this.react((now) => {
      const entry = { visit, call: NONE };
      this.visits.set(number, entry);
      const { classes, edge } = this.plan.traffic[source]!;
      const mix = this.demand.mixes[source]!;
      const hashKey = classes[requestClass]!.key === null ? hashText(text.path) : mix.hashKeyOf(number >>> 0, requestClass);
      entry.call = this.beginRequest(edge, mix.clientOf(number >>> 0), number, source | VISIT_KEY, hashKey, this.demand.firstClass[source]! + requestClass, NONE, now);
    });
    return number;
  }

  /** The visitor no longer waits. */
  leave(number: number): void {
    this.react((now) => {
      const entry = this.visits.get(number);
      if (entry !== undefined) this.abandonCall(entry.call, now);
    });
  }

  /** Look at the mesh, or change its faults, now. Not once it is stopped. */
  present(action: (now: number) => void): void {
    this.react(action);
  }

  /** Carry out what was written into the schedule of faults for now. */
  switchDueFaults(now: number): void {
    if (this.faults.nextAt <= now) this.switchFaults(now);
  }

  stop(): void {
    this.end(true);
  }

  override settle(call: CallRow, outcome: Outcome, status: number, now: number): void {
    if (call.parent === NONE) {
      this.audience.settled(outcome === Outcome.ok, now - call.begunAt);
      this.tellVisitor(call, outcome, status);
    }
    super.settle(call, outcome, status, now);
  }

  protected override begin(callsFrom?: CallsFrom): void {
    super.begin(callsFrom);
    this.audience.begun();
  }

  protected override answered(attempt: AttemptId, now: number): void {
    this.answering = this.engine.attempts.rows[attempt]!.call;
    this.answeringEndpoint = this.endpointOf(attempt);
    super.answered(attempt, now);
    this.answering = null;
  }

  protected override textOf(call: CallRow): RequestText {
    return this.visitOf(call)?.text ?? super.textOf(call);
  }

  protected override turn(): void {
    const { stepNs } = this.recorder;
    super.turn();
    if (this.recorder.stepNs !== stepNs) this.lateness.joinSteps();
  }

  private tellVisitor(row: CallRow, outcome: Outcome, status: number): void {
    const visit = this.visitOf(row);
    if (visit === null) return;
    this.visits.delete(row.keyHi);
    visit.settled({ outcome, status, attempts: row.attempts, endpoint: this.lastEndpointOf(row) });
  }

  private visitOf({ keyHi, keyLo, parent }: CallRow): Visit | null {
    return parent === NONE && (keyLo & VISIT_KEY) !== 0 ? (this.visits.get(keyHi)?.visit ?? null) : null;
  }

  private lastEndpointOf(row: CallRow): EndpointId | null {
    if (row === this.answering) return this.answeringEndpoint;
    return row.lastEndpoint === NONE ? null : (row.backend ?? row.outbound).firstEndpoint + row.lastEndpoint;
  }
}
