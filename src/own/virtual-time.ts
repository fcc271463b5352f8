/**
 * Code that knows nothing of a simulator, under virtual time: inside a scope, clocks, timers and `Math.random` are those of a run.
 *
 * While a run with code of its own goes on, the globals are replaced by functions that look where they are called from
 * (`AsyncLocalStorage` follows a call through promises and timers). Outside a scope they do what they always did, so other work
 * in the process notices nothing, and several runs may go on beside one another. When the last one is over, the globals are
 * what they were.
 *
 * What was taken before a run cannot be replaced: `const { setTimeout: later } = globalThis` at the top of a module, or
 * `promisify(setTimeout)` there. Nor does this reach I/O, other threads or `crypto`.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { promisify } from 'node:util';
import { NS_PER_MS } from '../model/units.ts';
import { type TimerHost, VirtualTimer } from './virtual-timer.ts';

/** What code of one caller sees as the world's time and chance. */
export interface Scope extends TimerHost {
  /** Since the start of the run. */
  readonly nowNs: number;
  /** Uniform in [0, 1). */
  random(): number;
}

/** Runs begin at this time, ms since 1970: 1 January 2020, 00:00 UTC. Libraries take a clock at 0 for none. */
export const EPOCH_MS: number = 1_577_836_800_000;

const scopes = new AsyncLocalStorage<Scope>();
/** Of code that is called and returns at once: it needs nobody to follow it. */
let direct: Scope | null = null;

function scopeHere(): Scope | null {
  return direct ?? scopes.getStore() ?? null;
}

/** Call code that returns at once. */
export function within<T>(scope: Scope, act: () => T): T {
  const before = direct;
  direct = scope;
  try {
    return act();
  } finally {
    direct = before;
  }
}

/** Call code that goes on in promises and timers. */
export function throughout<T>(scope: Scope, act: () => T): T {
  return scopes.run(scope, act);
}

let holders = 0;
let replaced: readonly Replaced[] = [];

/** Puts virtual time in place until the function that it returns is called. */
export function holdVirtualTime(): () => void {
  if (holders++ === 0) replaced = replacements();
  let isHeld = true;
  return () => {
    if (!isHeld) return;
    isHeld = false;
    if (--holders > 0) return;
    for (const { object, key, descriptor, value } of replaced) {
      // Somebody who has put something else there since then puts back what he found; outside a scope that does nothing of ours.
      if (Reflect.get(object, key) !== value) continue;
      if (descriptor === undefined) Reflect.deleteProperty(object, key);
      else Object.defineProperty(object, key, descriptor);
    }
    syncBuiltinESMExports();
  };
}

interface Replaced {
  readonly object: object;
  readonly key: string;
  readonly descriptor: PropertyDescriptor | undefined;
  readonly value: unknown;
}

/** Any function of the platform: its arguments are handed on as they came. */
type Callable = (...args: never[]) => unknown;

function replacements(): readonly Replaced[] {
  const done: Replaced[] = [];
  const replace = (object: object, key: string, make: (original: Callable) => unknown): void => {
    const value = make(Reflect.get(object, key) as Callable);
    done.push({ object, key, descriptor: Object.getOwnPropertyDescriptor(object, key), value });
    Object.defineProperty(object, key, { value, writable: true, configurable: true, enumerable: Object.getOwnPropertyDescriptor(object, key)?.enumerable ?? false });
  };
  /** `inside` in a scope, the original elsewhere. */
  const scoped = (object: object, key: string, inside: (scope: Scope, ...args: never[]) => unknown): void =>
    replace(object, key, (original) => function here(this: unknown, ...args: never[]): unknown {
      const scope = scopeHere();
      return scope === null ? Reflect.apply(original, this, args) : inside(scope, ...args);
    });

  scoped(Date, 'now', nowMs);
  replace(globalThis, 'Date', (original) => virtualDate(original as unknown as DateConstructor));
  scoped(performance, 'now', ({ nowNs }) => nowNs / NS_PER_MS);
  scoped(Math, 'random', (scope) => scope.random());
  const hrtime = process.hrtime;
  scoped(hrtime, 'bigint', ({ nowNs }) => BigInt(nowNs));
  replace(process, 'hrtime', (original) => Object.assign(
    (previous?: [number, number]): [number, number] => {
      const scope = scopeHere();
      if (scope === null) return Reflect.apply(original, process, [previous] as never[]) as [number, number];
      const ns = scope.nowNs - (previous === undefined ? 0 : previous[0] * 1e9 + previous[1]);
      return [Math.floor(ns / 1e9), ns - Math.floor(ns / 1e9) * 1e9];
    },
    { bigint: (): bigint => hrtime.bigint() },
  ));

  const timers = createRequire(import.meta.url)('node:timers') as Record<string, unknown>;
  for (const object of [globalThis, timers]) {
    scoped(object, 'setTimeout', (scope, act: Act, ms?: number, ...args: unknown[]) => new VirtualTimer(scope, act, ms, args, false));
    scoped(object, 'setInterval', (scope, act: Act, ms?: number, ...args: unknown[]) => new VirtualTimer(scope, act, ms, args, true));
    scoped(object, 'setImmediate', (scope, act: Act, ...args: unknown[]) => new VirtualTimer(scope, act, null, args, false));
    for (const key of ['clearTimeout', 'clearInterval', 'clearImmediate']) {
      replace(object, key, (original) => (timer: unknown): void => {
        if (!VirtualTimer.clear(timer)) original(timer as never);
      });
    }
    for (const [key, make] of [['setTimeout', sleep], ['setImmediate', (value?: unknown) => sleep(null, value)]] as const) {
      Object.defineProperty(Reflect.get(object, key) as object, promisify.custom, { value: make, configurable: true });
    }
  }
  const sleeping = createRequire(import.meta.url)('node:timers/promises') as Record<string, object>;
  scoped(sleeping, 'setTimeout', (_, ms?: number, value?: unknown, options?: SleepOptions) => sleep(ms, value, options));
  scoped(sleeping, 'setImmediate', (_, value?: unknown, options?: SleepOptions) => sleep(null, value, options));
  scoped(sleeping, 'setInterval', (_, ms?: number, value?: unknown, options?: SleepOptions) => ticks(ms, value, options));
  scoped(sleeping['scheduler']!, 'wait', (_, ms?: number, options?: SleepOptions) => sleep(ms, undefined, options));
  scoped(AbortSignal, 'timeout', (_, ms: number) => signalAfter(ms));
  syncBuiltinESMExports();
  return done;
}

type Act = (...args: unknown[]) => void;

function nowMs({ nowNs }: Scope): number {
  return EPOCH_MS + Math.floor(nowNs / NS_PER_MS);
}

function virtualDate(original: DateConstructor): DateConstructor {
  return new Proxy(original, {
    construct: (target, args: unknown[], asked) => {
      const scope = scopeHere();
      return Reflect.construct(target, scope !== null && args.length === 0 ? [nowMs(scope)] : args, asked === globalThis.Date ? target : asked) as object;
    },
    apply: (target) => {
      const scope = scopeHere();
      return scope === null ? target() : new target(nowMs(scope)).toString();
    },
  });
}

interface SleepOptions {
  readonly signal?: AbortSignal;
}

/** As `timers/promises`. @param ms  null for the next turn */
function sleep(ms?: number | null, value?: unknown, { signal }: SleepOptions = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const refuse = (): void => {
      VirtualTimer.clear(timer);
      reject(Object.assign(new Error('The operation was aborted', { cause: signal!.reason }), { name: 'AbortError', code: 'ABORT_ERR' }));
    };
    const timer = ms === null ? setImmediate(resolve, value) : setTimeout(resolve, ms, value);
    if (signal?.aborted === true) refuse();
    else signal?.addEventListener('abort', refuse, { once: true });
  });
}

async function* ticks(ms?: number, value?: unknown, options?: SleepOptions): AsyncGenerator<unknown> {
  for (;;) yield await sleep(ms, value, options);
}

function signalAfter(ms: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')), ms);
  return controller.signal;
}
