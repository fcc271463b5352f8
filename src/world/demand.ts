/** Who asks when: the sources of requests of a run, and the users of its closed loops. */
import type { Plan } from '../model/plan.ts';
import { createSampler } from '../random/distribution/registry.ts';
import type { Sampler } from '../random/distribution/sampler.ts';
import { Draw, Stream } from '../random/hash.ts';
import { type ArrivalSource, createArrivals } from '../traffic/arrivals.ts';
import { RequestMix } from '../traffic/request-mix.ts';

/** By source and class: some rendered values of its hash key, where that is a template. */
export type RenderedKeys = readonly (readonly (readonly string[])[])[];

/** Of a user, from asking to asking again, when neither answer nor thought takes time. */
const SHORTEST_ROUND_NS = 1e6;

export class Demand {
  /** Next arrival of an open loop, ns; Infinity when there is none before arrivals stop. */
  nextAt: number = Infinity;
  /** Source of that arrival. */
  nextSource: number = 0;
  /** By source; null where its users ask when they have thought. */
  readonly sources: readonly (ArrivalSource | null)[];
  readonly mixes: readonly RequestMix[];
  /** Of each source: its first class among the classes of all, and the edge that its requests take. */
  readonly firstClass: readonly number[];
  readonly edges: Int32Array;
  /** Users of all closed loops. */
  users: number;
  private readonly plan: Plan;
  private readonly userSource: Int32Array;
  private readonly userIndex: Int32Array;
  /** Requests made, or thought of. */
  private readonly userRounds: Float64Array;
  private readonly thinkSamplers: readonly (Sampler | null)[];
  private readonly thinkStream: Stream;
  private readonly draw: Draw = new Draw();

  constructor(plan: Plan, seed: number, renderedKeys: RenderedKeys) {
    this.plan = plan;
    const arrivals = new Stream(seed, 'arrival');
    this.sources = plan.traffic.map(({ load }, source) => createArrivals(load, arrivals, source));
    this.mixes = plan.traffic.map((source, i) => new RequestMix(source, i, seed, renderedKeys[i] ?? []));
    this.firstClass = plan.traffic.map((_, i) => plan.traffic.slice(0, i).reduce((sum, { classes }) => sum + classes.length, 0));
    this.edges = Int32Array.from(plan.traffic, ({ edge }) => edge);
    this.thinkSamplers = plan.traffic.map(({ load }) => (load.kind === 'closed' ? createSampler(load.thinkTime) : null));
    this.thinkStream = new Stream(seed, 'think');
    const users = plan.traffic.flatMap(({ load }, source) => (load.kind === 'closed' ? Array.from({ length: load.users }, (_, user) => ({ source, user })) : []));
    this.users = users.length;
    this.userSource = Int32Array.from(users, ({ source }) => source);
    this.userIndex = Int32Array.from(users, ({ user }) => user);
    this.userRounds = new Float64Array(users.length);
    this.findNext();
  }

  /** Nobody asks. */
  silence(): void {
    this.nextAt = Infinity;
    this.users = 0;
  }

  /** The next arrival has been taken; find the one after it. */
  advance(): void {
    this.sources[this.nextSource]!.advance();
    this.findNext();
  }

  sourceOf(user: number): number {
    return this.userSource[user]!;
  }

  /** Number of the request that the user makes now, among those of its source. */
  numberOf(user: number): number {
    const { load } = this.plan.traffic[this.userSource[user]!]!;
    const users = load.kind === 'closed' ? load.users : 1;
    return this.userIndex[user]! + this.userRounds[user]! * users;
  }

  /** Which client of its source the user is. */
  clientOf(user: number): number {
    return this.userIndex[user]! % this.plan.traffic[this.userSource[user]!]!.clients;
  }

  /**
   * How long the user thinks before it asks (again), ns.
   * @param askedAt  when the request began that is now over; before the first below 0
   */
  think(user: number, askedAt: number, now: number): number {
    const source = this.userSource[user]!;
    const round = ++this.userRounds[user]!;
    this.draw.seek(this.thinkStream, round, this.userIndex[user]! ^ (source << 24));
    const thinkNs = Math.floor(this.thinkSamplers[source]!.sample(this.draw) + 0.5);
    // Refused at once and asking again at once, a user would stop the clock.
    return now > askedAt ? thinkNs : Math.max(thinkNs, SHORTEST_ROUND_NS);
  }

  private findNext(): void {
    let at = Infinity;
    for (let i = 0; i < this.sources.length; i++) {
      const source = this.sources[i]!;
      if (source !== null && source.nextAt < at) {
        at = source.nextAt;
        this.nextSource = i;
      }
    }
    this.nextAt = at < this.plan.durationNs ? at : Infinity;
  }
}
