/**
 * How far behind its own clock the mesh is: arrivals against the time they were meant for, and the event loop, which looks at
 * the clock a hundred times a second.
 */
import { type LatenessData, worse } from '../result/lateness.ts';
import { Histogram } from '../stats/histogram.ts';

/** Between two looks at the clock, real ns. */
export const BEAT_NS = 10e6;
const BITS = 7;

export class Lateness {
  private readonly arrivals: Histogram = new Histogram(BITS);
  private readonly loop: Histogram = new Histogram(BITS);
  private step: Histogram = new Histogram(BITS);
  private stepP99: (number | null)[] = [];

  /** A request was sent so much after it was meant to be, ns. */
  arrived(lateNs: number): void {
    this.arrivals.record(lateNs);
    this.step.record(lateNs);
  }

  looked(lateNs: number): void {
    this.loop.record(lateNs);
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
  data(timeScale: number): LatenessData {
    return { timeScale, arrivals: this.arrivals.state(), loop: this.loop.state(), stepP99: [...this.stepP99, this.presentP99()] };
  }

  private presentP99(): number | null {
    return this.step.count === 0 ? null : this.step.percentile(0.99);
  }
}
