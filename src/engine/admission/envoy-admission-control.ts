/**
 * Envoy's admission control filter (envoyproxy/envoy: source/extensions/filters/http/admission_control/, 1.38): refuses
 * more the further the success rate of the last while is below a threshold.
 *
 * Answers are counted in slots that open at least a second apart; a slot is forgotten when its opening is a window
 * ago. What was refused is not counted, nor is a call without an answer. The average rate is judged before old slots are
 * forgotten, as in the product. Left out: workers (each counts for itself there; a caller endpoint is one here), gRPC
 * statuses, success ranges.
 */
import { power } from '../../model/math.ts';
import { Outcome } from '../../model/outcome.ts';
import { secondsOf } from '../../model/units.ts';
import type { CallGate, GateDice } from './gate.ts';

export interface EnvoyAdmissionOptions {
  readonly samplingWindow: number;
  readonly srThreshold: number;
  readonly aggression: number;
  readonly rpsThreshold: number;
  readonly maxRejectionProbability: number;
}

const SECOND = 1e9;
/** Four digits of a probability. */
const ACCURACY = 10_000;
const SERVER_ERROR = 500;

export class EnvoyAdmissionControl implements CallGate {
  private readonly options: EnvoyAdmissionOptions;
  private readonly exponent: number;
  private readonly windowNs: number;
  private readonly dice: GateDice;
  // A ring of slots, oldest first.
  private readonly openedAt: Float64Array;
  private readonly requests: Float64Array;
  private readonly successes: Float64Array;
  private first: number = 0;
  private count: number = 0;
  private requestTotal: number = 0;
  private successTotal: number = 0;

  constructor(options: EnvoyAdmissionOptions, dice: GateDice) {
    this.options = options;
    this.exponent = 1 / Math.max(1, options.aggression);
    // The filter keeps its window in whole seconds.
    this.windowNs = Math.trunc(secondsOf(options.samplingWindow)) * SECOND;
    this.dice = dice;
    const slots = this.windowNs / SECOND + 1;
    this.openedAt = new Float64Array(slots);
    this.requests = new Float64Array(slots);
    this.successes = new Float64Array(slots);
  }

  admit(now: number): Outcome {
    if (this.averageRps(now) < this.options.rpsThreshold) return Outcome.ok;
    this.turnTo(now);
    const probability = this.probability();
    return ACCURACY * probability > this.dice.below(ACCURACY) ? Outcome.rejected : Outcome.ok;
  }

  settled(outcome: Outcome, status: number, _begunAt: number, now: number): void {
    if (outcome === Outcome.unfinished) return;
    this.turnTo(now);
    const cell = (this.first + this.count - 1) % this.openedAt.length;
    this.requests[cell]!++;
    this.requestTotal++;
    if (status >= SERVER_ERROR) return;
    this.successes[cell]!++;
    this.successTotal++;
  }

  /** That a call is refused, 0..1, by what is counted. */
  probability(): number {
    const { srThreshold, maxRejectionProbability } = this.options;
    const share = (this.requestTotal - this.successTotal / srThreshold) / (this.requestTotal + 1);
    if (!(share > 0)) return 0;
    return Math.min(this.exponent === 1 ? share : power(share, this.exponent), maxRejectionProbability);
  }

  /** Answers per second of the window, cut to a whole number. */
  averageRps(now: number): number {
    if (this.requestTotal === 0) return 0;
    const ageS = Math.trunc(secondsOf(now - this.openedAt[this.first]!));
    return Math.trunc(this.requestTotal / Math.max(this.windowNs / SECOND, ageS));
  }

  /** Forget slots that are too old, and open one if the youngest is. */
  private turnTo(now: number): void {
    const { length } = this.openedAt;
    while (this.count > 0 && now - this.openedAt[this.first]! >= this.windowNs) {
      this.requestTotal -= this.requests[this.first]!;
      this.successTotal -= this.successes[this.first]!;
      this.first = (this.first + 1) % length;
      this.count--;
    }
    const youngest = (this.first + this.count - 1 + length) % length;
    if (this.count > 0 && now - this.openedAt[youngest]! < SECOND) return;
    const cell = (this.first + this.count) % length;
    this.openedAt[cell] = now;
    this.requests[cell] = 0;
    this.successes[cell] = 0;
    this.count++;
  }
}
