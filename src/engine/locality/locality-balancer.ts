/**
 * Which part of a service an attempt goes to, before a balancer chooses the endpoint: the priority, whether it
 * panics, the locality inside it. The order of decisions is Envoy's (1.38, `load_balancer_impl.cc`,
 * `hostSourceToUse`; envoy.md 3).
 *
 * Envoy starts the round robin of all lists of one caller at the same random place, we each at its own.
 * Only made where an edge has a locality mode: the plain edge has its balancer directly.
 */
import { NONE } from '../../model/ids.ts';
import type { Sequence } from '../../random/sequence.ts';
import type { Balancer, Learner } from '../balance/balancer.ts';
import type { EndpointSet } from '../endpoints.ts';
import { type LocalitySetup, isHashing, levelsOf } from './levels.ts';
import type { PriorityLevel } from './priority-level.ts';
import { PriorityLoad, choosePriority } from './priority-load.ts';

export class LocalityBalancer implements Balancer {
  /** Whether some priority panics. */
  panic: boolean = false;
  private readonly whole: EndpointSet;
  private readonly random: Sequence;
  private readonly load: PriorityLoad;
  private readonly levels: readonly PriorityLevel[];
  /** Of each endpoint. */
  private readonly levelOf: Int32Array;
  readonly learner: Learner | null;
  private readonly weightedHealth: boolean;
  private readonly failsOnPanic: boolean;
  private readonly goesByHash: boolean;
  /** Envoy's RANDOM takes the value that chose the priority for the endpoint, too (envoy.md 4.3). */
  private readonly isRandom: boolean;

  constructor(setup: LocalitySetup) {
    const { balancer, context, plan } = setup;
    const { learner, levelOf, levels, overprovisioning } = levelsOf(setup);
    this.whole = context.set;
    this.random = context.random;
    this.learner = learner.learner;
    this.levels = levels;
    this.levelOf = levelOf;
    this.weightedHealth = plan.mode === 'failover' && plan.weightedHealth;
    this.failsOnPanic = plan.mode === 'zoneAware' && plan.failTrafficOnPanic;
    this.goesByHash = isHashing(balancer.kind);
    this.isRandom = balancer.kind === 'random' && balancer.options['weighted'] === false;
    this.load = new PriorityLoad(levels.map(() => overprovisioning), Math.floor(setup.panicThreshold * 100 + 1e-9));
    for (let level = 0; level < levels.length; level++) this.renew(level);
    this.load.rebalance();
  }

  pick(now: number, hash: number, tries: number): number {
    // A call without a key gets one hash for all that goes by it.
    const key = this.goesByHash && hash === 0 ? this.random.word() : hash;
    const value = (this.goesByHash ? key : this.random.word()) >>> 0;
    const priority = choosePriority(value, this.load);
    const panics = this.load.panic[priority] === 1;
    if (panics && this.failsOnPanic) return NONE;
    const { balancer, set } = this.levels[priority]!.partFor(panics, this.random);
    if (set.count === 0) return NONE;
    if (this.isRandom) return set.list[value % set.count]!;
    set.activeTotal = this.whole.activeTotal;
    return balancer.pick(now, key, tries);
  }

  /** True when the panic state changed. */
  setReady(endpoint: number, ready: boolean): boolean {
    this.whole.setReady(endpoint, ready);
    this.renew(this.levelOf[endpoint]!);
    this.load.rebalance();
    const wasPanic = this.panic;
    this.panic = this.load.anyPanic;
    return this.panic !== wasPanic;
  }

  private renew(level: number): void {
    const hosts = this.levels[level]!;
    hosts.renew();
    this.load.setHosts(level, hosts.counts(), this.weightedHealth ? hosts.weights() : hosts.counts());
  }
}
