/** How things stood at one instant of a run, and what was decided from then on. */
import type { Decided } from '../model/decided.ts';
import type { RequestTrace } from './result.ts';

export interface Instant {
  readonly atMs: number;
  /** Requests that had arrived and were not settled. */
  readonly underWay: number;
  /** Of these the ones that had waited longest, as they went on to their end; at most 5. */
  readonly oldest: readonly RequestTrace[];
  /** In the order of the scenario. */
  readonly endpoints: readonly EndpointState[];
  /** The first inputs of the engine at that instant or later, and after each what it decided; at most 12 inputs. */
  readonly decisions: readonly Decided[];
}

export interface EndpointState {
  readonly name: string;
  /** Jobs on slots, and waiting for one. */
  readonly busy: number;
  readonly waiting: number;
  /** Callers that did not send to it: ejected, open breaker, unhealthy; and how many callers it has. */
  readonly outFor: number;
  readonly callers: number;
}
