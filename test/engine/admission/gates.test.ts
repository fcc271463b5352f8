/** Rate limits and throttles beyond the conformance cases, and gates one behind the other. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentCalls } from '../../../src/engine/admission/recent-calls.ts';
import { EnvoyAdmissionControl, type EnvoyAdmissionOptions } from '../../../src/engine/admission/envoy-admission-control.ts';
import type { CallGate, GateDice } from '../../../src/engine/admission/gate.ts';
import { GateRow } from '../../../src/engine/admission/gate-row.ts';
import { GoogleSre } from '../../../src/engine/admission/google-sre.ts';
import { createGates } from '../../../src/engine/admission/registry.ts';
import { TokenBucket } from '../../../src/engine/admission/token-bucket.ts';
import { Outcome } from '../../../src/model/outcome.ts';

const S = 1e9;
const strict: GateDice = { below: () => 0, unit: () => 0 };
const lenient: GateDice = { below: (n) => n - 1, unit: () => 1 - 2 ** -32 };

describe('a token bucket', () => {
  it('gives at most its size, and what flows in', () => {
    const take = fc.record({ gapNs: fc.nat({ max: 3e9 }), tokens: fc.integer({ min: 1, max: 5 }) });
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 1e4, noNaN: true }), fc.integer({ min: 1, max: 20 }), fc.array(take, { maxLength: 200 }), (rate, size, takes) => {
        const bucket = new TokenBucket(rate, size);
        let now = 0;
        let given = 0;
        let level = size;
        for (const { gapNs, tokens } of takes) {
          now += gapNs;
          level = Math.min(size, level + (gapNs / S) * rate);
          const isGiven = bucket.take(tokens, now);
          if (isGiven) {
            given += tokens;
            level -= tokens;
          }
          // Beyond rounding it is the bucket that one would draw.
          if (Math.abs(level - (isGiven ? 0 : tokens)) > 1e-4) expect(isGiven ? level >= 0 : level < tokens).toBe(true);
          expect(given).toBeLessThanOrEqual(size + (now / S) * rate + 1e-4);
        }
      }),
    );
  });

  it.each([3, 7, 900, 1234.5])('lets a steady stream of exactly its rate through for ever: %s', (rate) => {
    const bucket = new TokenBucket(rate, 1);
    let refused = 0;
    for (let i = 0; i < 300_000; i++) if (!bucket.take(1, Math.round((i * S) / rate))) refused++;
    expect(refused).toBe(0);
  });
});

describe('a window of calls', () => {
  it('counts what is younger than the window, and nothing older than one slot more', () => {
    const event = fc.record({ gapNs: fc.nat({ max: 20e9 }), isGood: fc.boolean() });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 100 }), fc.nat({ max: 200e9 }), (events, later) => {
        const window = new RecentCalls(60e9);
        const times: { at: number; isGood: boolean }[] = [];
        let now = 0;
        for (const { gapNs, isGood } of events) {
          now += gapNs;
          window.countCall(now);
          if (isGood) window.countGood(now);
          times.push({ at: now, isGood });
        }
        const at = now + later;
        const within = (ageNs: number, isCounted: (event: { isGood: boolean }) => boolean): number => times.filter((event) => isCounted(event) && at - event.at <= ageNs).length;
        expect(window.callsAt(at)).toBeGreaterThanOrEqual(within(60e9, () => true));
        expect(window.callsAt(at)).toBeLessThanOrEqual(within(60.5e9, () => true));
        expect(window.goodAt(at)).toBeGreaterThanOrEqual(within(60e9, ({ isGood }) => isGood));
        expect(window.goodAt(at)).toBeLessThanOrEqual(within(60.5e9, ({ isGood }) => isGood));
        expect(window.callsAt(at)).toBe(window.callsAt(at));
      }),
    );
  });
});

describe('adaptive throttling', () => {
  it.each([
    ['an answer', Outcome.ok, 200, 1],
    ['an error the backend worked for', Outcome.error, 500, 1],
    ['a client error', Outcome.error, 404, 1],
    ['too many requests', Outcome.error, 429, 0],
    ['an unavailable backend', Outcome.error, 503, 0],
    ['a full queue', Outcome.rejected, 503, 0],
    ['a timeout', Outcome.timeout, 504, 0],
    ['a reset', Outcome.reset, 503, 0],
  ] as const)('%s', (_, outcome, status, accepts) => {
    const throttle = new GoogleSre(2, 120 * S, lenient);
    throttle.admit(0);
    throttle.settled(outcome, status, 0, S);
    expect([throttle.requests(S), throttle.accepts(S)]).toEqual([1, accepts]);
  });

  it('counts those it refuses, and so refuses more', () => {
    const throttle = new GoogleSre(2, 120 * S, strict);
    expect(throttle.admit(0)).toBe(Outcome.ok);
    const probabilities = Array.from({ length: 5 }, () => {
      expect(throttle.admit(0)).toBe(Outcome.rejected);
      return throttle.probability(0);
    });
    expect(probabilities).toEqual([2 / 3, 3 / 4, 4 / 5, 5 / 6, 6 / 7]);
  });
});

describe("Envoy's admission control", () => {
  const options: EnvoyAdmissionOptions = { samplingWindow: 30 * S, srThreshold: 0.95, aggression: 1, rpsThreshold: 0, maxRejectionProbability: 0.8 };
  const failing = (control: EnvoyAdmissionControl, count: number, now: number): void => {
    for (let i = 0; i < count; i++) control.settled(Outcome.error, 500, now, now);
  };

  it('forgets a slot when its opening is a window ago', () => {
    const control = new EnvoyAdmissionControl(options, strict);
    failing(control, 100, 0);
    failing(control, 100, 0.5 * S);
    expect(control.admit(29.9 * S)).toBe(Outcome.rejected);
    expect(control.admit(30 * S)).toBe(Outcome.ok);
    expect(control.probability()).toBe(0);
  });

  it('keeps counting over many windows', () => {
    const control = new EnvoyAdmissionControl({ ...options, samplingWindow: 3 * S }, strict);
    for (let t = 0; t < 100; t += 0.4) control.settled(Outcome.ok, 200, 0, t * S);
    // Opened every 1.2 s: the slots of 97.2 s, 98.4 s and 99.6 s are left, with 3, 3 and 1 answers.
    control.admit(99.99 * S);
    expect(control.averageRps(99.99 * S)).toBe(2);
    failing(control, 7, 99.99 * S);
    expect(control.probability()).toBeCloseTo((14 - 7 / 0.95) / 15, 12);
  });

  it('lets everybody in below the rate it is told', () => {
    const control = new EnvoyAdmissionControl({ ...options, rpsThreshold: 2 }, strict);
    failing(control, 59, 0);
    expect(control.admit(S)).toBe(Outcome.ok);
    failing(control, 1, S);
    expect(control.admit(S)).toBe(Outcome.rejected);
  });

  it('does not count refused calls and calls without an answer', () => {
    const control = new EnvoyAdmissionControl(options, strict);
    failing(control, 10, 0);
    for (let i = 0; i < 50; i++) expect(control.admit(S)).toBe(Outcome.rejected);
    control.settled(Outcome.unfinished, 0, 0, S);
    control.settled(Outcome.ok, 200, 0, S);
    expect(control.probability()).toBeCloseTo(Math.min(0.8, (11 - 1 / 0.95) / 12), 12);
  });
});

describe('gates in a row', () => {
  class Scripted implements CallGate {
    readonly heard: unknown[] = [];
    private readonly verdict: Outcome;

    constructor(verdict: Outcome) {
      this.verdict = verdict;
    }

    admit(): Outcome {
      return this.verdict;
    }

    settled(...heard: readonly unknown[]): void {
      this.heard.push(heard);
    }
  }

  it('those before the one that refuses hear of it, those behind it nothing', () => {
    const gates = [new Scripted(Outcome.ok), new Scripted(Outcome.rejected), new Scripted(Outcome.ok)];
    const row = new GateRow(gates);
    expect(row.admit(5)).toBe(Outcome.rejected);
    expect(gates.map(({ heard }) => heard)).toEqual([[[Outcome.rejected, 503, 5, 5, 1]], [], []]);
    expect(row.inFlight).toBe(0);
  });

  it('all hear how a call ends that was let in', () => {
    const gates = [new Scripted(Outcome.ok), new Scripted(Outcome.ok)];
    const row = new GateRow(gates);
    row.admit(1);
    row.admit(2);
    expect(row.inFlight).toBe(2);
    row.settled(Outcome.timeout, 504, 1, 9, 1);
    expect(gates.map(({ heard }) => heard)).toEqual([[[Outcome.timeout, 504, 1, 9, 1]], [[Outcome.timeout, 504, 1, 9, 1]]]);
    expect(row.inFlight).toBe(1);
  });

  it('of a rate limit without a burst let in what a second brings, and one call at least', () => {
    const admitted = (rate: number, burst: number): number => {
      const row = createGates({ rateLimit: { rate, burst }, admission: null, concurrencyLimit: null } as unknown as Parameters<typeof createGates>[0], null, strict)!;
      return Array.from({ length: 1000 }, () => row.admit(0)).filter((verdict) => verdict === Outcome.ok).length;
    };
    expect([admitted(400, Infinity), admitted(0.5, Infinity), admitted(400, 7)]).toEqual([400, 1, 7]);
  });

  it('stand as rate limit, throttle, concurrency limit', () => {
    const policy = {
      rateLimit: { rate: 1, burst: 2 },
      admission: null,
      concurrencyLimit: { kind: 'aimd', options: { initialLimit: 1, minLimit: 1, maxLimit: 1, backoffRatio: 0.9, timeout: S, window: Infinity, windowSize: 10, minRttThreshold: 0 } },
    } as unknown as Parameters<typeof createGates>[0];
    const row = createGates(policy, null, strict)!;
    expect([row.admit(0), row.admit(0), row.admit(0)]).toEqual([Outcome.ok, Outcome.overflow, Outcome.rateLimited]);
    expect(createGates({ ...policy, rateLimit: null, concurrencyLimit: null }, null, strict)).toBeNull();
  });
});
