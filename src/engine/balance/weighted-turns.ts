/**
 * When and by which weights Envoy's balancers go by a schedule (`EdfLoadBalancerBase::refresh`, 1.38; envoy.md 4.1-4.4, 6):
 * where the weights of the endpoints differ or one may be in slow start, and there is a choice. That is decided when the
 * endpoints change, and holds until they change again: a schedule made in slow start stays when it is over.
 * Each change makes a new schedule with the same pre-picks. We notice a change at the first pick after it.
 */
import type { EndpointSet } from '../endpoints.ts';
import { EdfScheduler } from './edf.ts';
import { SlowStart, type SlowStartOptions } from './slow-start.ts';

/** Nobody's turn by weight. */
export const NO_TURN = -1;

export class WeightedTurns {
  private readonly set: EndpointSet;
  private readonly seed: number;
  private readonly schedule: EdfScheduler;
  private readonly slowStart: SlowStart | null;
  private readonly weightOf: (endpoint: number) => number;
  private version: number = -1;
  private isOn: boolean = false;
  private now: number = 0;

  /** @param weightOf  of an endpoint now, slow start aside */
  constructor(set: EndpointSet, seed: number, weightOf: (endpoint: number) => number, slowStart: SlowStartOptions | null) {
    this.set = set;
    this.seed = seed;
    this.schedule = new EdfScheduler(set.size);
    const starts = slowStart === null ? null : new SlowStart(set, slowStart);
    this.slowStart = starts;
    this.weightOf = starts === null ? weightOf : (endpoint) => starts.scaled(weightOf(endpoint), endpoint, this.now);
  }

  /** The endpoint whose turn it is, or NO_TURN where weights do not count. */
  pick(now: number): number {
    this.now = now;
    if (this.version !== this.set.version) this.refresh();
    return this.isOn ? this.schedule.pick(this.weightOf) : NO_TURN;
  }

  private refresh(): void {
    const { set, slowStart } = this;
    this.version = set.version;
    slowStart?.refresh(this.now);
    this.isOn = set.count > 1 && (!set.weightsEqual || (slowStart?.isOn(this.now) ?? false));
    if (this.isOn) this.schedule.rebuild(set.list, set.count, this.weightOf, this.seed);
  }
}

/** Null where weights can never count, so that a pick need not ask. */
export function turnsOf(set: EndpointSet, seed: number, weightOf: (endpoint: number) => number, slowStart: SlowStartOptions | null): WeightedTurns | null {
  return set.hasWeights || slowStart !== null ? new WeightedTurns(set, seed, weightOf, slowStart) : null;
}
