/**
 * Less weight for endpoints that just came (Envoy `EdfLoadBalancerBase`, `load_balancer_impl.cc`, 1.38; envoy.md 6):
 * the weight grows with the age to the power of 1/aggression, from a least share up. The age counts from when the endpoint
 * was added or, where health is checked, from the last check that it passed after failing (`EndpointSet.joinedAt`); the
 * end of an ejection does not begin it anew. Ages are whole milliseconds, as in Envoy.
 *
 * At the start all endpoints are new, so for one window all picks go by schedule, though all weights are scaled alike.
 */
import { power } from '../../model/math.ts';
import { NS_PER_MS } from '../../model/units.ts';
import type { EndpointSet } from '../endpoints.ts';

export interface SlowStartOptions {
  /** ns, from 1 ms. */
  readonly window: number;
  readonly aggression: number;
  /** 0..1. */
  readonly minWeight: number;
}

export class SlowStart {
  private readonly set: EndpointSet;
  private readonly windowMs: number;
  private readonly exponent: number;
  private readonly minWeight: number;
  /** When the last endpoint joined that was seen to; the start counts. */
  private latest: number = 0;

  constructor(set: EndpointSet, { window, aggression, minWeight }: SlowStartOptions) {
    this.set = set;
    this.windowMs = Math.floor(window / NS_PER_MS);
    this.exponent = 1 / aggression;
    this.minWeight = minWeight;
  }

  /** The set has changed: see to those who have joined. */
  refresh(now: number): void {
    const { set } = this;
    for (let endpoint = 0; endpoint < set.size; endpoint++) {
      const joinedAt = set.joinedAt[endpoint]!;
      if (set.isReady(endpoint) && joinedAt > this.latest && wholeMs(now - joinedAt) <= this.windowMs) this.latest = joinedAt;
    }
  }

  /** Whether any endpoint may be within its window. */
  isOn(now: number): boolean {
    return wholeMs(now - this.latest) <= this.windowMs;
  }

  /** The weight as its age scales it. In panic, an endpoint that is not ready has all of its weight. */
  scaled(weight: number, endpoint: number, now: number): number {
    const ageMs = wholeMs(now - this.set.joinedAt[endpoint]!);
    if (!this.isOn(now) || ageMs >= this.windowMs || !this.set.isReady(endpoint)) return weight;
    const age = Math.max(1, ageMs) / this.windowMs;
    return weight * Math.max(this.exponent === 1 ? age : power(age, this.exponent), this.minWeight);
  }
}

function wholeMs(ns: number): number {
  return Math.floor(ns / NS_PER_MS);
}
