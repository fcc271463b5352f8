/**
 * Envoy's waits before a retry, in whole milliseconds: `JitteredExponentialBackOffStrategy` of 1.38 (uniform below an
 * interval that doubles, and becomes max where doubling would reach it), and its predecessor of 1.15, whose formula
 * the documentation still gives. Both ends of the configuration are rounded up to 1 ms at least.
 */
import { NS_PER_MS } from '../../model/units.ts';
import type { Backoff } from './backoff.ts';
import type { Chance } from './chance.ts';

export class EnvoyBackoff implements Backoff {
  private readonly baseMs: number;
  private readonly maxMs: number;

  constructor(baseNs: number, maxNs: number) {
    this.maxMs = wholeMs(maxNs);
    this.baseMs = Math.min(this.maxMs, wholeMs(baseNs));
  }

  waitNs(retry: number, _previousNs: number, chance: Chance): number {
    return chance.below(this.intervalMs(retry)) * NS_PER_MS;
  }

  leastNs(_retry: number): number {
    return 0;
  }

  mostNs(retry: number): number {
    return (this.intervalMs(retry) - 1) * NS_PER_MS;
  }

  /** Waits before this retry are below it. */
  intervalMs(retry: number): number {
    const { maxMs } = this;
    const half = Math.floor(maxMs / 2);
    let interval = this.baseMs;
    for (let i = 0; i < retry && interval < maxMs; i++) interval = interval < half ? interval * 2 : maxMs;
    return interval;
  }
}

export class EnvoyDocumentedBackoff implements Backoff {
  private readonly baseMs: number;
  private readonly maxMs: number;
  /** The first retry whose interval is above max; the exponent stays there. */
  private readonly lastStep: number;

  constructor(baseNs: number, maxNs: number) {
    this.baseMs = wholeMs(baseNs);
    this.maxMs = wholeMs(maxNs);
    let step = 0;
    while (this.baseMs * (2 ** (step + 1) - 1) <= this.maxMs) step++;
    this.lastStep = step;
  }

  waitNs(retry: number, _previousNs: number, chance: Chance): number {
    return Math.min(this.maxMs, chance.below(this.intervalMs(retry))) * NS_PER_MS;
  }

  leastNs(_retry: number): number {
    return 0;
  }

  /** The interval itself, as the documentation has it; the last millisecond is never drawn. */
  mostNs(retry: number): number {
    return Math.min(this.maxMs, this.intervalMs(retry)) * NS_PER_MS;
  }

  private intervalMs(retry: number): number {
    return this.baseMs * (2 ** (Math.min(retry, this.lastStep) + 1) - 1);
  }
}

function wholeMs(ns: number): number {
  return Math.max(1, Math.ceil(ns / NS_PER_MS));
}
