/**
 * Code that comes with a run and decides in place of a policy of ours: a plan names it, whoever starts the run passes it. It
 * belongs to that run alone, so nothing is registered anywhere.
 *
 * A balancer and a retry policy are asked and answer at once. A wrapper takes a whole call over, and may take its time: see
 * `wrapper.ts`.
 */
import type { OwnBalancerFactory } from './own-balancer.ts';
import type { OwnRetryFactory } from './own-retry.ts';
import type { WrapperMaker } from './wrapper.ts';

export interface OwnCode {
  readonly balancers: Readonly<Record<string, OwnBalancerFactory>>;
  readonly retries: Readonly<Record<string, OwnRetryFactory>>;
  readonly wrappers: Readonly<Record<string, WrapperMaker>>;
}

export const NO_OWN_CODE: OwnCode = { balancers: {}, retries: {}, wrappers: {} };

/** Which caller endpoint an instance decides for. */
export interface CallerOf {
  /** `caller->service`, as in a result. */
  readonly edge: string;
  /** Client of a traffic source, or replica of a service, from 0. */
  readonly caller: number;
}
