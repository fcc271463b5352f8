/** Envoy's RANDOM (envoy.md 4.3): uniform over the ready endpoints, weights ignored. */
import type { Sequence } from '../../random/sequence.ts';
import type { EndpointSet } from '../endpoints.ts';
import type { Balancer, BalancerContext } from './balancer.ts';

export class RandomChoice implements Balancer {
  readonly learner: null = null;
  private readonly set: EndpointSet;
  private readonly random: Sequence;

  constructor({ set, random }: BalancerContext) {
    this.set = set;
    this.random = random;
  }

  pick(_now: number, _hash: number, _tries: number): number {
    return this.set.list[this.random.below(this.set.count)]!;
  }
}
