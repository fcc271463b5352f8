/** The series of a run without an end: steps double, and nothing is lost. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Outcome } from '../../src/model/outcome.ts';
import { SeriesRecorder, seriesOf } from '../../src/result/series.ts';
import { bucketOf } from '../../src/stats/bucket.ts';

const S = 1e9;
const NOTHING = new Float64Array(0);

/** Lets time pass up to `now`. */
function passTo(series: SeriesRecorder, now: number): void {
  while (series.endsAt <= now) series.turn(NOTHING);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

describe('a series without an end', () => {
  test('has steps of a second, then of two, then of four, and never more than 240', () => {
    const series = new SeriesRecorder(Infinity, 0);
    const steps = [0, 239, 240, 479, 480, 30 * 86_400].map((atS) => {
      passTo(series, atS * S);
      const { requests, stepMs } = seriesOf(series.soFar(NOTHING));
      return [stepMs, requests.length];
    });
    expect(steps).toEqual([[1000, 1], [1000, 240], [2000, 121], [2000, 240], [4000, 121], [16_384_000, 159]]);
  });

  test('counts each request in the step of its time, whenever it is looked at', () => {
    const arrivals = fc.array(fc.record({ afterS: fc.integer({ min: 0, max: 90 }), ok: fc.boolean(), latencyNs: fc.integer({ min: 1, max: 5e9 }), look: fc.boolean() }), { maxLength: 60 });
    fc.assert(fc.property(arrivals, (events) => {
      const series = new SeriesRecorder(Infinity, 0);
      let now = 0;
      const times: number[] = [];
      const latencies: number[] = [];
      for (const { afterS, ok, latencyNs, look } of events) {
        now += afterS * S;
        passTo(series, now);
        series.arrived();
        series.attempted(1, false);
        series.settled(ok ? Outcome.ok : Outcome.timeout, bucketOf(latencyNs, 10), latencyNs);
        times.push(now);
        latencies.push(latencyNs / 1e6);
        if (look) series.soFar(NOTHING);
      }
      const { requests, ok, failed, attempts, p99Ms, stepMs } = seriesOf(series.soFar(NOTHING));
      const expected = requests.map((_, step) => times.filter((at) => Math.floor(at / (stepMs * 1e6)) === step).length);
      expect([requests, attempts, ok.map((count, i) => count + failed[i]!)]).toEqual([expected, expected, expected]);
      expect(sum(ok)).toBe(events.filter((event) => event.ok).length);
      expect(p99Ms.map((ms) => ms === null)).toEqual(expected.map((count) => count === 0));
      for (const [step, ms] of p99Ms.entries()) {
        const inStep = latencies.filter((_, i) => Math.floor(times[i]! / (stepMs * 1e6)) === step);
        if (ms !== null) expect(ms >= Math.min(...inStep) && ms <= Math.max(...inStep)).toBe(true);
      }
    }));
  });

  test('percentiles of a joined step are of all requests in it', () => {
    const series = new SeriesRecorder(Infinity, 0);
    for (let atS = 0; atS < 240; atS++) {
      passTo(series, atS * S);
      const latencyNs = atS % 2 === 0 ? 1e6 : 100e6;
      for (let i = 0; i < 10; i++) series.settled(Outcome.ok, bucketOf(latencyNs, 10), latencyNs);
    }
    passTo(series, 240 * S);
    const { p50Ms, p99Ms } = seriesOf(series.soFar(NOTHING));
    expect(p50Ms[0]).toBeCloseTo(1, 1);
    expect(p99Ms[0]).toBeGreaterThan(95);
  });
});
