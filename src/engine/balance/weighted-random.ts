/**
 * A random ready endpoint, by weight: what Linkerd's split and gRPC's weighted_target do among services, for endpoints.
 * Ours; the RANDOM of Envoy ignores weights.
 */
import type { Sequence } from '../../random/sequence.ts';
import type { EndpointSet } from '../endpoints.ts';
import type { Balancer, BalancerContext } from './balancer.ts';

export class WeightedRandom implements Balancer {
  readonly learner: null = null;
  private readonly set: EndpointSet;
  private readonly random: Sequence;
  /** Weights summed up over `set.list`. */
  private readonly sums: Float64Array;
  private version: number = -1;

  constructor({ set, random }: BalancerContext) {
    this.set = set;
    this.random = random;
    this.sums = new Float64Array(set.size);
  }

  pick(_now: number, _hash: number, _tries: number): number {
    const { set, sums } = this;
    if (this.version !== set.version) this.sumUp();
    const point = this.random.unit() * sums[set.count - 1]!;
    let low = 0;
    for (let high = set.count - 1; low < high; ) {
      const middle = (low + high) >> 1;
      if (sums[middle]! > point) high = middle;
      else low = middle + 1;
    }
    return set.list[low]!;
  }

  private sumUp(): void {
    const { set, sums } = this;
    this.version = set.version;
    let sum = 0;
    for (let i = 0; i < set.count; i++) sums[i] = sum += set.weights[set.list[i]!]!;
  }
}
