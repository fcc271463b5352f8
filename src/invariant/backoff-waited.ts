/** A retry waits as long as its policy says, and is sent when that is over. */
import type { AttemptRow, CallRow } from '../engine/calls.ts';
import type { JitterName } from '../engine/retry/jitter-kinds.ts';
import { doubled } from '../model/columns.ts';
import type { BackoffPlan } from '../model/plan.ts';
import type { Audit } from './audit.ts';
import { Check } from './invariant.ts';
import { seconds } from './words.ts';

/** Waits are cut to whole ns. */
const ROUNDING_NS = 1;

export class BackoffWaited extends Check {
  static for(audit: Audit): readonly BackoffWaited[] {
    return audit.policies.some(({ retries }) => retries !== null) ? [new BackoffWaited(audit)] : [];
  }

  // By call, of the last retry that it was granted: when it is due, how long it waits, and the attempts begun before it.
  private due: Float64Array = new Float64Array(64);
  private waitNs: Float64Array = new Float64Array(64);
  private attempts: Int32Array = new Int32Array(64);
  /** By outbound, by retry: the shortest and longest wait, where that is all it depends on. */
  private readonly bounds: readonly (readonly [least: number, most: number])[][] = this.audit.outbounds.map(() => []);

  override granted({ attempts: begun, id: call, outbound: { ownRetry }, waitsAt }: CallRow, due: number, now: number): void {
    const { audit } = this;
    const outbound = audit.outboundOf(call);
    const { retries } = audit.policies[outbound]!;
    while (call >= this.due.length) this.grow();
    const waitNs = due - now;
    const retry = audit.retriesOf(call);
    const previousNs = retry === 0 ? 0 : this.waitNs[call]!;
    this.due[call] = due;
    this.waitNs[call] = waitNs;
    // A copy that waits for an endpoint was begun before, and is counted when it is sent.
    this.attempts[call] = begun + (waitsAt === null ? 0 : 1);
    // A retry that no policy asks for is one attempt too many.
    if (retries === null) return;
    // Code waits as long as it likes: what it said last is about this retry.
    const [least, most] = ownRetry !== null ? [ownRetry.waitNs, ownRetry.waitNs] : dependsOnPrevious(retries.backoff) ? backoffBounds(retries.backoff, retry, previousNs) : (this.bounds[outbound]![retry] ??= backoffBounds(retries.backoff, retry, 0));
    if (waitNs >= least - ROUNDING_NS && waitNs <= most + ROUNDING_NS) return;
    audit.report('backoff-waited', { call, outbound, decision: `retry ${retry + 1} waits ${seconds(waitNs)} s, and its backoff is ${seconds(least)} s to ${seconds(most)} s` });
  }

  override again({ call: { id: call }, id, number }: AttemptRow, now: number): void {
    if (this.audit.retriesOf(call) === 0 || number <= this.attempts[call]! || now >= this.due[call]!) return;
    this.audit.report('backoff-waited', { call, attempt: id, decision: `attempt ${number} was sent ${seconds(this.due[call]! - now)} s before its backoff was over` });
  }

  private grow(): void {
    this.due = doubled(this.due);
    this.waitNs = doubled(this.waitNs);
    this.attempts = doubled(this.attempts);
  }
}

function dependsOnPrevious({ jitter }: BackoffPlan): boolean {
  return (jitter as JitterName) === 'decorrelated';
}

/** Shortest and longest wait before a retry (0 for the first), ns: the formulas of jitter-kinds.ts, and of the products it names. */
export function backoffBounds({ baseNs, jitter, jitterRatio, maxNs, multiplier }: BackoffPlan, retry: number, previousNs: number): readonly [least: number, most: number] {
  const step = (factor: number): number => {
    let ns = baseNs;
    for (let i = 0; i < retry && ns < maxNs && ns > 0; i++) ns *= factor;
    return Math.min(maxNs, ns);
  };
  switch (jitter as JitterName) {
    case 'full':
      return [0, step(2)];
    case 'equal':
      return [step(2) / 2, step(2)];
    case 'none':
      return [step(2), step(2)];
    case 'grpc':
      return [0.8 * step(multiplier), 1.2 * step(multiplier)];
    case 'proportional':
      return [(1 - jitterRatio) * step(multiplier), (1 + jitterRatio) * step(multiplier)];
    case 'decorrelated':
      return [Math.min(baseNs, maxNs), Math.min(maxNs, 3 * Math.max(baseNs, previousNs))];
    case 'linkerd':
      return [step(2), Math.min(maxNs, step(2) * (1 + jitterRatio))];
    case 'envoy':
      return [0, (envoyIntervalMs(baseNs, maxNs, retry) - 1) * 1e6];
    case 'envoyDocumented':
      return [0, Math.min(wholeMs(maxNs), wholeMs(baseNs) * (2 ** (retry + 1) - 1)) * 1e6];
    default:
      throw new Error(`no bounds of the jitter ${jitter}`);
  }
}

/** Doubles, and is the maximum once it has reached half of it (`JitteredExponentialBackOffStrategy`). */
function envoyIntervalMs(baseNs: number, maxNs: number, retry: number): number {
  const maxMs = wholeMs(maxNs);
  let interval = Math.min(maxMs, wholeMs(baseNs));
  for (let i = 0; i < retry; i++) interval = interval < Math.floor(maxMs / 2) ? 2 * interval : maxMs;
  return interval;
}

function wholeMs(ns: number): number {
  return Math.max(1, Math.ceil(ns / 1e6));
}
