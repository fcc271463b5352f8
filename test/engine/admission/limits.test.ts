/** Adaptive concurrency limits beyond the conformance cases: clocks, bounds, what counts as a sample. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concurrencyLimitKinds } from '../../../src/engine/admission/concurrency-kinds.ts';
import { ConcurrencyGate } from '../../../src/engine/admission/concurrency-gate.ts';
import { EnvoyGradient, type EnvoyGradientOptions } from '../../../src/engine/admission/envoy-gradient.ts';
import type { GateDice } from '../../../src/engine/admission/gate.ts';
import { LatencyBins } from '../../../src/engine/admission/latency-bins.ts';
import { createGates } from '../../../src/engine/admission/registry.ts';
import { NetflixLimit, type SampledLimit } from '../../../src/engine/admission/sampled-limit.ts';
import type { OptionValues } from '../../../src/model/kind.ts';
import { Outcome } from '../../../src/model/outcome.ts';
import { Stream } from '../../../src/random/hash.ts';
import { Sequence } from '../../../src/random/sequence.ts';
import { defaultsOf } from '../../support/defaults.ts';

const MS = 1e6;
const none: GateDice = { below: () => 0, unit: () => 0 };
const gradientOptions = { ...defaultsOf(concurrencyLimitKinds.gradient.options), minRttJitter: 0 } as unknown as EnvoyGradientOptions;

/** Ended calls of that latency, one after the other at `now`. */
function answers(gate: ConcurrencyGate, count: number, latencyMs: number, now: number): void {
  for (let i = 0; i < count; i++) {
    gate.admit(now - latencyMs * MS);
    gate.settled(Outcome.ok, 200, now - latencyMs * MS, now, 1);
  }
}

describe("Envoy's gradient", () => {
  it('measures first, then grows while latency is that of the measurement', () => {
    const gradient = new EnvoyGradient({ ...gradientOptions, minRttRequestCount: 5 }, none);
    const gate = new ConcurrencyGate(gradient);
    expect([gradient.isMeasuring, gradient.limit]).toEqual([true, 3]);
    answers(gate, 5, 5, 10 * MS);
    expect([gradient.isMeasuring, gradient.limit, Math.trunc(gradient.minRttUs / 1000)]).toEqual([false, 3, 5]);
    let limit = 3;
    for (let i = 1; i <= 5; i++) {
      answers(gate, 3, 5, (10 + 100 * i - 50) * MS);
      gradient.advance((10 + 100 * i) * MS);
      expect(gradient.limit).toBeGreaterThan(limit);
      limit = gradient.limit;
    }
  });

  // gradient_controller_test.cc, CancelLatencySample
  it('takes the quantile of what it samples', () => {
    const gradient = new EnvoyGradient({ ...gradientOptions, minRttRequestCount: 5 }, none);
    const gate = new ConcurrencyGate(gradient);
    for (const latencyMs of [1, 2, 3, 4, 5]) answers(gate, 1, latencyMs, 10 * MS);
    expect(Math.trunc(gradient.minRttUs / 1000)).toBe(3);
  });

  // gradient_controller_test.cc, MinRTTEpoch
  it('does not sample calls begun before the measurement', () => {
    const gradient = new EnvoyGradient({ ...gradientOptions, minRttRequestCount: 2, minRttInterval: 1000 * MS, minConcurrency: 2 }, none);
    const gate = new ConcurrencyGate(gradient);
    answers(gate, 2, 5, 10 * MS);
    for (let i = 0; i < 2; i++) gate.admit(900 * MS);
    expect(gate.admit(1010 * MS)).toBe(Outcome.overflow);
    expect(gradient.isMeasuring).toBe(true);
    for (let i = 0; i < 2; i++) gate.settled(Outcome.ok, 200, 900 * MS, 1020 * MS, 1);
    expect(gradient.isMeasuring).toBe(true);
    answers(gate, 2, 5, 1030 * MS);
    expect(gradient.isMeasuring).toBe(false);
  });

  it('gives the slot of a call without an answer back, and does not sample it', () => {
    const gradient = new EnvoyGradient({ ...gradientOptions, minRttRequestCount: 1 }, none);
    const gate = new ConcurrencyGate(gradient);
    for (let i = 0; i < 3; i++) expect(gate.admit(0)).toBe(Outcome.ok);
    expect(gate.admit(0)).toBe(Outcome.overflow);
    gate.settled(Outcome.unfinished, 0, 0, MS, 1);
    expect([gate.admit(MS), gate.admit(MS), gradient.isMeasuring]).toEqual([Outcome.ok, Outcome.overflow, true]);
  });

  it('measures anew when five updates in a row leave it at the minimum', () => {
    const gradient = new EnvoyGradient({ ...gradientOptions, minRttRequestCount: 1 }, none);
    const gate = new ConcurrencyGate(gradient);
    answers(gate, 1, 1, 10 * MS);
    for (let i = 1; i <= 5; i++) {
      expect(gradient.isMeasuring).toBe(false);
      answers(gate, 1, 20, (10 + 100 * i - 50) * MS);
      gradient.advance((10 + 100 * i) * MS);
    }
    expect([gradient.isMeasuring, gradient.limit]).toEqual([true, 3]);
  });

  it('never measures with a fixed value', () => {
    const gradient = new EnvoyGradient({ ...gradientOptions, minRttFixedValue: 5 * MS }, none);
    const gate = new ConcurrencyGate(gradient);
    for (let i = 1; i <= 20; i++) {
      answers(gate, 1, 50, (100 * i - 10) * MS);
      gradient.advance(100 * i * MS);
      expect([gradient.isMeasuring, gradient.limit]).toEqual([false, 3]);
    }
  });

  it('spreads measurements over the jitter', () => {
    const late = new EnvoyGradient({ ...gradientOptions, minRttRequestCount: 1, minRttJitter: 0.15 }, { below: (n) => n - 1, unit: () => 1 - 2 ** -32 });
    answers(new ConcurrencyGate(late), 1, 5, 10 * MS);
    late.advance(10 * MS + 68_998 * MS);
    expect(late.isMeasuring).toBe(false);
    late.advance(10 * MS + 68_999 * MS);
    expect(late.isMeasuring).toBe(true);
  });

  it('is the same whether its clock is looked at often or only when there are calls', () => {
    const call = fc.record({ gapMs: fc.integer({ min: 0, max: 700 }), latencyMs: fc.integer({ min: 0, max: 300 }) });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 120 }), (calls) => {
        const options = { ...gradientOptions, minRttRequestCount: 3, minRttInterval: 2000 * MS };
        const [seldom, often] = [new EnvoyGradient(options, none), new EnvoyGradient(options, none)];
        const gates = [new ConcurrencyGate(seldom), new ConcurrencyGate(often)];
        let now = 0;
        for (const { gapMs, latencyMs } of calls) {
          for (let i = 0; i < gapMs + latencyMs; i += 7) often.advance(now + i * MS);
          const begunAt = now + gapMs * MS;
          now = begunAt + latencyMs * MS;
          const verdicts = gates.map((gate) => gate.admit(begunAt));
          expect(verdicts[0]).toBe(verdicts[1]);
          for (const gate of gates) if (verdicts[0] === Outcome.ok) gate.settled(Outcome.ok, 200, begunAt, now, 1);
          expect([seldom.limit, seldom.minRttUs, seldom.isMeasuring]).toEqual([often.limit, often.minRttUs, often.isMeasuring]);
        }
      }),
    );
  });
});

describe('latency bins', () => {
  it('find a quantile within the width of its bin', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9_007_199_254_740 }), { minLength: 1, maxLength: 60 }), fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const bins = new LatencyBins();
        for (const value of values) bins.add(value);
        const exact = values.sort((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)]!;
        expect(Math.abs(bins.quantile(share) - exact)).toBeLessThanOrEqual(0.1 * exact);
      }),
    );
  });

  // test/histogram_test.c of libcircllhist, type-1 quantiles: the k-th of n samples of a bin stands at k / (n + 1) of it
  it('spread the samples of a bin over it', () => {
    const bins = new LatencyBins();
    for (let i = 0; i < 50; i++) bins.add(13_000);
    expect(bins.quantile(0.5)).toBeCloseTo(13_000 + (25 / 51) * 1000, 9);
    bins.clear();
    bins.add(0);
    bins.add(7);
    expect([bins.quantile(0.5), bins.quantile(1)]).toEqual([0, 7.05]);
  });
});

describe("Netflix's window", () => {
  const record = (): { samples: unknown[]; limit: SampledLimit } => {
    const samples: unknown[] = [];
    return { samples, limit: { limit: 1, sample: (rttNs, inFlight, isDropped) => samples.push([rttNs / MS, inFlight, isDropped]) } };
  };

  it('hands on the mean latency, the most in flight and whether any was dropped', () => {
    const { samples, limit } = record();
    const windowed = new NetflixLimit(limit, { window: 1e9, windowSize: 10, minRttThreshold: 0.1 * MS });
    // The first answer closes the first window, which is too small.
    for (let i = 0; i <= 10; i++) windowed.learn(i === 5 ? Outcome.timeout : Outcome.ok, 0, 0, (100 + i) * MS, i);
    windowed.learn(Outcome.ok, 200, 1190 * MS, 1200 * MS, 3);
    expect(samples).toEqual([[(105.5 * 10 + 10) / 11, 10, true]].map(([rtt, ...rest]) => [expect.closeTo(rtt as number, 5), ...rest]));
  });

  it('throws a window with few samples away, and does not count the shortest latencies', () => {
    const { samples, limit } = record();
    const windowed = new NetflixLimit(limit, { window: 1e9, windowSize: 10, minRttThreshold: 5 * MS });
    for (let i = 0; i < 30; i++) windowed.learn(Outcome.ok, 200, 0, i < 9 ? 2000 * MS : (2000 + i) * MS, 1);
    for (let i = 0; i < 30; i++) windowed.learn(Outcome.ok, 200, 3200 * MS, 3201 * MS, 1);
    expect(samples).toEqual([]);
  });

  it.each([
    ['an answer', Outcome.ok, 200, [[10, 4, false]]],
    ['a refusal', Outcome.rejected, 503, [[10, 4, true]]],
    ['an unavailable backend', Outcome.error, 503, [[10, 4, true]]],
    ['a timeout', Outcome.timeout, 504, [[10, 4, true]]],
    ['a failed connection', Outcome.connectFailure, 503, [[10, 4, true]]],
    ['an error of the application', Outcome.error, 500, []],
    ['a call that nobody waits for', Outcome.unfinished, 0, []],
  ] as const)('%s', (_, outcome, status, expected) => {
    const { samples, limit } = record();
    new NetflixLimit(limit, { window: Infinity, windowSize: 10, minRttThreshold: 0 }).learn(outcome, status, 5 * MS, 15 * MS, 4);
    expect(samples).toEqual(expected);
  });
});

describe.each(Object.entries(concurrencyLimitKinds))('%s', (kind, { options }) => {
  it('lets nobody in beyond its highest limit, and everybody out', () => {
    const step = fc.record({ gapMs: fc.nat({ max: 50 }), comes: fc.boolean(), outcome: fc.constantFrom(Outcome.ok, Outcome.ok, Outcome.ok, Outcome.timeout, Outcome.error, Outcome.unfinished) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), fc.nat(), (steps, seed) => {
        const chosen: OptionValues = defaultsOf(options);
        const max = Number(chosen['maxLimit'] ?? chosen['maxConcurrencyLimit']);
        const gates = createGates({ rateLimit: null, admission: null, concurrencyLimit: { kind, options: chosen } } as Parameters<typeof createGates>[0], null, new Sequence(new Stream(seed, 'gates'), 0))!;
        const open: { begunAt: number; inFlight: number }[] = [];
        let now = 0;
        for (const { gapMs, comes, outcome } of steps) {
          now += gapMs * MS;
          if (comes) {
            const verdict = gates.admit(now);
            if (verdict === Outcome.ok) open.push({ begunAt: now, inFlight: gates.inFlight });
            else expect(verdict).toBe(Outcome.overflow);
          } else {
            const call = open.shift();
            if (call !== undefined) gates.settled(outcome, outcome === Outcome.ok ? 200 : 503, call.begunAt, now, call.inFlight);
          }
          expect(gates.inFlight).toBe(open.length);
          expect(open.length).toBeLessThanOrEqual(max);
        }
        // The next one always comes in when nobody else is there.
        for (const { begunAt, inFlight } of open) gates.settled(Outcome.unfinished, 0, begunAt, now, inFlight);
        expect(gates.admit(now)).toBe(Outcome.ok);
      }),
    );
  });
});
