import { describe, expect, it } from 'vitest';
import { BreakerState, CircuitBreaker } from '../../../src/engine/breaker/circuit-breaker.ts';
import { circuitBreakerOptions } from '../../../src/engine/breaker/circuit-breaker-options.ts';
import { Detection } from '../../../src/engine/breaker/detection.ts';
import { ServiceBreaker } from '../../../src/engine/breaker/service-breaker.ts';
import type { OptionValues } from '../../../src/model/kind.ts';
import { Outcome } from '../../../src/model/outcome.ts';
import { defaultsOf } from '../../support/defaults.ts';
import { SILENT } from '../../support/silent-observer.ts';

const S = 1e9;
const optionsOf = (options: OptionValues): OptionValues => ({ ...defaultsOf(circuitBreakerOptions), slidingWindowSize: 2, waitDurationInOpenState: 5 * S, permittedNumberOfCallsInHalfOpenState: 2, ...options });

function opened(options: OptionValues = {}): CircuitBreaker {
  const breaker = new CircuitBreaker(optionsOf(options));
  breaker.record(true, 0, 0);
  breaker.record(true, 0, 0);
  expect(breaker.state(0)).toBe(BreakerState.open);
  return breaker;
}

describe('a circuit breaker', () => {
  it('opens when enough calls are slow, and says so', () => {
    const breaker = new CircuitBreaker(optionsOf({ slowCallRateThreshold: 0.5, slowCallDurationThreshold: 1 * S }));
    breaker.record(false, 1 * S, 0);
    breaker.record(false, 1 * S + 1, 0);
    expect([breaker.state(0), breaker.reason, breaker.slowCallRate(0)]).toEqual([BreakerState.open, Detection.slowCallRate, 50]);
  });

  it('becomes half-open at the first call strictly after the wait, or by itself at its end', () => {
    const lazy = opened();
    expect([lazy.tryAcquire(5 * S), lazy.state(9 * S), lazy.tryAcquire(9 * S), lazy.state(9 * S)]).toEqual([false, BreakerState.open, true, BreakerState.halfOpen]);
    expect(opened({ automaticTransitionFromOpenToHalfOpenEnabled: true }).state(5 * S)).toBe(BreakerState.halfOpen);
  });

  it('leaks the permit of a call without an end, unless half-open has a longest time', () => {
    const stuck = opened();
    stuck.tryAcquire(6 * S);
    stuck.tryAcquire(6 * S);
    expect(stuck.tryAcquire(1000 * S)).toBe(false);
    const limited = opened({ maxWaitDurationInHalfOpenState: 10 * S });
    limited.tryAcquire(6 * S);
    limited.tryAcquire(6 * S);
    expect([limited.state(16 * S - 1), limited.state(16 * S), limited.tryAcquire(21 * S + 1)]).toEqual([BreakerState.halfOpen, BreakerState.open, true]);
  });

  it('gets a permit back from a call that was given up', () => {
    const breaker = opened();
    breaker.tryAcquire(6 * S);
    breaker.tryAcquire(6 * S);
    expect(breaker.mayPass(6 * S)).toBe(false);
    breaker.release(7 * S);
    expect(breaker.tryAcquire(7 * S)).toBe(true);
  });

  it('counts a late result in the state it comes in', () => {
    const breaker = opened();
    breaker.tryAcquire(6 * S);
    // Of a call let in while closed: one of the two that decide.
    breaker.record(false, 6 * S, 6 * S);
    breaker.record(false, 0, 6 * S);
    expect([breaker.state(6 * S), breaker.failureRate(6 * S)]).toEqual([BreakerState.closed, -1]);
  });

  it('forgets whole seconds, not milliseconds, where it counts by time', () => {
    const breaker = new CircuitBreaker(optionsOf({ slidingWindowType: 'time', minimumNumberOfCalls: 1, failureRateThreshold: 1 }));
    breaker.record(true, 0, 0.9 * S);
    expect(breaker.state(1 * S)).toBe(BreakerState.open);
    const patient = new CircuitBreaker(optionsOf({ slidingWindowType: 'time', minimumNumberOfCalls: 2, failureRateThreshold: 1 }));
    patient.record(true, 0, 0.9 * S);
    patient.record(true, 0, 2 * S);
    expect([patient.state(2 * S), patient.failureRate(2 * S)]).toEqual([BreakerState.closed, -1]);
  });
});

describe('a breaker of a service', () => {
  it('refuses calls with breakerOpen, and counts what is not ok', () => {
    const gate = new ServiceBreaker(optionsOf({}), SILENT, 0, 0);
    for (const outcome of [Outcome.timeout, Outcome.noEndpoint]) {
      expect(gate.admit(0)).toBe(Outcome.ok);
      gate.settled(outcome, 503, 0, 0, 1);
    }
    expect(gate.admit(1 * S)).toBe(Outcome.breakerOpen);
    expect(gate.admit(6 * S)).toBe(Outcome.ok);
    gate.settled(Outcome.unfinished, 0, 6 * S, 7 * S, 1);
    expect([gate.admit(7 * S), gate.admit(7 * S), gate.admit(7 * S)]).toEqual([Outcome.ok, Outcome.ok, Outcome.breakerOpen]);
  });
});
