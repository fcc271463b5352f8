/**
 * Envoy's ROUND_ROBIN (envoy.md 4.2): equal weights go by a counter that starts at random and survives
 * changes of the endpoint set, one for the ready endpoints and one for all of them in panic; unequal ones, and
 * slow start, by turns of an EDF schedule.
 */
import type { EndpointSet } from '../endpoints.ts';
import type { Balancer, BalancerContext } from './balancer.ts';
import { NO_TURN, turnsOf, type WeightedTurns } from './weighted-turns.ts';

export class RoundRobin implements Balancer {
  readonly learner: null = null;
  private readonly set: EndpointSet;
  private readonly turns: WeightedTurns | null;
  /** Picks so far, by the start. */
  counter: number;
  private panicCounter: number;

  constructor({ set, random, slowStart = null }: BalancerContext) {
    this.set = set;
    const seed = random.word();
    // Small enough that a run's picks stay in integer arithmetic.
    this.counter = this.panicCounter = seed >>> 2;
    this.turns = turnsOf(set, seed, (endpoint) => set.weights[endpoint]!, slowStart);
  }

  pick(now: number, _hash: number, _tries: number): number {
    const { set } = this;
    if (this.turns !== null) {
      const endpoint = this.turns.pick(now);
      if (endpoint !== NO_TURN) return endpoint;
    }
    const turn = set.panic ? this.panicCounter++ : this.counter++;
    return set.list[turn % set.count]!;
  }
}
