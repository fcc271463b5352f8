/**
 * The mesh's clock: nanoseconds since the run began, never going back. With a time scale of 10 it goes at a tenth of the speed,
 * so that every duration takes ten times as long and every rate is a tenth, whoever asks for it.
 */
import { NS_PER_MS } from '../model/units.ts';

export class Clock {
  /** Real time per time of the run. */
  readonly scale: number;
  private startedMs: number = performance.now();

  constructor(scale: number) {
    this.scale = scale;
  }

  /**
   * @param at  when the run begins, as `process.hrtime` counts: unlike `performance.now`, the same in all threads
   */
  start(at: bigint): void {
    this.startedMs = performance.now() - Number(process.hrtime.bigint() - at) / NS_PER_MS;
  }

  /** ns. */
  now(): number {
    return Math.round(((performance.now() - this.startedMs) * NS_PER_MS) / this.scale);
  }

  /** Real milliseconds from now until then; below 0 when it has passed. */
  msUntil(due: number): number {
    return (due / NS_PER_MS) * this.scale - (performance.now() - this.startedMs);
  }
}
