/**
 * The wait before a retry: one class for each way to draw it. Formulas: AWS Architecture Blog, "Exponential Backoff
 * and Jitter" (full, equal, decorrelated; the first retry uses base x 2^0); gRPC proposal A6; Resilience4j's
 * randomized intervals. Envoy's and Linkerd's have files of their own.
 */
import type { BackoffPlan } from '../../model/plan.ts';
import type { Chance } from './chance.ts';
import { EnvoyBackoff, EnvoyDocumentedBackoff } from './envoy-backoff.ts';
import type { JitterName } from './jitter-kinds.ts';
import { LinkerdBackoff } from './linkerd-backoff.ts';

export interface Backoff {
  /**
   * @param retry       0 for the first retry
   * @param previousNs  what this returned for the retry before; 0 for the first
   * @returns ns, a whole number
   */
  waitNs(retry: number, previousNs: number, chance: Chance): number;
  /** No wait is shorter or longer, in ns. */
  leastNs(retry: number): number;
  mostNs(retry: number, previousNs: number): number;
}

export function createBackoff({ baseNs, maxNs, jitter, multiplier, jitterRatio }: BackoffPlan): Backoff {
  switch (jitter as JitterName) {
    case 'full':
      return new UniformBackoff(baseNs, maxNs, 2, 0, 1);
    case 'equal':
      return new UniformBackoff(baseNs, maxNs, 2, 0.5, 0.5);
    case 'none':
      return new UniformBackoff(baseNs, maxNs, 2, 1, 0);
    case 'grpc':
      return new UniformBackoff(baseNs, maxNs, multiplier, 0.8, 0.4);
    case 'proportional':
      return new UniformBackoff(baseNs, maxNs, multiplier, 1 - jitterRatio, 2 * jitterRatio);
    case 'decorrelated':
      return new DecorrelatedBackoff(baseNs, maxNs);
    case 'envoy':
      return new EnvoyBackoff(baseNs, maxNs);
    case 'envoyDocumented':
      return new EnvoyDocumentedBackoff(baseNs, maxNs);
    case 'linkerd':
      return new LinkerdBackoff(baseNs, maxNs, jitterRatio);
    default:
      throw new Error(`unknown jitter ${jitter}`);
  }
}

/** A share of the step, and uniform up to another one more. */
class UniformBackoff implements Backoff {
  private readonly baseNs: number;
  private readonly maxNs: number;
  private readonly multiplier: number;
  private readonly low: number;
  private readonly spread: number;

  constructor(baseNs: number, maxNs: number, multiplier: number, low: number, spread: number) {
    this.baseNs = baseNs;
    this.maxNs = maxNs;
    this.multiplier = multiplier;
    this.low = low;
    this.spread = spread;
  }

  waitNs(retry: number, _previousNs: number, chance: Chance): number {
    const share = this.spread === 0 ? this.low : this.low + this.spread * chance.unit();
    return Math.floor(share * this.stepNs(retry));
  }

  leastNs(retry: number): number {
    return this.low * this.stepNs(retry);
  }

  mostNs(retry: number): number {
    return (this.low + this.spread) * this.stepNs(retry);
  }

  private stepNs(retry: number): number {
    const { maxNs, multiplier } = this;
    let step = this.baseNs;
    for (let i = 0; i < retry && step < maxNs && step > 0; i++) step *= multiplier;
    return Math.min(maxNs, step);
  }
}

class DecorrelatedBackoff implements Backoff {
  private readonly baseNs: number;
  private readonly maxNs: number;

  constructor(baseNs: number, maxNs: number) {
    this.baseNs = baseNs;
    this.maxNs = maxNs;
  }

  waitNs(_retry: number, previousNs: number, chance: Chance): number {
    return Math.floor(Math.min(this.maxNs, this.baseNs + chance.unit() * (this.reachNs(previousNs) - this.baseNs)));
  }

  leastNs(_retry: number): number {
    return Math.min(this.baseNs, this.maxNs);
  }

  mostNs(_retry: number, previousNs: number): number {
    return Math.min(this.maxNs, this.reachNs(previousNs));
  }

  private reachNs(previousNs: number): number {
    return 3 * Math.max(this.baseNs, previousNs);
  }
}
