/**
 * How far behind its own clock the mesh was: arrivals against the time they were meant for, and the event loop, which looks
 * at the clock a hundred times a second. `setInterval` is off by up to a millisecond, but nearly always by the same: from one look to the
 * next it keeps time to 0.1 ms, and costs nothing (looks that waited for their time as `alarm.ts` does took 15 % of a core).
 */
import { NS_PER_MS, msOf } from '../model/units.ts';
import { summaryOf } from '../result/build.ts';
import type { RealFigures } from '../result/result.ts';
import { Histogram } from '../stats/histogram.ts';

/** Between two looks at the clock, real ms. */
export const BEAT_MS = 10;
/** From this share of the latency p99 on, the figures say as much of this machine as of the mesh (validation.md 8). */
const DISTORTED = 0.05;
const BITS = 7;

export class Lateness {
  private readonly arrivals: Histogram = new Histogram(BITS);
  private readonly loop: Histogram = new Histogram(BITS);
  private step: Histogram = new Histogram(BITS);
  private readonly stepP99Ms: (number | null)[] = [];
  private readonly timeScale: number;
  private readonly beatNs: number;
  private lookedAt: number = 0;

  constructor(timeScale: number) {
    this.timeScale = timeScale;
    this.beatNs = (BEAT_MS * NS_PER_MS) / timeScale;
  }

  /** A request was sent so much after it was meant to be, ns. */
  arrived(lateNs: number): void {
    this.arrivals.record(lateNs);
    this.step.record(lateNs);
  }

  /** The loop had time to look; whatever it kept waiting meanwhile, it has kept waiting for so long. */
  looked(now: number): void {
    let lateNs = Math.max(0, now - this.lookedAt - this.beatNs);
    this.lookedAt = now;
    // Looks that were left out would have come late, too.
    do this.loop.record(lateNs);
    while ((lateNs -= this.beatNs) > 0);
  }

  /** A step of the series is over. */
  turn(): void {
    this.stepP99Ms.push(this.step.count === 0 ? null : msOf(this.step.percentile(0.99)));
    this.step = new Histogram(BITS);
  }

  /** @param latencyP99Ms  that the run reports; null without a request */
  figures(steps: number, latencyP99Ms: number | null): RealFigures {
    this.turn();
    const latenessMs = summaryOf(this.arrivals);
    const loopLagMs = summaryOf(this.loop);
    const worst = Math.max(latenessMs.p99 ?? 0, loopLagMs.p99 ?? 0);
    const { timeScale } = this;
    return { timeScale, latenessMs, loopLagMs, latenessP99Ms: Array.from({ length: steps }, (_, i) => this.stepP99Ms[i] ?? null), distorted: worst > DISTORTED * (latencyP99Ms ?? Infinity) };
  }
}
