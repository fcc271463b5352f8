/**
 * Zone-aware routing: Envoy 1.38, `load_balancer_impl.cc`, `regenerateLocalityRoutingStructures` and
 * `tryChooseLocalLocalityHosts` (envoy.md 3).
 *
 * Callers of a zone stay in it when it has at least as large a share of the upstream hosts as of the callers.
 * Otherwise only as much of their traffic stays as fits, and the rest goes to zones that have a larger share
 * of hosts than of callers, in proportion to the difference. Shares are whole hundredths of a percent.
 * Of the callers Envoy counts the healthy ones; here they all are.
 */
import { NONE } from '../../model/ids.ts';
import type { LocalityChoice, RandomWords } from './locality-choice.ts';

export const ZoneRouting = {
  /** Zones are not heeded: there is one of upstream hosts, or of callers. */
  none: 0,
  /** Zones are not heeded: too few upstream hosts are healthy. */
  tooSmall: 1,
  /** Everything stays in the zone. */
  direct: 2,
  /** A part stays. */
  residual: 3,
} as const;
export type ZoneRouting = (typeof ZoneRouting)[keyof typeof ZoneRouting];

export interface ZoneAwareOptions {
  /** 0..1, whole percent. */
  readonly routingEnabled: number;
  readonly minClusterSize: number;
  /** Infinity for never. */
  readonly forceLocalZone: number;
}

const WHOLE = 10_000;

export class ZoneAware implements LocalityChoice {
  routing: ZoneRouting = ZoneRouting.none;
  /** Share of the traffic that stays in the zone, of 10,000. */
  localShare: number = 0;
  /** By locality, each with those before it: how much larger its share of the hosts is than of the callers. */
  readonly residual: Float64Array;
  /** Of 10,000, by locality; both 0 where it has no healthy host. */
  readonly callerShares: Float64Array;
  readonly hostShares: Float64Array;
  private readonly callersByZone: ArrayLike<number>;
  private readonly localities: ArrayLike<number>;
  private readonly hasLocal: boolean;
  private readonly options: ZoneAwareOptions;
  private readonly enabledPercent: number;
  /** What callers and localities alone have to say. */
  private readonly isPossible: boolean;

  /**
   * @param callersByZone  callers by zone, the caller itself included
   * @param ownZone        the caller's
   * @param localities     the zones with upstream hosts, healthy or not; the caller's own is first, if it is one
   */
  constructor(callersByZone: ArrayLike<number>, ownZone: number, localities: ArrayLike<number>, options: ZoneAwareOptions) {
    this.callersByZone = callersByZone;
    this.localities = localities;
    this.hasLocal = localities[0] === ownZone;
    this.options = options;
    this.enabledPercent = Math.round(options.routingEnabled * 100);
    let callerZones = 0;
    for (let zone = 0; zone < callersByZone.length; zone++) if (callersByZone[zone]! > 0) callerZones++;
    this.isPossible = localities.length >= 2 && (callerZones >= 2 || options.forceLocalZone !== Infinity);
    this.residual = new Float64Array(localities.length);
    this.callerShares = new Float64Array(localities.length);
    this.hostShares = new Float64Array(localities.length);
  }

  /**
   * @param healthy  upstream hosts by locality
   * @param sizes    what localities are compared by: the same, or sums of weights
   */
  rebuild(healthy: ArrayLike<number>, sizes: ArrayLike<number> = healthy): void {
    if (!this.isPossible) return;
    if (sumOf(healthy) < this.options.minClusterSize) {
      this.routing = ZoneRouting.tooSmall;
      return;
    }
    this.compare(sizes);
    const { callerShares, hasLocal, hostShares, residual } = this;
    if (hasLocal && ((hostShares[0]! > 0 && hostShares[0]! >= callerShares[0]!) || healthy[0]! >= this.options.forceLocalZone)) {
      this.routing = ZoneRouting.direct;
      return;
    }
    this.routing = ZoneRouting.residual;
    this.localShare = hasLocal && callerShares[0]! > 0 ? Math.floor((hostShares[0]! * WHOLE) / callerShares[0]!) : 0;
    let before = 0;
    for (let i = 0; i < residual.length; i++) {
      const isLocal = hasLocal && i === 0;
      residual[i] = before += isLocal ? 0 : Math.max(0, hostShares[i]! - callerShares[i]!);
    }
  }

  choose(random: RandomWords): number {
    if (this.routing <= ZoneRouting.tooSmall) return NONE;
    if (this.enabledPercent < 100 && (random.word() >>> 0) % 100 >= this.enabledPercent) return NONE;
    if (this.routing === ZoneRouting.direct) return 0;
    if ((random.word() >>> 0) % WHOLE < this.localShare) return 0;
    const { residual } = this;
    const total = residual[residual.length - 1]!;
    // Rounding has left nothing: a random locality, perhaps one without hosts.
    if (total === 0) return (random.word() >>> 0) % residual.length;
    const threshold = (random.word() >>> 0) % total;
    let locality = 0;
    while (threshold >= residual[locality]!) locality++;
    return locality;
  }

  private compare(sizes: ArrayLike<number>): void {
    const callers = sumOf(this.callersByZone);
    const hosts = sumOf(sizes);
    for (let i = 0; i < sizes.length; i++) {
      const isEmpty = sizes[i] === 0;
      this.callerShares[i] = isEmpty ? 0 : Math.floor((WHOLE * this.callersByZone[this.localities[i]!]!) / callers);
      this.hostShares[i] = isEmpty ? 0 : Math.floor((WHOLE * sizes[i]!) / hosts);
    }
  }
}

function sumOf(counts: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i]!;
  return sum;
}
