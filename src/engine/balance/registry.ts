import type { Chosen } from '../../model/kind.ts';
import type { Balancer, BalancerContext } from './balancer.ts';
import type { HashRing } from './hash-ring.ts';
import type { BalancerName } from './kinds.ts';
import { LeastRequest, type LeastRequestOptions } from './least-request.ts';
import { Maglev, type MaglevOptions } from './maglev.ts';
import type { MaglevTable } from './maglev-table.ts';
import { PeakEwma, type PeakEwmaOptions } from './peak-ewma.ts';
import { RandomChoice } from './random.ts';
import { RingHash, type RingHashOptions } from './ring-hash.ts';
import { RoundRobin } from './round-robin.ts';
import { WeightedRandom } from './weighted-random.ts';
import { TableCache } from './table-cache.ts';

/** Makes the balancers of the callers of one edge. */
export type BalancerMaker = (context: BalancerContext) => Balancer;

/** One line a balancer; its description is in kinds.ts. The scenario has checked the options against it. */
const makers: { readonly [Name in BalancerName]: (options: Chosen['options']) => BalancerMaker } = {
  roundRobin: () => (context) => new RoundRobin(context),
  random: ({ weighted }) => (context) => (weighted ? new WeightedRandom(context) : new RandomChoice(context)),
  leastRequest: (options) => (context) => new LeastRequest(context, options as unknown as LeastRequestOptions),
  peakEwma: (options) => (context) => new PeakEwma(context, options as unknown as PeakEwmaOptions),
  ringHash: (options) => {
    const rings = new TableCache<HashRing>();
    return (context) => new RingHash(context, options as unknown as RingHashOptions, rings);
  },
  maglev: (options) => {
    const tables = new TableCache<MaglevTable>();
    return (context) => new Maglev(context, options as unknown as MaglevOptions, tables);
  },
};

export function balancerMaker(chosen: Chosen): BalancerMaker {
  return makers[chosen.kind as BalancerName](chosen.options);
}

/** One that shares nothing with others. */
export function createBalancer(chosen: Chosen, context: BalancerContext): Balancer {
  return balancerMaker(chosen)(context);
}
