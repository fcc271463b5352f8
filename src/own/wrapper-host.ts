/** One wrapper, of one caller endpoint: calls of the engine as promises of its code, and attempts of its code as attempts of the engine. */
import { setMaxListeners } from 'node:events';
import type { WrappedCall, Wrapper } from '../engine/own/wrapper.ts';
import { type AttemptId, NONE } from '../model/ids.ts';
import { OUTCOME_NAMES, Outcome, type OutcomeName } from '../model/outcome.ts';
import { OwnPolicyError, type OwnPolicyPlace } from '../model/own-policy-error.ts';
import type { OwnRun } from './own-run.ts';
import { type Answer, AttemptFailed, type CallWrapper, type WrappedRequest, type WrapperFactory } from './policies.ts';
import { type Scope, throughout } from './virtual-time.ts';

/** More is a policy that never gives up, in a place where nothing else ends the call. */
const MOST_ATTEMPTS = 100_000;
const OK_STATUS = 200;

/** An attempt in flight. */
interface Pending {
  readonly call: WrappedCall;
  resolve(answer: Answer): void;
  reject(reason: unknown): void;
}

export class WrapperHost implements Wrapper {
  private readonly run: OwnRun;
  private readonly factory: WrapperFactory;
  private readonly place: OwnPolicyPlace;
  private readonly scope: Scope;
  private code: CallWrapper | null = null;
  private readonly pending: Map<AttemptId, Pending> = new Map();
  private readonly open: Map<WrappedCall, OpenCall> = new Map();
  private isOver: boolean = false;

  constructor(run: OwnRun, factory: WrapperFactory, place: OwnPolicyPlace, scope: Scope) {
    this.run = run;
    this.factory = factory;
    this.place = place;
    this.scope = scope;
  }

  /** Time has begun. */
  make(): void {
    const { caller, edge } = this.place;
    try {
      this.code = throughout(this.scope, () => this.factory({ edge, caller }));
    } catch (cause) {
      this.fail('made before the run', 'threw', cause);
    }
  }

  begun(call: WrappedCall): void {
    const open = new OpenCall(call);
    this.open.set(call, open);
    this.run.later(() => throughout(this.scope, () => this.start(open)));
  }

  attemptOver(id: AttemptId, outcome: Outcome, status: number): void {
    const pending = this.pending.get(id);
    // One that was refused while it began.
    if (pending === undefined) return;
    this.pending.delete(id);
    this.run.later(() => {
      this.run.world.act((engine) => engine.tidy(pending.call));
      if (outcome === Outcome.ok) pending.resolve({ status: OK_STATUS });
      else pending.reject(failureOf(outcome, status));
    });
  }

  givenUp(call: WrappedCall): void {
    const open = this.open.get(call);
    this.open.delete(call);
    if (open !== undefined) this.run.later(() => throughout(this.scope, () => open.giveUp()));
  }

  /** The run is over. @throws where a call waits for what virtual time does not bring */
  end(): void {
    this.isOver = true;
    if (this.open.size === 0 || this.pending.size > 0 || this.run.waits(this.scope)) return;
    throw new OwnPolicyError(
      this.place, this.run.nowNs, 'at the end of the run',
      `has ${this.open.size} calls open, no attempt in flight and no timer set: it waits for what virtual time does not bring, such as I/O or a timer function taken before the run, or has lost them`,
    );
  }

  private start(open: OpenCall): void {
    const { call } = open;
    const attempt = (options: { readonly signal?: AbortSignal | undefined } = {}): Promise<Answer> => this.attempt(open, options.signal);
    let made: PromiseLike<unknown>;
    try {
      made = this.code!.call(attempt, open);
    } catch (cause) {
      made = Promise.reject(cause);
    }
    Promise.resolve(made).then(
      (value) => (value instanceof AttemptFailed ? this.conclude(call, value.outcome, value.status) : this.conclude(call, 'ok', OK_STATUS)),
      (cause: unknown) => this.rejected(call, cause),
    );
  }

  private attempt(open: OpenCall, signal: AbortSignal | undefined): Promise<Answer> {
    return new Promise((resolve, reject) => {
      // Nothing comes after the end.
      if (this.isOver) return;
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      if (++open.attempts > MOST_ATTEMPTS) {
        this.fail('wrapping a call', `has made ${MOST_ATTEMPTS} attempts of it, and goes on`);
        return;
      }
      const { call } = open;
      const id = this.run.world.act((engine, now) => engine.attemptFor(call, now));
      if (id === NONE) {
        reject(failureOf(call.refusal, 0));
        return;
      }
      const cancel = (): void => {
        if (this.isOver || this.pending.get(id) !== pending) return;
        this.pending.delete(id);
        this.run.world.act((engine, now) => engine.cancelAttempt(id, now));
        reject(signal!.reason);
      };
      const leave = (): void => signal?.removeEventListener('abort', cancel);
      const pending: Pending = {
        call,
        resolve: (answer) => {
          leave();
          resolve(answer);
        },
        reject: (reason) => {
          leave();
          reject(reason);
        },
      };
      this.pending.set(id, pending);
      if (signal === undefined) return;
      // A policy may hand one signal to all its attempts, which is no leak.
      setMaxListeners(0, signal);
      signal.addEventListener('abort', cancel, { once: true });
    });
  }

  private rejected(call: WrappedCall, cause: unknown): void {
    if (cause instanceof AttemptFailed) this.conclude(call, cause.outcome, cause.status);
    else {
      const outcome = this.outcomeOf(cause);
      if (outcome !== undefined) this.conclude(call, outcome, 0);
      else if (this.open.has(call)) this.fail('wrapping a call', 'threw', cause);
    }
  }

  private outcomeOf(cause: unknown): OutcomeName | undefined {
    try {
      return this.code!.outcomeOf?.(cause) ?? (isTimeout(cause) ? 'timeout' : undefined);
    } catch (thrown) {
      this.fail('saying what a call came to', 'threw', thrown);
      return undefined;
    }
  }

  private conclude(call: WrappedCall, outcome: OutcomeName, status: number): void {
    if (this.isOver || !this.open.delete(call)) return;
    if (!Object.hasOwn(Outcome, outcome)) this.fail('saying what a call came to', `returned \`${String(outcome)}\`; outcomes are ${OUTCOME_NAMES.join(', ')}`);
    else this.run.world.act((engine, now) => engine.conclude(call, Outcome[outcome], status, now));
  }

  private fail(deed: string, problem: string, cause?: unknown): void {
    this.run.fail(new OwnPolicyError(this.place, this.run.nowNs, deed, problem, cause));
  }
}

/** What code sees of a call. */
class OpenCall implements WrappedRequest {
  readonly call: WrappedCall;
  attempts: number = 0;
  /** Made when somebody asks for it. */
  private controller: AbortController | null = null;
  private isGivenUp: boolean = false;

  constructor(call: WrappedCall) {
    this.call = call;
  }

  get hashKey(): number {
    return this.call.hashKey;
  }

  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.isGivenUp) this.giveUp();
    return this.controller.signal;
  }

  giveUp(): void {
    this.isGivenUp = true;
    this.controller?.abort(new DOMException('the caller no longer waits', 'AbortError'));
  }
}

function failureOf(outcome: Outcome, status: number): AttemptFailed {
  return new AttemptFailed(OUTCOME_NAMES[outcome]!, status);
}

/** What `fetch` is rejected with when its signal is aborted. */
function isTimeout(cause: unknown): boolean {
  return cause instanceof Error && (cause.name === 'AbortError' || cause.name === 'TimeoutError');
}
