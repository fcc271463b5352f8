/**
 * The power of d choices by requests in flight: Mitzenmacher's supermarket model (IEEE TPDS 12(10), 2001)
 * with distinct samples and uniform ties, or Envoy's LEAST_REQUEST (envoy.md 4.4) with replacement, where
 * the first sample wins ties. Unequal weights and slow start leave sampling aside, in Envoy and here: an EDF
 * schedule with weight / (in flight + 1)^bias, read when an endpoint is put back.
 */
import { bit as bitOf } from '../../model/bit.ts';
import { power } from '../../model/math.ts';
import type { Sequence } from '../../random/sequence.ts';
import type { EndpointSet } from '../endpoints.ts';
import type { Balancer, BalancerContext } from './balancer.ts';
import { NO_TURN, turnsOf, type WeightedTurns } from './weighted-turns.ts';

export interface LeastRequestOptions {
  readonly choices: number;
  readonly sampling: 'distinct' | 'withReplacement';
  readonly activeRequestBias: number;
  readonly fullScan: boolean;
}

// Local names for constants: see engine/calls.ts.
const bit = bitOf;

export class LeastRequest implements Balancer {
  readonly learner: null = null;
  private readonly set: EndpointSet;
  private readonly random: Sequence;
  private readonly choices: number;
  private readonly distinct: boolean;
  private readonly fullScan: boolean;
  private readonly turns: WeightedTurns | null;
  /** Not the common case, see `Outbound.detours`. */
  private readonly picksOddly: boolean;
  private readonly samples: Int32Array;

  constructor({ set, random, slowStart = null }: BalancerContext, options: LeastRequestOptions) {
    this.set = set;
    this.random = random;
    this.choices = options.choices;
    this.distinct = options.sampling === 'distinct';
    this.fullScan = options.fullScan;
    this.turns = turnsOf(set, random.word(), (endpoint) => biasedWeight(set.weights[endpoint]!, set.active[endpoint]!, options.activeRequestBias), slowStart);
    this.picksOddly = !this.distinct || this.choices !== 2 || this.fullScan || this.turns !== null;
    this.samples = new Int32Array(options.choices);
  }

  pick(now: number, _hash: number, _tries: number): number {
    const { set } = this;
    if (!this.picksOddly && set.count > 1) return this.twoDistinct();
    if (this.turns !== null) {
      const endpoint = this.turns.pick(now);
      if (endpoint !== NO_TURN) return endpoint;
    }
    if (set.count === 1) return set.list[0]!;
    if (this.fullScan) return this.scan();
    if (!this.distinct) return this.sampleWithReplacement();
    return this.sampleDistinct();
  }

  /** The common case, without a loop: 40 % of a pick at d = 2 (bench W2). */
  private twoDistinct(): number {
    const { list, count, active } = this.set;
    const i = this.random.below(count);
    const others = this.random.below(count - 1);
    const first = list[i]!;
    const second = list[others + bit(others >= i)]!;
    // The samples come in random order, so taking the first on a tie is uniform.
    return first + ((second - first) & -bit(active[second]! < active[first]!));
  }

  private sampleDistinct(): number {
    const { list, count, active } = this.set;
    const { samples, random } = this;
    const choices = Math.min(this.choices, count);
    let best = -1;
    for (let k = 0; k < choices; k++) {
      // Floyd's sampling keeps the samples distinct; ties are broken over all of them below.
      const limit = count - choices + k;
      let index = random.below(limit + 1);
      for (let m = 0; m < k; m++) {
        if (samples[m] === index) {
          index = limit;
          break;
        }
      }
      samples[k] = index;
    }
    let ties = 0;
    for (let k = 0; k < choices; k++) {
      const endpoint = list[samples[k]!]!;
      if (best < 0 || active[endpoint]! < active[best]!) {
        best = endpoint;
        ties = 1;
      } else if (active[endpoint]! === active[best]! && random.below(++ties) === 0) best = endpoint;
    }
    return best;
  }

  private sampleWithReplacement(): number {
    const { list, count, active } = this.set;
    let best = list[this.random.below(count)]!;
    for (let k = 1; k < this.choices; k++) {
      const endpoint = list[this.random.below(count)]!;
      if (active[endpoint]! < active[best]!) best = endpoint;
    }
    return best;
  }

  private scan(): number {
    const { list, count, active } = this.set;
    let best = list[0]!;
    let ties = 1;
    for (let k = 1; k < count; k++) {
      const endpoint = list[k]!;
      if (active[endpoint]! < active[best]!) {
        best = endpoint;
        ties = 1;
      } else if (active[endpoint]! === active[best]! && this.random.below(++ties) === 0) best = endpoint;
    }
    return best;
  }
}

/** A bias of 1 divides, and one of 0 leaves the weight alone: exactly, not by way of logarithms. */
export function biasedWeight(weight: number, active: number, bias: number): number {
  if (bias === 1) return weight / (active + 1);
  return bias === 0 ? weight : weight / power(active + 1, bias);
}
