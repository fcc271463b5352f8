/**
 * A balancer that comes as code: what its author writes, and what makes a balancer of the engine of it.
 *
 * Its author's words are plain: milliseconds since the start of the run, names of outcomes, endpoints by their number within
 * the service. One instance decides for one caller endpoint and edge, as our own do.
 */
import { OUTCOME_NAMES, type Outcome, type OutcomeName } from '../../model/outcome.ts';
import { OwnPolicyError, type OwnPolicyPlace } from '../../model/own-policy-error.ts';
import { NS_PER_MS } from '../../model/units.ts';
import type { Sequence } from '../../random/sequence.ts';
import type { Balancer } from '../balance/balancer.ts';
import type { CallRow } from '../calls.ts';
import type { EndpointSet } from '../endpoints.ts';
import type { CallerOf } from './own-code.ts';

/** Called once for each caller endpoint of each edge whose policy names the balancer, before the run begins. */
export type OwnBalancerFactory = (about: BalancerSubject) => OwnBalancer;

export interface BalancerSubject extends CallerOf {
  /** All endpoints of the service, ready or not, by their number. */
  readonly endpoints: readonly EndpointView[];
}

export interface EndpointView {
  /** Its number within the service, from 0: what `pick` returns. */
  readonly index: number;
  /** Such as `cart/3`. */
  readonly name: string;
  /** 1 unless the service has `weights`. */
  readonly weight: number;
  /** `default` in a scenario without zones. */
  readonly zone: string;
  /** Attempts of this caller that are in flight there now. */
  readonly active: number;
}

export interface PickRequest {
  /** Of the request's key, 32 bits; the same for equal keys. */
  readonly hashKey: number;
  /** Which attempt of its call this is, from 1. */
  readonly attempt: number;
  /** Endpoint of the attempt before, null for a first one. */
  readonly previous: number | null;
  /** Picks that were turned down for this attempt, because `avoidPrevious` wants another endpoint than the one that failed. */
  readonly tries: number;
}

export interface FinishedAttempt {
  readonly outcome: OutcomeName;
  /** Of the answer; 0 where there was none. */
  readonly status: number;
  /** From when it was sent, ms. */
  readonly latencyMs: number;
}

/** Times are ms since the start of the run; `random` is uniform in [0, 1) and drawn from the run's seed. */
export interface OwnBalancer {
  /**
   * Choose an endpoint for an attempt.
   * @param ready  those that may be picked now, at least one, in the service's order; valid until `pick` returns
   * @returns the `index` of one of them
   */
  pick(ready: readonly EndpointView[], request: PickRequest, now: number, random: () => number): number;
  /** An attempt that this instance picked the endpoint for is over: answered, timed out or cancelled (`unfinished`). */
  finished?(endpoint: number, attempt: FinishedAttempt, now: number): void;
  /** A health check, a breaker or outlier detection took it out of use … */
  ejected?(endpoint: number, now: number): void;
  /** … and no longer does. */
  returned?(endpoint: number, now: number): void;
}

/** The code's side of one outbound. */
export class OwnBalancing {
  private readonly own: OwnBalancer;
  private readonly place: OwnPolicyPlace;
  private readonly views: readonly EndpointView[];
  private readonly random: () => number;
  private attempt: number = 1;
  private previous: number | null = null;

  constructor(factory: OwnBalancerFactory, place: OwnPolicyPlace, set: EndpointSet, random: Sequence, zoneOf: (endpoint: number) => string, nameOf: (endpoint: number) => string) {
    this.place = place;
    this.random = () => random.unit();
    this.views = Array.from({ length: set.size }, (_, index) => ({
      index,
      name: nameOf(index),
      weight: set.weights[index]!,
      zone: zoneOf(index),
      get active(): number {
        return set.active[index]!;
      },
    }));
    const { caller, edge } = place;
    this.own = this.guarded(0, 'made before the run', () => factory({ edge, caller, endpoints: this.views }));
  }

  /** What the engine keeps for the locality, or for itself. */
  readonly newBalancer = ({ set }: { readonly set: EndpointSet }): Balancer => new OwnChoice(this, set);

  /** The next picks are for this call. */
  about({ attempts, lastEndpoint }: CallRow): void {
    this.attempt = attempts + 1;
    this.previous = lastEndpoint < 0 ? null : lastEndpoint;
  }

  pick(ready: readonly EndpointView[], hashKey: number, tries: number, now: number): number {
    const { attempt, previous } = this;
    const deed = `picking for attempt ${attempt} of a call`;
    const picked = this.guarded(now, deed, () => this.own.pick(ready, { hashKey, attempt, previous, tries }, now / NS_PER_MS, this.random));
    // Code without types may return anything.
    const view = typeof picked === 'number' ? this.views[picked] : undefined;
    if (view !== undefined && ready.includes(view)) return picked;
    const problem = view === undefined ? `picked \`${String(picked)}\`, which is no endpoint` : `picked ${view.name}, which is not ready`;
    throw new OwnPolicyError(this.place, now, deed, `${problem}; ready are ${ready.map(({ index }) => index).join(', ')}`);
  }

  viewsOf({ count, list }: EndpointSet): readonly EndpointView[] {
    return Array.from({ length: count }, (_, i) => this.views[list[i]!]!);
  }

  finished(endpoint: number, outcome: Outcome, status: number, sentAt: number, now: number): void {
    const { own } = this;
    if (own.finished === undefined) return;
    const finished = { outcome: OUTCOME_NAMES[outcome]!, status, latencyMs: (now - sentAt) / NS_PER_MS };
    this.guarded(now, `hearing that an attempt to ${this.views[endpoint]!.name} is over`, () => own.finished!(endpoint, finished, now / NS_PER_MS));
  }

  readyChanged(endpoint: number, isReady: boolean, now: number): void {
    const { own } = this;
    const { name } = this.views[endpoint]!;
    if (isReady) this.guarded(now, `hearing that ${name} is back`, () => own.returned?.(endpoint, now / NS_PER_MS));
    else this.guarded(now, `hearing that ${name} is ejected`, () => own.ejected?.(endpoint, now / NS_PER_MS));
  }

  private guarded<T>(now: number, deed: string, act: () => T): T {
    try {
      return act();
    } catch (cause) {
      throw cause instanceof OwnPolicyError ? cause : new OwnPolicyError(this.place, now, deed, 'threw', cause);
    }
  }
}

/** Over all endpoints, or over those of one locality. */
class OwnChoice implements Balancer {
  /** The outbound tells more: see `OwnBalancing.finished`. */
  readonly learner: null = null;
  private readonly balancing: OwnBalancing;
  private readonly set: EndpointSet;
  private ready: readonly EndpointView[] = [];
  private version: number = -1;

  constructor(balancing: OwnBalancing, set: EndpointSet) {
    this.balancing = balancing;
    this.set = set;
  }

  pick(now: number, hash: number, tries: number): number {
    const { balancing, set } = this;
    if (set.version !== this.version) {
      this.ready = balancing.viewsOf(set);
      this.version = set.version;
    }
    return balancing.pick(this.ready, hash, tries, now);
  }
}
