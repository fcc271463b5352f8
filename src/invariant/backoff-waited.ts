/** A retry waits as long as its policy says, and is sent when that is over. */
import type { AttemptRow, CallRow } from '../engine/calls.ts';
import type { JitterName } from '../engine/retry/jitter-kinds.ts';
import type { BackoffPlan } from '../model/plan.ts';
import type { Audit } from './audit.ts';
import { Check } from './invariant.ts';
import { seconds } from './words.ts';

interface Wait {
  /** When the call began, which tells it from the one that had its row before. */
  readonly begunAt: number;
  readonly due: number;
  readonly waitNs: number;
  /** Attempts begun before it. */
  readonly attempts: number;
}

/** Waits are cut to whole ns. */
const ROUNDING_NS = 1;

export class BackoffWaited extends Check {
  static for(audit: Audit): readonly BackoffWaited[] {
    return audit.policies.some(({ retries }) => retries !== null) ? [new BackoffWaited(audit)] : [];
  }

  /** The last of each call that was ever retried. */
  private readonly waits: Map<number, Wait> = new Map();

  override granted({ attempts: begun, backend, begunAt, id: call, outbound: own }: CallRow, due: number, now: number): void {
    const { audit } = this;
    // One that never got its connection was begun and not sent.
    const attempts = own.pools === null && backend === null ? audit.sentOf(call) : begun;
    const outbound = audit.outboundOf(call);
    const { retries } = audit.policies[outbound]!;
    const waitNs = due - now;
    const previous = this.waits.get(call);
    this.waits.set(call, { begunAt, due, waitNs, attempts });
    // A retry that no policy asks for is one attempt too many.
    if (retries === null) return;
    const [least, most] = backoffBounds(retries.backoff, Math.max(0, attempts - 1), previous?.begunAt === begunAt ? previous.waitNs : 0);
    if (waitNs >= least - ROUNDING_NS && waitNs <= most + ROUNDING_NS) return;
    audit.report('backoff-waited', { call, outbound, decision: `the retry after ${attempts} attempts waits ${seconds(waitNs)} s, and its backoff is ${seconds(least)} s to ${seconds(most)} s` });
  }

  override again({ call, id, number }: AttemptRow, now: number): void {
    const wait = this.waits.get(call.id);
    if (wait === undefined || wait.begunAt !== call.begunAt || number <= wait.attempts || now >= wait.due) return;
    this.audit.report('backoff-waited', { call: call.id, attempt: id, decision: `attempt ${number} was sent ${seconds(wait.due - now)} s before its backoff was over` });
  }
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
