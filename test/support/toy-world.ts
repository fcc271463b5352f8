/**
 * A world of hand-set time for tests of the engine: it keeps what the engine asks for, answers when told, and
 * checks the contract of `engine/ports.ts` on the way. The only file that knows how an engine is put together.
 */
import type { CheckResult } from '../../src/engine/breaker/health-checks.ts';
import type { AttemptRow, CallRow } from '../../src/engine/calls.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { EngineObserver, WorldPort } from '../../src/engine/ports.ts';
import type { Ending } from '../../src/engine/reply.ts';
import { NONE } from '../../src/model/ids.ts';
import { Outcome } from '../../src/model/outcome.ts';
import type { PolicyPlan } from '../../src/model/plan.ts';
import { parseScenario } from '../../src/scenario/parse.ts';

export interface Sent {
  readonly attempt: number;
  /** Of the toy's own numbering, from 0 in the order of `begin`. */
  readonly request: number;
  readonly endpoint: number;
  readonly at: number;
  readonly deadline: number;
  cancelled: boolean;
  answered: boolean;
}

export interface Opening {
  readonly outbound: number;
  readonly connection: number;
  readonly endpoint: number;
}

export interface Settled {
  readonly request: number;
  readonly outcome: Outcome;
  readonly status: number;
  readonly attempts: number;
  readonly at: number;
}

export interface ToyOptions {
  readonly policy: object;
  readonly replicas?: number;
  readonly seed?: number;
  readonly weights?: readonly number[];
  /** Calls go to S or to T, a service of the same kind. */
  readonly isSplit?: boolean;
  /** Each endpoint needs connections, and the test opens them; see `opened`. */
  readonly opensLater?: boolean;
}

/** More timers at one instant than any test has reason for. */
const STANDSTILL = 10_000;

export class ToyWorld implements WorldPort, EngineObserver {
  readonly engine: Engine;
  readonly policy: PolicyPlan;
  readonly replicas: number;
  now: number = 0;
  readonly sent: Sent[] = [];
  readonly settled: Settled[] = [];
  /** How each of them came to it. */
  readonly endings: Ending[] = [];
  /** Armed timers and their times, in the order of arming. */
  readonly timers: Map<number, number> = new Map();
  readonly ejections: { readonly endpoint: number; readonly at: number; readonly on: boolean }[] = [];
  /** Of the breaker of the whole service. */
  readonly breakerChanges: { readonly at: number; readonly on: boolean }[] = [];
  /** Breakers beginning and ceasing to refuse; that of the whole service has no endpoint. */
  readonly blocks: { readonly endpoint: number; readonly at: number; readonly on: boolean }[] = [];
  readonly sheds: { readonly at: number; readonly on: boolean }[] = [];
  /** Health checks on their way. */
  readonly probes: { readonly outbound: number; readonly endpoint: number; readonly serial: number }[] = [];
  overflows: number = 0;
  refusals: number = 0;
  panics: number = 0;
  /** The timer that is being fired. */
  protected firing: number | null = null;
  /** Connections being opened, oldest first. */
  readonly openings: Opening[] = [];
  /** Numbers in use. */
  private readonly connections: Set<string> = new Set();
  private readonly opensLater: boolean;
  /** Calls that are not settled, by number. */
  private readonly pending: Map<number, { readonly request: number; readonly handle: number }> = new Map();
  private readonly byAttempt: Map<number, Sent> = new Map();
  private begun: number = 0;
  /** Timers in a row without the time going on. */
  private firedAtOnce: number = 0;
  private inside: boolean = false;

  constructor({ policy, replicas = 3, seed = 1, weights, isSplit = false, opensLater = false }: ToyOptions) {
    this.opensLater = opensLater;
    this.replicas = replicas;
    const service = { replicas, latency: 0, ...(weights === undefined ? {} : { weights }) };
    const services = isSplit ? { S: { ...service, routes: [{ split: { S: 2, T: 1 } }] }, T: { ...service, policy } } : { S: service };
    const { plan, problems } = parseScenario(JSON.stringify({ duration: '1s', services, traffic: [{ to: 'S', rate: '1/s', policy }] }));
    if (plan === null) throw new Error(problems.map(({ message }) => message).join('\n'));
    this.policy = plan.edges[0]!.policy;
    this.engine = new Engine(plan, seed, this, this, opensLater);
    this.into(() => this.engine.start(0));
  }

  /** Begins a call; returns its number. */
  begin(deadline: number = Infinity): number {
    const number = this.begun++;
    const before = this.settled.length;
    // The tag is handed back at `settle`, and readable at `send`.
    const handle = this.into(() => this.engine.begin(0, 0, number, 0, 0, 0, number, NONE, deadline, this.now));
    if (this.settled.length !== before) throw new Error('a call was settled before begin returned');
    this.pending.set(number, { request: number, handle });
    return number;
  }

  answer(sent: Sent, outcome: Outcome, status: number): void {
    if (sent.answered) throw new Error('answered twice by the test');
    sent.answered = true;
    this.byAttempt.delete(sent.attempt);
    this.into(() => this.engine.attemptDone(sent.attempt, outcome, status, this.now));
  }

  /** One of the health checks on their way is answered. */
  checked(which: number, result: CheckResult): void {
    const [probe] = this.probes.splice(which, 1);
    this.into(() => this.engine.probeAnswered(probe!.outbound, probe!.endpoint, probe!.serial, result, this.now));
  }

  /** The handshake is over. */
  opened(opening: Opening): void {
    this.forget(opening);
    this.into(() => this.engine.opened(opening.outbound, opening.connection, this.now));
  }

  /** The connection is refused. */
  openFailed(opening: Opening): void {
    this.forget(opening);
    this.into(() => this.engine.openFailed(opening.outbound, opening.connection, this.now));
  }

  /** The endpoint drops all its connections: what is on them is reset, in the order in which it was sent. */
  crash(endpoint: number): void {
    this.into(() => this.engine.connectionsLost(0, endpoint, this.now));
    for (const sent of this.owed) if (sent.endpoint === endpoint) this.answer(sent, Outcome.reset, 0);
  }

  /** The caller of this call goes away. */
  abandon(number: number): void {
    const { handle } = this.pending.get(number)!;
    this.into(() => this.engine.abandon(handle, this.now));
  }

  isOpen(number: number): boolean {
    return this.pending.has(number);
  }

  get openNumbers(): readonly number[] {
    return [...this.pending.keys()];
  }

  /** Attempts that still owe an answer, those given up included. */
  get owed(): readonly Sent[] {
    return [...this.byAttempt.values()];
  }

  /** Goes on to the earliest timer and fires it, if it is due by then; false when there is none. */
  fireNext(until: number = Infinity): boolean {
    let timer = -1;
    let due = Infinity;
    for (const [candidate, at] of this.timers) if (at < due) [timer, due] = [candidate, at];
    if (timer < 0 || due > until) return false;
    this.timers.delete(timer);
    this.firedAtOnce = due > this.now ? 0 : this.firedAtOnce + 1;
    if (this.firedAtOnce > STANDSTILL) throw new Error(`the clock stands still at ${this.now}: timer ${timer}`);
    this.now = Math.max(this.now, due);
    this.firing = timer;
    this.into(() => this.engine.timerDue(timer, this.now));
    this.firing = null;
    return true;
  }

  /** Fires everything that is due up to then. */
  advanceTo(time: number): void {
    while (this.fireNext(time));
    this.now = Math.max(this.now, time);
  }

  // --- what the engine asks ---

  open(outbound: number, connection: number, endpoint: number, now: number): boolean {
    this.expectInside(now);
    if (this.connections.has(`${outbound}/${connection}`)) throw new Error('a connection was opened again before it was closed');
    this.connections.add(`${outbound}/${connection}`);
    if (this.opensLater) this.openings.push({ outbound, connection, endpoint });
    return !this.opensLater;
  }

  closed(outbound: number, connection: number): void {
    if (!this.connections.delete(`${outbound}/${connection}`)) throw new Error('a connection was closed that was not open');
  }

  send({ call, id: attempt }: AttemptRow, endpoint: number, now: number): void {
    this.expectInside(now);
    if (this.byAttempt.has(attempt)) throw new Error('a row was sent again before it was answered');
    const { engine } = this;
    const number = call.tag;
    const sent: Sent = { attempt, request: number, endpoint, at: now, deadline: engine.deadlineOf(attempt), cancelled: false, answered: false };
    this.sent.push(sent);
    this.byAttempt.set(attempt, sent);
  }

  probe(outbound: number, endpoint: number, serial: number): void {
    this.probes.push({ outbound, endpoint, serial });
  }

  unsent(): void {}

  cancel(attempt: number, now: number): void {
    this.expectInside(now);
    const sent = this.byAttempt.get(attempt);
    if (sent === undefined || sent.cancelled) throw new Error('cancelled what is not in flight');
    sent.cancelled = true;
  }

  arm(timer: number, due: number): void {
    if (!(due >= this.now)) throw new Error(`armed for ${due}, which is before ${this.now}`);
    this.timers.delete(timer);
    if (due !== Infinity) this.timers.set(timer, due);
  }

  disarm(timer: number): void {
    this.timers.delete(timer);
  }

  settle({ attempts, isPerTry, retryVerdict: verdict, tag: number }: CallRow, outcome: Outcome, status: number, now: number): void {
    this.expectInside(now);
    if (!this.pending.delete(number)) throw new Error(`call ${number} was settled twice`);
    this.settled.push({ request: number, outcome, status, attempts, at: now });
    this.endings.push({ verdict, isPerTry });
  }

  // --- what it observes ---

  ejected(_edge: number, _caller: number, endpoint: number, now: number): void {
    this.ejections.push({ endpoint, at: now, on: true });
  }

  unejected(_edge: number, _caller: number, endpoint: number, now: number): void {
    this.ejections.push({ endpoint, at: now, on: false });
  }

  breakerOpened(_edge: number, _caller: number, now: number): void {
    this.breakerChanges.push({ at: now, on: true });
  }

  breakerClosed(_edge: number, _caller: number, now: number): void {
    this.breakerChanges.push({ at: now, on: false });
  }

  refusing(_edge: number, _caller: number, endpoint: number, on: boolean, now: number): void {
    this.blocks.push({ endpoint, at: now, on });
  }

  shedding(_edge: number, _caller: number, on: boolean, now: number): void {
    this.sheds.push({ at: now, on });
  }

  panicked(_edge: number, _caller: number, _on: boolean, _now: number): void {
    this.panics++;
  }

  overflowed(): void {
    this.overflows++;
  }

  budgetRefused(): void {
    this.refusals++;
  }

  private forget(opening: Opening): void {
    this.openings.splice(this.openings.indexOf(opening), 1);
  }

  private into<Value>(call: () => Value): Value {
    if (this.inside) throw new Error('the engine was called from inside one of its own calls');
    this.inside = true;
    try {
      return call();
    } finally {
      this.inside = false;
    }
  }

  private expectInside(now: number): void {
    if (!this.inside) throw new Error('the engine asked for something out of the blue');
    if (now !== this.now) throw new Error(`the engine's time is ${now}, the world's ${this.now}`);
  }
}
