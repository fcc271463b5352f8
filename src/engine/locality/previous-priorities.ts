/**
 * Retries that avoid the priorities a call has tried: Envoy's retry priority `previous_priorities`
 * (`source/extensions/retry/priority/previous_priorities/previous_priorities.cc`, 1.38; envoy.md 12).
 *
 * After every `updateFrequency` attempts the load is spread over the priorities that were not tried. When those
 * that are left have nobody available, all are forgotten and it starts again; when nobody is available at all,
 * the ordinary loads hold, and what they say about panic.
 */
import { type PriorityLoad, type Shares, spread, totalAvailability } from './priority-load.ts';

/** What one call has tried. The row of a call keeps one and uses it again. */
export class PreviousPriorities implements Shares {
  readonly healthy: Int32Array;
  readonly degraded: Int32Array;
  private readonly updateFrequency: number;
  private readonly isTried: Uint8Array;
  private readonly isExcluded: Uint8Array;
  private readonly leftHealthy: Int32Array;
  private readonly leftDegraded: Int32Array;
  private attempts: number = 0;

  /** @param updateFrequency  attempts from one change of the loads to the next, >= 1 */
  constructor(priorities: number, updateFrequency: number) {
    this.updateFrequency = updateFrequency;
    this.healthy = new Int32Array(priorities);
    this.degraded = new Int32Array(priorities);
    this.isTried = new Uint8Array(priorities);
    this.isExcluded = new Uint8Array(priorities);
    this.leftHealthy = new Int32Array(priorities);
    this.leftDegraded = new Int32Array(priorities);
  }

  /** For another call. */
  reset(): void {
    this.forget();
  }

  attempted(priority: number): void {
    this.attempts++;
    this.isTried[priority] = 1;
  }

  /** The loads that the next attempt goes by. */
  shares(load: PriorityLoad): Shares {
    if (this.attempts < this.updateFrequency) return load;
    if (this.attempts % this.updateFrequency === 0) {
      for (let i = 0; i < this.isTried.length; i++) this.isExcluded[i]! |= this.isTried[i]!;
      if (!this.respread(load)) return load;
    }
    return this;
  }

  private respread(load: PriorityLoad): boolean {
    let total = this.availabilityLeft(load);
    if (total === 0) {
      this.forget();
      total = this.availabilityLeft(load);
      if (total === 0) return false;
    }
    this.healthy.fill(0);
    this.degraded.fill(0);
    // What rounding leaves goes round again.
    for (let left = 100; left > 0; ) {
      left = spread(this.healthy, this.leftHealthy, left, total);
      left = spread(this.degraded, this.leftDegraded, left, total);
    }
    return true;
  }

  private availabilityLeft(load: PriorityLoad): number {
    for (let i = 0; i < load.count; i++) {
      this.leftHealthy[i] = this.isExcluded[i] === 1 ? 0 : load.healthyAvailability[i]!;
      this.leftDegraded[i] = this.isExcluded[i] === 1 ? 0 : load.degradedAvailability[i]!;
    }
    return totalAvailability(this.leftHealthy, this.leftDegraded);
  }

  private forget(): void {
    this.attempts = 0;
    this.isTried.fill(0);
    this.isExcluded.fill(0);
  }
}
