import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BreakerTarget, EndpointBreaker } from '../../../src/engine/breaker/endpoint-breaker.ts';
import { FailureAccrual } from '../../../src/engine/breaker/failure-accrual.ts';
import { consecutiveAccrualOptions, finagleAccrualOptions, unifiedAccrualOptions } from '../../../src/engine/breaker/failure-accrual-options.ts';
import { FinagleAccrual, finaglePolicy } from '../../../src/engine/breaker/finagle-accrual.ts';
import { EndpointCircuitBreakers } from '../../../src/engine/breaker/endpoint-circuit-breakers.ts';
import { circuitBreakerOptions } from '../../../src/engine/breaker/circuit-breaker-options.ts';
import { equalJittered } from '../../../src/engine/breaker/mark-dead.ts';
import type { OptionValues } from '../../../src/model/kind.ts';
import { Outcome } from '../../../src/model/outcome.ts';
import { Stream } from '../../../src/random/hash.ts';
import { Sequence } from '../../../src/random/sequence.ts';
import { defaultsOf } from '../../support/defaults.ts';

const S = 1e9;
const dice = (): Sequence => new Sequence(new Stream(1, 'accrual'), 0);

/** Endpoints as picks see them; refuses news that contradict what it was told before. */
class Watch implements BreakerTarget {
  readonly unready: Set<number> = new Set();
  readonly out: Set<number> = new Set();

  setReady(endpoint: number, ready: boolean): void {
    if (ready) this.unready.delete(endpoint);
    else this.unready.add(endpoint);
  }

  tripped(endpoint: number): void {
    if (this.out.has(endpoint)) throw new Error('tripped twice');
    this.out.add(endpoint);
  }

  recovered(endpoint: number): void {
    if (!this.out.delete(endpoint)) throw new Error('recovered without having tripped');
  }
}

const BREAKERS: Readonly<Record<string, (size: number, target: BreakerTarget) => EndpointBreaker>> = {
  consecutive: (size, target) => new FailureAccrual(size, { ...defaultsOf(consecutiveAccrualOptions), maxFailures: 3 }, dice(), target),
  unified: (size, target) => new FailureAccrual(size, defaultsOf(unifiedAccrualOptions), dice(), target),
  finagle: (size, target) => new FinagleAccrual(size, finaglePolicy(size, defaultsOf(finagleAccrualOptions), dice()), target),
  'circuit breakers': (size, target) =>
    new EndpointCircuitBreakers(size, { ...defaultsOf(circuitBreakerOptions), scope: 'endpoint', slidingWindowSize: 4, permittedNumberOfCallsInHalfOpenState: 1, waitDurationInOpenState: 5 * S }, target),
};

describe.each(Object.entries(BREAKERS))('%s', (_, create) => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('send' as const), endpoint: fc.nat(2) }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('end' as const), index: fc.nat(), outcome: fc.constantFrom(Outcome.ok, Outcome.error, Outcome.error, Outcome.timeout, Outcome.unfinished) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 40 }) }) },
  );

  it('lets one probe at a time go while an endpoint is out, and never rests with a time in the past', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const watch = new Watch();
        const breaker = create(3, watch);
        const inFlight: { readonly endpoint: number; readonly sentAt: number }[] = [];
        let now = 0;
        for (const one of steps) {
          if (one.kind === 'send') {
            if (watch.unready.has(one.endpoint)) continue;
            breaker.sent(one.endpoint, now);
            inFlight.push({ endpoint: one.endpoint, sentAt: now });
            // A probe takes the endpoint out of picks at once.
            if (watch.out.has(one.endpoint)) expect(watch.unready.has(one.endpoint)).toBe(true);
          } else if (one.kind === 'end') {
            const [attempt] = inFlight.splice(one.index % Math.max(1, inFlight.length), 1);
            if (attempt !== undefined) breaker.finished(attempt.endpoint, one.outcome, one.outcome === Outcome.ok ? 200 : one.outcome === Outcome.error ? 503 : 0, attempt.sentAt, now);
          } else now += one.seconds * S;
          breaker.tick(now);
          expect(breaker.dueAt).toBeGreaterThan(now);
          for (const endpoint of watch.unready) expect(watch.out.has(endpoint)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('takes an endpoint out that only fails, and brings it back when it answers', () => {
    const watch = new Watch();
    const breaker = create(2, watch);
    let now = 0;
    const attempt = (outcome: Outcome, status: number): void => {
      now += 0.1 * S;
      breaker.sent(1, now);
      breaker.finished(1, outcome, status, now, now);
    };
    for (let i = 0; i < 10 && !watch.out.has(1); i++) attempt(Outcome.error, 500);
    expect([...watch.unready]).toEqual([1]);
    expect(breaker.dueAt).toBeLessThan(Infinity);
    breaker.tick((now = breaker.dueAt));
    expect(watch.unready.size).toBe(0);
    attempt(Outcome.ok, 200);
    expect([watch.unready.size, watch.out.size]).toEqual([0, 0]);
  });
});

describe("Linkerd's breaker", () => {
  const shutOne = (options: OptionValues = {}): { readonly watch: Watch; readonly accrual: FailureAccrual } => {
    const watch = new Watch();
    const accrual = new FailureAccrual(1, { ...defaultsOf(consecutiveAccrualOptions), maxFailures: 1, jitterRatio: 0, ...options }, dice(), watch);
    accrual.finished(0, Outcome.reset, 0, 0, 0);
    return { watch, accrual };
  };

  it.each([
    [Outcome.error, 500, true],
    [Outcome.error, 429, false],
    [Outcome.error, 404, false],
    [Outcome.rejected, 503, true],
    [Outcome.timeout, 0, true],
    [Outcome.connectFailure, 0, true],
    [Outcome.unfinished, 0, false],
  ])('counts outcome %i with status %i as a failure: %s', (outcome, status, counts) => {
    const watch = new Watch();
    new FailureAccrual(1, { ...defaultsOf(consecutiveAccrualOptions), maxFailures: 1 }, dice(), watch).finished(0, outcome, status, 0, 0);
    expect(watch.out.has(0)).toBe(counts);
  });

  it('loses the permit of a probe whose caller went away, until another answer comes', () => {
    const { watch, accrual } = shutOne();
    accrual.tick(1 * S);
    accrual.sent(0, 1 * S);
    accrual.finished(0, Outcome.unfinished, 0, 1 * S, 2 * S);
    accrual.tick(1000 * S);
    expect([watch.unready.has(0), accrual.dueAt]).toEqual([true, Infinity]);
    // A straggler from before the trip.
    accrual.finished(0, Outcome.ok, 200, 0, 1001 * S);
    expect(watch.unready.has(0)).toBe(false);
  });

  it('lets a 429 pass as a probe unless it looks at the success rate', () => {
    const { watch, accrual } = shutOne();
    accrual.tick(1 * S);
    accrual.finished(0, Outcome.error, 429, 0, 1 * S);
    expect(watch.out.has(0)).toBe(false);
    const unified = shutOne({ successRateThreshold: 0.8, successRateWindow: 10 * S, successRateMinRequests: 5 });
    unified.accrual.tick(1 * S);
    unified.accrual.finished(0, Outcome.error, 429, 0, 1 * S);
    expect([unified.watch.out.has(0), unified.accrual.dueAt]).toEqual([true, 3 * S]);
  });
});

describe("Finagle's failure accrual", () => {
  it('probes again when the caller of the probe went away', () => {
    const watch = new Watch();
    const accrual = new FinagleAccrual(1, finaglePolicy(1, { ...defaultsOf(finagleAccrualOptions), consecutiveFailures: 1 }, dice()), watch);
    accrual.finished(0, Outcome.error, 500, 0, 0);
    accrual.tick(5 * S);
    accrual.sent(0, 5 * S);
    expect(watch.unready.has(0)).toBe(true);
    accrual.finished(0, Outcome.unfinished, 0, 5 * S, 6 * S);
    expect(watch.unready.has(0)).toBe(false);
    expect(watch.out.has(0)).toBe(true);
  });

  it('stays dead for half of a doubled time and as much again at most', () => {
    const half = equalJittered(5 * S, 300 * S, { unit: () => 0 });
    expect([0, 1, 2, 3, 6, 7, 40].map((time) => half.durationNs(time) / S)).toEqual([5, 5, 10, 20, 160, 300, 300]);
    const most = equalJittered(5 * S, 300 * S, { unit: () => 0.999 });
    expect([0, 1, 2, 3].map((time) => Math.round(most.durationNs(time) / S))).toEqual([5, 10, 20, 40]);
  });

  it('needs enough requests within the window for its success rate', () => {
    const marks = (everyS: number): boolean => {
      const watch = new Watch();
      const accrual = new FinagleAccrual(1, finaglePolicy(1, { ...defaultsOf(finagleAccrualOptions), consecutiveFailures: 0 }, dice()), watch);
      for (let now = 0; now <= 300 * S; now += everyS * S) accrual.finished(0, Outcome.error, 500, now, now);
      return watch.out.has(0);
    };
    expect([marks(1), marks(20)]).toEqual([true, false]);
  });
});
