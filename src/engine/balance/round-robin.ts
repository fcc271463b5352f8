/**
 * Envoy's ROUND_ROBIN (envoy.md 4.2): equal weights go by a counter that starts at random and survives
 * changes of the endpoint set; unequal ones by an EDF schedule, rebuilt with the same seed on each change.
 */
import type { EndpointSet } from '../endpoints.ts';
import type { Balancer, BalancerContext } from './balancer.ts';
import { EdfScheduler } from './edf.ts';

export class RoundRobin implements Balancer {
  private readonly set: EndpointSet;
  private readonly seed: number;
  private counter: number;
  private readonly schedule: EdfScheduler | null;
  private version: number = -1;
  private readonly weightOf: (endpoint: number) => number;

  constructor({ set, random }: BalancerContext) {
    this.set = set;
    this.seed = random.word();
    // Small enough that a run's picks stay in integer arithmetic.
    this.counter = this.seed >>> 2;
    this.schedule = set.hasWeights ? new EdfScheduler(set.size) : null;
    this.weightOf = (endpoint) => set.weights[endpoint]!;
  }

  pick(_now: number, _hash: number, _tries: number): number {
    const { set } = this;
    if (this.schedule !== null && !set.weightsEqual) return this.pickWeighted(this.schedule);
    const index = this.counter % set.count;
    this.counter++;
    return set.list[index]!;
  }

  finished(_endpoint: number, _sentAt: number, _failed: boolean, _now: number): void {}

  private pickWeighted(schedule: EdfScheduler): number {
    if (this.version !== this.set.version) {
      this.version = this.set.version;
      schedule.rebuild(this.set.list, this.set.count, this.weightOf, this.seed);
    }
    return schedule.pick(this.weightOf);
  }
}
