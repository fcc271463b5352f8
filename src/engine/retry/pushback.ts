/**
 * Waits that the server asks for, in place of a drawn one. A call keeps where its backoff stands (`BackoffState`), since
 * products differ in what such a wait does to the drawn ones after it.
 *
 * gRPC (proposal A6, trailer `grpc-retry-pushback-ms`): exactly that long, and the backoff starts over; below 0 never
 * again. Envoy (`rate_limited_retry_back_off`, 1.38): that long and up to half as long again, the backoff stays.
 */
import { NS_PER_MS } from '../../model/units.ts';
import type { Backoff } from './backoff.ts';
import type { Chance } from './chance.ts';

export interface BackoffState {
  /** Drawn waits since the backoff last started over. */
  backoffStep: number;
  /** The last wait. */
  backoffNs: number;
}

export const NEVER = -1;

/** A gRPC client cuts `maxAttempts` to this, hedges included (proposal A6). */
export const GRPC_ATTEMPTS_MAX = 5;

export interface Pushback {
  /**
   * @param askedNs  what the server asked for; null where it said nothing
   * @returns the wait before the next retry in whole ns, or NEVER
   */
  nextNs(call: BackoffState, askedNs: number | null, chance: Chance): number;
}

export class GrpcPushback implements Pushback {
  private readonly backoff: Backoff;

  constructor(backoff: Backoff) {
    this.backoff = backoff;
  }

  nextNs(call: BackoffState, askedNs: number | null, chance: Chance): number {
    if (askedNs === null) return drawn(call, this.backoff, chance);
    if (askedNs < 0) return NEVER;
    call.backoffStep = 0;
    call.backoffNs = askedNs;
    return askedNs;
  }
}

export class EnvoyRateLimitPushback implements Pushback {
  private readonly backoff: Backoff;

  constructor(backoff: Backoff) {
    this.backoff = backoff;
  }

  nextNs(call: BackoffState, askedNs: number | null, chance: Chance): number {
    const askedMs = askedNs === null ? 0 : Math.trunc(askedNs / NS_PER_MS);
    if (askedMs <= 1) return drawn(call, this.backoff, chance);
    call.backoffNs = (askedMs + chance.below(Math.floor(askedMs / 2))) * NS_PER_MS;
    return call.backoffNs;
  }
}

function drawn(call: BackoffState, backoff: Backoff, chance: Chance): number {
  call.backoffNs = backoff.waitNs(call.backoffStep, call.backoffNs, chance);
  call.backoffStep++;
  return call.backoffNs;
}
