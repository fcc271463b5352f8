/**
 * A run with code of its own: its time and chance for that code, and the turns in which asynchronous code goes on.
 *
 * The simulator is synchronous: an event happens, the engine decides, the next one comes. Wrappers are promises. So what an event
 * tells them is kept until it is over; then they are told, and go on until all that they have begun at that instant has come to
 * rest. Only then does the next event come. Promises are at rest when Node's event loop gets to its next turn: before that it
 * runs all microtasks.
 */
import { setImmediate } from 'node:timers';
import type { Engine } from '../engine/engine.ts';
import type { OwnBalancer, OwnBalancerFactory } from '../engine/own/own-balancer.ts';
import type { OwnCode } from '../engine/own/own-code.ts';
import type { OwnRetryFactory, OwnRetryPolicy } from '../engine/own/own-retry.ts';
import { OwnPolicyError, type OwnPolicyPlace } from '../model/own-policy-error.ts';
import { Stream } from '../random/hash.ts';
import { Sequence } from '../random/sequence.ts';
import type { OwnPolicies } from './policies.ts';
import { type Scope, throughout, within } from './virtual-time.ts';
import type { VirtualTimer } from './virtual-timer.ts';
import { WrapperHost } from './wrapper-host.ts';

/** Node's own, before any virtual time is in place. */
const nextTurn = setImmediate;

/** What it needs of the world that it runs in. */
export interface OwnWorld {
  readonly now: number;
  act<T>(deed: (engine: Engine, now: number) => T): T;
  wakeAt(due: number, handle: number): void;
}

/** Timers set and not yet due, cleared ones too. More is a leak, which would fill the memory. */
const MOST_TIMERS = 2_000_000;
/** Turns at one instant. More is a loop that time never gets out of. */
const MOST_TURNS = 1_000_000;

export class OwnRun {
  /** What the engine is given. */
  readonly code: OwnCode;
  /** Null until the engine is made, which makes the code: time has not begun then. */
  private attached: OwnWorld | null = null;
  private readonly mayWait: boolean;
  private readonly chance: Stream;
  private scopes: number = 0;
  private readonly hosts: WrapperHost[] = [];
  /** What the last event tells, in order. */
  private told: (() => void)[] = [];
  private failure: Error | null = null;
  private readonly timers: (VirtualTimer | null)[] = [];
  private readonly freeTimers: number[] = [];
  private turns: number = 0;
  private turnsAt: number = 0;

  /** @param mayWait  whether the run stops between events for what code has to say */
  constructor({ balancers = {}, retries = {}, wrappers = {} }: OwnPolicies, seed: number, mayWait: boolean) {
    this.mayWait = mayWait;
    this.chance = new Stream(seed, 'own-code');
    this.code = {
      balancers: changed(balancers, (factory, policy) => this.balancer(factory, policy)),
      retries: changed(retries, (factory, policy) => this.retryPolicy(factory, policy)),
      wrappers: changed(wrappers, (factory, policy) => (about) => {
        const place: OwnPolicyPlace = { ...about, kind: 'wrapper', policy };
        const host = new WrapperHost(this, factory, place, this.scopeOf(place));
        this.hosts.push(host);
        return host;
      }),
    };
  }

  get nowNs(): number {
    return this.attached === null ? 0 : this.attached.now;
  }

  /** While code acts for itself there is one. */
  get world(): OwnWorld {
    if (this.attached === null) throw new Error('the run has not begun');
    return this.attached;
  }

  attach(world: OwnWorld): void {
    this.attached = world;
  }

  /** Before the first event: the wrappers are made. */
  begin(): Promise<void> {
    for (const host of this.hosts) this.later(() => host.make());
    return this.settle();
  }

  /** Whether the next event has to wait for `settle`. */
  get isAwake(): boolean {
    return this.told.length > 0;
  }

  /** To be told once the engine is done. */
  later(tell: () => void): void {
    this.told.push(tell);
  }

  /** Tell what is to be told, until nobody has anything to do at this instant any more. @throws what the code did wrong */
  async settle(): Promise<void> {
    while (this.told.length > 0) {
      this.countTurn();
      const telling = this.told;
      this.told = [];
      for (const tell of telling) tell();
      await new Promise<void>((resolve) => nextTurn(resolve));
      if (this.failure !== null) throw this.failure;
    }
  }

  /** The last event is over. @throws where a call waits for what virtual time does not bring */
  end(): void {
    for (const host of this.hosts) host.end();
  }

  /** Where there is nobody to throw to. The first one counts, others follow from it. */
  fail(error: Error): void {
    this.failure ??= error;
  }

  wakeAt(dueNs: number, timer: VirtualTimer): void {
    if (!this.mayWait) throw new Error('timers need a run that waits for them: simulateAsync');
    const handle = this.freeTimers.pop() ?? this.timers.length;
    if (handle === MOST_TIMERS) throw new Error(`${MOST_TIMERS} timers are waiting, cleared ones included: is there one for each call that is long?`);
    this.timers[handle] = timer;
    this.world.wakeAt(dueNs, handle);
  }

  /** An event that `wakeAt` asked for. */
  woken(handle: number): void {
    const timer = this.timers[handle]!;
    this.timers[handle] = null;
    this.freeTimers.push(handle);
    if (timer.isPending) this.later(() => timer.reached());
  }

  /** Whether a timer of this scope is still to fire. */
  waits(scope: Scope): boolean {
    return this.timers.some((timer) => timer?.isPending === true && timer.host === scope);
  }

  private countTurn(): void {
    if (this.nowNs !== this.turnsAt) this.turns = 0;
    this.turnsAt = this.nowNs;
    if (++this.turns > MOST_TURNS) throw new Error(`policies of this run have gone on for ${MOST_TURNS} turns at ${this.nowNs / 1e9} s, and time stands still`);
  }

  private scopeOf(place: OwnPolicyPlace): Scope {
    const chance = new Sequence(this.chance, this.scopes++);
    const run = this;
    const scope: Scope = {
      get nowNs() {
        return run.nowNs;
      },
      random: () => chance.unit(),
      wakeAt: (dueNs, timer) => run.wakeAt(dueNs, timer),
      enter: (act) => {
        try {
          throughout(scope, act);
        } catch (cause) {
          run.fail(new OwnPolicyError(place, run.nowNs, 'in a timer', 'threw', cause));
        }
      },
    };
    return scope;
  }

  private balancer(factory: OwnBalancerFactory, policy: string): OwnBalancerFactory {
    return (about) => {
      const scope = this.scopeOf({ kind: 'balancer', policy, edge: about.edge, caller: about.caller });
      const own: OwnBalancer = within(scope, () => factory(about));
      return {
        pick: (...args) => within(scope, () => own.pick(...args)),
        ...(own.finished === undefined ? {} : { finished: (...args) => within(scope, () => own.finished!(...args)) }),
        ...(own.ejected === undefined ? {} : { ejected: (...args) => within(scope, () => own.ejected!(...args)) }),
        ...(own.returned === undefined ? {} : { returned: (...args) => within(scope, () => own.returned!(...args)) }),
      };
    };
  }

  private retryPolicy(factory: OwnRetryFactory, policy: string): OwnRetryFactory {
    return (about) => {
      const scope = this.scopeOf({ kind: 'retry policy', policy, edge: about.edge, caller: about.caller });
      const own: OwnRetryPolicy = within(scope, () => factory(about));
      return {
        decide: (...args) => within(scope, () => own.decide(...args)),
        ...(own.called === undefined ? {} : { called: (...args) => within(scope, () => own.called!(...args)) }),
        ...(own.succeeded === undefined ? {} : { succeeded: (...args) => within(scope, () => own.succeeded!(...args)) }),
      };
    };
  }
}

function changed<From, To>(record: Readonly<Record<string, From>>, change: (value: From, name: string) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}
