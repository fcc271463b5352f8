/** From the breakers of a policy to those of one caller endpoint. */
import type { Chosen } from '../../model/kind.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { PolicyPlan } from '../../model/plan.ts';
import type { Sequence } from '../../random/sequence.ts';
import type { EngineObserver } from '../ports.ts';
import { EndpointCircuitBreakers } from './endpoint-circuit-breakers.ts';
import type { BreakerTarget, EndpointBreaker } from './endpoint-breaker.ts';
import { FailureAccrual } from './failure-accrual.ts';
import { FinagleAccrual, finaglePolicy } from './finagle-accrual.ts';
import type { AccrualName } from './kinds.ts';
import { Holder, Holding, type Readiness } from './readiness.ts';
import { ServiceBreaker } from './service-breaker.ts';

/** Null where the policy has no breaker an endpoint. */
export function createEndpointBreaker(policy: PolicyPlan, size: number, random: Sequence, readiness: Readiness): EndpointBreaker | null {
  const { failureAccrual, circuitBreaker } = policy;
  const accrual = failureAccrual === null ? null : createAccrual(failureAccrual, size, random, new Holding(readiness, Holder.failureAccrual));
  const breakers =
    circuitBreaker?.['scope'] === 'endpoint' ? new EndpointCircuitBreakers(size, circuitBreaker, new Holding(readiness, Holder.circuitBreaker)) : null;
  return accrual !== null && breakers !== null ? new BreakerPair(accrual, breakers) : (accrual ?? breakers);
}

/** Null where the policy has no breaker of the whole service. */
export function createServiceBreaker({ circuitBreaker }: PolicyPlan, observer: EngineObserver, edge: number, caller: number): ServiceBreaker | null {
  return circuitBreaker?.['scope'] === 'service' ? new ServiceBreaker(circuitBreaker, observer, edge, caller) : null;
}

function createAccrual({ kind, options }: Chosen<AccrualName>, size: number, random: Sequence, target: BreakerTarget): EndpointBreaker {
  if (kind === 'finagle') return new FinagleAccrual(size, finaglePolicy(size, options, random), target);
  return new FailureAccrual(size, options, random, target);
}

/** Two breakers that know nothing of each other. */
class BreakerPair implements EndpointBreaker {
  private readonly one: EndpointBreaker;
  private readonly other: EndpointBreaker;

  constructor(one: EndpointBreaker, other: EndpointBreaker) {
    this.one = one;
    this.other = other;
  }

  get dueAt(): number {
    return Math.min(this.one.dueAt, this.other.dueAt);
  }

  sent(endpoint: number, now: number): void {
    this.one.sent(endpoint, now);
    this.other.sent(endpoint, now);
  }

  finished(endpoint: number, outcome: Outcome, status: number, sentAt: number, now: number): void {
    this.one.finished(endpoint, outcome, status, sentAt, now);
    this.other.finished(endpoint, outcome, status, sentAt, now);
  }

  tick(now: number): void {
    this.one.tick(now);
    this.other.tick(now);
  }
}
