import type { Chosen } from '../../model/kind.ts';
import type { Balancer, BalancerContext } from './balancer.ts';
import type { BalancerName } from './kinds.ts';
import { LeastRequest, type LeastRequestOptions } from './least-request.ts';
import { PeakEwma, type PeakEwmaOptions } from './peak-ewma.ts';
import { RandomChoice } from './random.ts';
import { RoundRobin } from './round-robin.ts';

/** One line a balancer; its description is in kinds.ts. The scenario has checked the options against it. */
const balancers: { readonly [Name in BalancerName]: (context: BalancerContext, options: Chosen['options']) => Balancer } = {
  roundRobin: (context) => new RoundRobin(context),
  random: (context) => new RandomChoice(context),
  leastRequest: (context, options) => new LeastRequest(context, options as unknown as LeastRequestOptions),
  peakEwma: (context, options) => new PeakEwma(context, options as unknown as PeakEwmaOptions),
};

export function createBalancer(chosen: Chosen, context: BalancerContext): Balancer {
  return balancers[chosen.kind as BalancerName](context, chosen.options);
}
