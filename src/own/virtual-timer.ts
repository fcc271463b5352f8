/** What `setTimeout`, `setInterval` and `setImmediate` return under virtual time; behaves as Node's `Timeout`. */
import { AsyncResource } from 'node:async_hooks';
import { NS_PER_MS } from '../model/units.ts';

export interface TimerHost {
  readonly nowNs: number;
  /** Calls `fire` at that time, ns. @throws where a run has no time for timers */
  wakeAt(dueNs: number, timer: VirtualTimer): void;
  /** Runs what a timer does as the code that set it. */
  enter(act: () => void): void;
}

/** As in Node: longer ones, and those below 1 ms, are 1 ms long. */
const LONGEST_MS = 2 ** 31 - 1;

/** Numbers that `Number(timer)` may have handed out. */
const byNumber = new Map<number, VirtualTimer>();
let numbers = 0;

export class VirtualTimer {
  readonly host: TimerHost;
  private readonly act: (...args: unknown[]) => void;
  private readonly args: readonly unknown[];
  /** What the code keeps in an `AsyncLocalStorage` of its own. */
  private readonly context: AsyncResource = new AsyncResource('VirtualTimer', { requireManualDestroy: true });
  private readonly delayNs: number;
  private readonly repeats: boolean;
  private dueNs: number = Infinity;
  private isReferenced: boolean = true;
  private number: number | null = null;

  /** @param ms  null for `setImmediate` */
  constructor(host: TimerHost, act: unknown, ms: number | null | undefined, args: readonly unknown[], repeats: boolean) {
    if (typeof act !== 'function') throw Object.assign(new TypeError('The "callback" argument must be of type function.'), { code: 'ERR_INVALID_ARG_TYPE' });
    this.host = host;
    this.act = act as (...args: unknown[]) => void; // whatever it is, it is called with what came with it
    this.args = args;
    this.repeats = repeats;
    this.delayNs = ms === null ? 0 : wholeMs(ms) * NS_PER_MS;
    this.refresh();
  }

  /** Whether it was one of ours. */
  static clear(timer: unknown): boolean {
    const isNumber = typeof timer === 'number' || typeof timer === 'string';
    const ours = timer instanceof VirtualTimer ? timer : isNumber ? byNumber.get(Number(timer)) : undefined;
    if (ours === undefined) return false;
    ours.close();
    return true;
  }

  /** Whether it is still to fire. */
  get isPending(): boolean {
    return this.dueNs !== Infinity;
  }

  /** Time has come to where it was due once. */
  reached(): void {
    // Cleared, or set back, in the meantime.
    if (this.dueNs !== this.host.nowNs) return;
    if (this.repeats) this.refresh();
    else this.forget();
    this.context.runInAsyncScope(() => this.host.enter(() => this.act(...this.args)));
  }

  refresh(): this {
    this.dueNs = this.host.nowNs + this.delayNs;
    this.host.wakeAt(this.dueNs, this);
    return this;
  }

  close(): this {
    this.forget();
    return this;
  }

  ref(): this {
    this.isReferenced = true;
    return this;
  }

  unref(): this {
    this.isReferenced = false;
    return this;
  }

  hasRef(): boolean {
    return this.isReferenced;
  }

  [Symbol.toPrimitive](): number {
    if (this.number === null) byNumber.set((this.number = --numbers), this);
    return this.number;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  private forget(): void {
    this.dueNs = Infinity;
    if (this.number !== null) byNumber.delete(this.number);
  }
}

function wholeMs(ms: number | undefined): number {
  const asked = Number(ms);
  return asked >= 1 && asked <= LONGEST_MS ? Math.trunc(asked) : 1;
}
