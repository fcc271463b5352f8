/**
 * How far behind its own clock the mesh is: arrivals against the time they were meant for, and the event loop, which looks at
 * the clock a hundred times a second. `setInterval` is off by up to a millisecond, but nearly always by the same: from one look to the
 * next it keeps time to 0.1 ms, and costs nothing (with looks that waited as closely as `alarm.ts` does, a call took twice the processor time).
 */
import { NS_PER_MS } from '../model/units.ts';
import { type LatenessData, worse } from '../result/lateness.ts';
import { Histogram } from '../stats/histogram.ts';

/** Between two looks at the clock, real ms. */
export const BEAT_MS = 10;
const BITS = 7;

export class Lateness {
  private readonly arrivals: Histogram = new Histogram(BITS);
  private readonly loop: Histogram = new Histogram(BITS);
  private step: Histogram = new Histogram(BITS);
  private stepP99: (number | null)[] = [];
  private readonly timeScale: number;
  private readonly beatNs: number;
  private lookedAt: number = 0;

  /** @param timeScale  real time per time of the run */
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
    this.stepP99.push(this.presentP99());
    this.step = new Histogram(BITS);
  }

  /** The series has joined each two of its steps: what was worse stays. */
  joinSteps(): void {
    this.stepP99 = this.stepP99.flatMap((first, i) => (i % 2 === 0 ? [worse(first, this.stepP99[i + 1] ?? null)] : []));
  }

  /** Up to now. */
  data(): LatenessData {
    return { timeScale: this.timeScale, arrivals: this.arrivals.state(), loop: this.loop.state(), stepP99: [...this.stepP99, this.presentP99()] };
  }

  private presentP99(): number | null {
    return this.step.count === 0 ? null : this.step.percentile(0.99);
  }
}
