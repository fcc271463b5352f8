/**
 * How the load is spread over priorities, and which of them panic: Envoy 1.38,
 * `source/extensions/load_balancing_policies/common/load_balancer_impl.cc` (envoy.md 2).
 *
 * A priority can take as much as its share of available hosts times the overprovisioning factor, at most all.
 * The load goes to the first priorities as far as they can take it, to healthy hosts before degraded ones.
 * A priority whose hosts are too few panics and uses all of them, but only while all priorities together
 * cannot take the whole load. Where all of them panic the load goes by the number of hosts.
 * All of it is arithmetic of whole percent.
 */

/** Excluded hosts count in `hosts` alone. */
export interface HostCounts {
  readonly hosts: number;
  readonly excluded: number;
  readonly healthy: number;
  readonly degraded: number;
}

/** Percent of the load by priority; all together 100. */
export interface Shares {
  readonly healthy: Int32Array;
  readonly degraded: Int32Array;
}

export class PriorityLoad implements Shares {
  readonly count: number;
  readonly healthy: Int32Array;
  readonly degraded: Int32Array;
  /** What each priority can take, percent. */
  readonly healthyAvailability: Int32Array;
  readonly degradedAvailability: Int32Array;
  /** 1 where all hosts are to be used. */
  readonly panic: Uint8Array;
  private readonly hosts: Int32Array;
  /** Share of the hosts that are healthy or degraded, percent. */
  private readonly available: Float64Array;
  private readonly overprovisioning: ArrayLike<number>;
  private readonly panicBelow: number;

  /**
   * @param overprovisioning  percent, by priority
   * @param panicBelow        whole percent; 0 turns panic off
   */
  constructor(overprovisioning: ArrayLike<number>, panicBelow: number) {
    this.count = overprovisioning.length;
    this.overprovisioning = overprovisioning;
    this.panicBelow = Math.min(100, panicBelow);
    this.healthy = new Int32Array(this.count);
    this.degraded = new Int32Array(this.count);
    this.healthyAvailability = new Int32Array(this.count);
    this.degradedAvailability = new Int32Array(this.count);
    this.panic = new Uint8Array(this.count);
    this.hosts = new Int32Array(this.count);
    this.available = new Float64Array(this.count);
  }

  /**
   * Hosts of a priority have changed; `rebalance` is due.
   * @param weights  sums of host weights in the place of numbers of hosts; panic goes by numbers all the same
   */
  setHosts(priority: number, counts: HostCounts, weights: HostCounts = counts): void {
    const total = counts.hosts - counts.excluded;
    this.hosts[priority] = counts.hosts;
    this.available[priority] = total === 0 ? 0 : (100 * counts.healthy) / total + (100 * counts.degraded) / total;
    const factor = this.overprovisioning[priority]!;
    const whole = weights.hosts - weights.excluded;
    this.healthyAvailability[priority] = total === 0 ? 0 : Math.min(100, Math.floor((factor * weights.healthy) / whole));
    this.degradedAvailability[priority] = total === 0 ? 0 : Math.min(100, Math.floor((factor * weights.degraded) / whole));
  }

  /** Spread the load anew. */
  rebalance(): void {
    const { healthy, degraded, panic } = this;
    healthy.fill(0);
    degraded.fill(0);
    panic.fill(0);
    const total = totalAvailability(this.healthyAvailability, this.degradedAvailability);
    if (total > 0) {
      let left = spread(healthy, this.healthyAvailability, 100, total);
      left = spread(degraded, this.degradedAvailability, left, total);
      // What rounding has left goes to the first that can take any, healthy hosts first.
      const first = this.healthyAvailability.findIndex((percent) => percent > 0);
      if (first >= 0) healthy[first]! += left;
      else degraded[this.degradedAvailability.findIndex((percent) => percent > 0)]! += left;
    }
    if (total < 100) for (let i = 0; i < this.count; i++) panic[i] = this.available[i]! < this.panicBelow ? 1 : 0;
    if (panic.every((on) => on === 1)) this.spreadByHosts();
    // Nobody is left, and nobody may panic: the pick finds no host in the first priority.
    else if (total === 0) healthy[0] = 100;
  }

  /** Whether any priority panics. */
  get anyPanic(): boolean {
    return this.panic.includes(1);
  }

  /** When all priorities panic, health is ignored. */
  private spreadByHosts(): void {
    const { healthy, degraded, hosts } = this;
    const all = hosts.reduce((sum, count) => sum + count, 0);
    degraded.fill(0);
    let left = 100;
    for (let i = 0; i < this.count; i++) left -= healthy[i] = all === 0 ? 0 : Math.floor((100 * hosts[i]!) / all);
    healthy[Math.max(0, hosts.findIndex((count) => count > 0))]! += left;
  }
}

/**
 * The priority of one pick: healthy loads of all priorities come before any degraded one.
 * @param value  random, or the hash of the request; >= 0
 * @returns the priority, or its number plus that of all priorities where its degraded hosts are meant
 */
export function choosePriority(value: number, { healthy, degraded }: Shares): number {
  let missing = (value % 100) + 1;
  for (let i = 0; i < healthy.length; i++) {
    missing -= healthy[i]!;
    if (missing <= 0) return i;
  }
  for (let i = 0; i < degraded.length; i++) {
    missing -= degraded[i]!;
    if (missing <= 0) return healthy.length + i;
  }
  return 0;
}

/** What all priorities together can take, percent. */
export function totalAvailability(healthy: Int32Array, degraded: Int32Array): number {
  let total = 0;
  for (let i = 0; i < healthy.length; i++) total += healthy[i]! + degraded[i]!;
  return Math.min(100, total);
}

/** Give each as much of what is left as it can take; returns what nobody could. */
export function spread(load: Int32Array, availability: Int32Array, left: number, total: number): number {
  let rest = left;
  for (let i = 0; i < load.length; i++) {
    const taken = Math.min(rest, Math.floor((availability[i]! * 100) / total));
    load[i]! += taken;
    rest -= taken;
  }
  return rest;
}
