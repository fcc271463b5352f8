/**
 * Localities in turn by weight: Envoy 1.38, `source/extensions/load_balancing_policies/common/locality_wrr.cc`
 * (envoy.md 3). Each weight is scaled by the share of the locality's hosts that are eligible times the
 * overprovisioning factor, at most 1; the turns are earliest deadline first, begun anew at another random
 * place on each change of the hosts.
 */
import { NONE } from '../../model/ids.ts';
import { EdfScheduler } from '../balance/edf.ts';
import type { LocalityChoice, RandomWords } from './locality-choice.ts';

export class LocalityWeights implements LocalityChoice {
  /** By locality, as of the last `rebuild`. */
  readonly effective: Float64Array;
  private readonly weights: ArrayLike<number>;
  private readonly factor: number;
  private readonly eligibleOnes: Int32Array;
  private readonly schedule: EdfScheduler;
  private readonly weightOf: (locality: number) => number;
  private hasTurns: boolean = false;

  /** @param overprovisioning  percent */
  constructor(weights: ArrayLike<number>, overprovisioning: number) {
    this.weights = weights;
    this.factor = overprovisioning / 100;
    this.effective = new Float64Array(weights.length);
    this.eligibleOnes = new Int32Array(weights.length);
    this.schedule = new EdfScheduler(weights.length);
    this.weightOf = (locality) => this.effective[locality]!;
  }

  /**
   * @param hosts     by locality, without those excluded
   * @param eligible  of these, healthy (or degraded, in a schedule for them)
   */
  rebuild(hosts: ArrayLike<number>, eligible: ArrayLike<number>, random: RandomWords): void {
    let count = 0;
    for (let i = 0; i < this.weights.length; i++) {
      const ratio = hosts[i]! === 0 ? 0 : eligible[i]! / hosts[i]!;
      this.effective[i] = this.weights[i]! * Math.min(1, this.factor * ratio);
      if (this.effective[i]! > 0) this.eligibleOnes[count++] = i;
    }
    const seed = random.word();
    this.hasTurns = count > 0;
    if (this.hasTurns) this.schedule.rebuild(this.eligibleOnes, count, this.weightOf, seed);
  }

  /** NONE when no locality has both weight and eligible hosts: the pick is then one among all of them. */
  choose(): number {
    return this.hasTurns ? this.schedule.pick(this.weightOf) : NONE;
  }
}
