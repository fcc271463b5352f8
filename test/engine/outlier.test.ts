import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutlierDetection } from '../../src/engine/outlier/outlier-detection.ts';
import { GrpcOutlierDetection } from '../../src/engine/outlier/grpc-outlier-detection.ts';
import { Detection } from '../../src/engine/breaker/detection.ts';
import { outlierOptions } from '../../src/engine/outlier/outlier-options.ts';
import type { OptionValues } from '../../src/model/kind.ts';
import { defaultsOf } from '../support/defaults.ts';
import { Outcome } from '../../src/model/outcome.ts';
import { Stream } from '../../src/random/hash.ts';
import { Sequence } from '../../src/random/sequence.ts';

const S = 1e9;
const OFF: OptionValues = { enforcingSuccessRate: 0, enforcingFailurePercentage: 0 };

class Host {
  readonly detection: OutlierDetection;
  readonly out: Set<number> = new Set();
  readonly log: { readonly endpoint: number; readonly out: boolean; readonly at: number }[] = [];

  constructor(size: number, options: OptionValues = {}) {
    this.detection = new OutlierDetection(size, { ...defaultsOf(outlierOptions), ...options }, new Sequence(new Stream(1, 'outlier'), 0), {
      eject: (endpoint, at) => {
        if (this.out.has(endpoint)) throw new Error('ejected twice');
        this.out.add(endpoint);
        this.log.push({ endpoint, out: true, at });
      },
      uneject: (endpoint, at) => {
        if (!this.out.delete(endpoint)) throw new Error('returned without having been ejected');
        this.log.push({ endpoint, out: false, at });
      },
    });
  }

  answers(endpoint: number, status: number, times = 1, now = 0): void {
    const outcome = status < 400 ? Outcome.ok : Outcome.error;
    for (let i = 0; i < times; i++) this.detection.record(endpoint, outcome, status, now);
  }
}

describe('failures in a row', () => {
  it('eject when their number equals the threshold, not before', () => {
    const host = new Host(10);
    host.answers(3, 500, 4);
    expect([...host.out]).toEqual([]);
    host.answers(3, 500);
    expect([...host.out]).toEqual([3]);
  });

  it('are broken by any answer below 500', () => {
    const host = new Host(10);
    host.answers(3, 500, 4);
    host.answers(3, 404);
    host.answers(3, 500, 4);
    expect([...host.out]).toEqual([]);
  });

  it('count anew after a detection that did not eject', () => {
    // 10 % of nine hosts is none.
    const host = new Host(9, { alwaysEjectOneHost: false });
    host.answers(0, 500, 50);
    expect([...host.out]).toEqual([]);
    const willing = new Host(10, { enforcingConsecutive5xx: 0 });
    willing.answers(0, 500, 50);
    expect([...willing.out]).toEqual([]);
  });

  it.each([502, 503, 504])('of gateways count %i, and a 500 breaks only the gateway streak', (status) => {
    const options = { consecutive5xx: 100, consecutiveGatewayFailure: 3, enforcingConsecutiveGatewayFailure: 1 };
    const host = new Host(10, options);
    host.answers(0, status, 2);
    host.answers(0, 500);
    host.answers(0, status, 2);
    expect([...host.out]).toEqual([]);
    host.answers(0, status);
    expect([...host.out]).toEqual([0]);
  });

  it.each([
    [Outcome.reset, true],
    [Outcome.timeout, true],
    [Outcome.connectFailure, true],
    [Outcome.rejected, true],
  ])('local failure %i counts as the status Envoy gives it', (outcome, counts) => {
    const host = new Host(10);
    for (let i = 0; i < 5; i++) host.detection.record(1, outcome, 503, 0);
    expect(host.out.has(1)).toBe(counts);
  });
});

describe('the share of ejected endpoints', () => {
  it.each([
    { size: 9, percent: 0.1, most: 0 },
    { size: 10, percent: 0.1, most: 1 },
    { size: 19, percent: 0.1, most: 1 },
    { size: 20, percent: 0.1, most: 2 },
    { size: 3, percent: 0.5, most: 1 },
    { size: 3, percent: 1, most: 3 },
    { size: 7, percent: 0.29, most: 2 },
  ])('of $size is at most $percent: $most', ({ size, percent, most }) => {
    const host = new Host(size, { maxEjectionPercent: percent });
    for (let i = 0; i < size; i++) host.answers(i, 500, 5);
    expect(host.out.size).toBe(most);
  });

  it('may be one with alwaysEjectOneHost', () => {
    const host = new Host(3, { maxEjectionPercent: 0, alwaysEjectOneHost: true });
    for (let i = 0; i < 3; i++) host.answers(i, 500, 5);
    expect(host.out.size).toBe(1);
  });

  it('never exceeds the maximum, and endpoints return only at sweeps, after their time', () => {
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.record({ kind: fc.constant('answer' as const), endpoint: fc.nat(), failed: fc.boolean(), times: fc.integer({ min: 1, max: 12 }) }) },
      { weight: 2, arbitrary: fc.constant({ kind: 'sweep' as const }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 9 }) }) },
    );
    const options = fc.record({
      maxEjectionPercent: fc.constantFrom(0.1, 0.3, 0.5, 1),
      consecutive5xx: fc.integer({ min: 1, max: 5 }),
      successRateRequestVolume: fc.integer({ min: 1, max: 20 }),
      successRateMinimumHosts: fc.integer({ min: 1, max: 4 }),
      failurePercentageRequestVolume: fc.integer({ min: 1, max: 20 }),
      failurePercentageMinimumHosts: fc.integer({ min: 1, max: 4 }),
      enforcingFailurePercentage: fc.constantFrom(0, 0.5, 1),
      baseEjectionTime: fc.constantFrom(15 * S, 30 * S),
      maxEjectionTimeJitter: fc.constantFrom(0, 5 * S),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), options, fc.array(step, { maxLength: 150 }), (size, given, list) => {
        const host = new Host(size, given);
        let now = 0;
        for (const one of list) {
          const returnsBefore = host.log.filter(({ out }) => !out).length;
          if (one.kind === 'answer') host.answers(one.endpoint % size, one.failed ? 500 : 200, one.times, now);
          else if (one.kind === 'pass') now += one.seconds * S;
          else {
            now += 10 * S;
            host.detection.sweep(now);
          }
          if (one.kind !== 'sweep') expect(host.log.filter(({ out }) => !out).length).toBe(returnsBefore);
          expect(host.out.size).toBeLessThanOrEqual(Math.floor(given.maxEjectionPercent * size + 1e-9));
        }
        for (const [i, { endpoint, out, at }] of host.log.entries()) {
          if (out) continue;
          const ejected = host.log.slice(0, i).findLast((other) => other.endpoint === endpoint && other.out)!;
          expect(at - ejected.at).toBeGreaterThanOrEqual(given.baseEjectionTime);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the ejection time', () => {
  it('is base times the number of ejections, up to the maximum; endpoints return at the sweep after it', () => {
    const host = new Host(10, { baseEjectionTime: 30 * S, maxEjectionTime: 70 * S });
    const stays: number[] = [];
    let now = 0;
    for (let round = 0; round < 5; round++) {
      host.answers(0, 500, 5, now);
      const ejectedAt = now;
      while (host.out.has(0)) host.detection.sweep((now += 10 * S));
      stays.push((now - ejectedAt) / S);
    }
    expect(stays).toEqual([30, 60, 70, 70, 70]);
  });

  it('shrinks by one base for each interval in good order', () => {
    const host = new Host(10);
    let now = 0;
    const eject = (): number => {
      host.answers(0, 500, 5, now);
      const ejectedAt = now;
      while (host.out.has(0)) host.detection.sweep((now += 10 * S));
      return (now - ejectedAt) / S;
    };
    expect([eject(), eject(), eject()]).toEqual([30, 60, 90]);
    // The multiplier is 3; the first sweep after the return, an interval on, takes one away.
    for (let i = 0; i < 2; i++) host.detection.sweep((now += 10 * S));
    expect(eject()).toBe(60);
    for (let i = 0; i < 20; i++) host.detection.sweep((now += 10 * S));
    expect(eject()).toBe(30);
  });

  it('waits for the sweep even when it is long over', () => {
    const host = new Host(10, { baseEjectionTime: 1 * S });
    host.answers(0, 500, 5, 0.5 * S);
    host.answers(0, 200, 10, 9 * S);
    expect(host.out.has(0)).toBe(true);
    host.detection.sweep(10 * S);
    expect(host.out.has(0)).toBe(false);
  });

  it('returns with clean streaks', () => {
    const host = new Host(10, { baseEjectionTime: 1 * S });
    host.answers(0, 500, 5 + 4);
    host.detection.sweep(10 * S);
    host.answers(0, 500, 4, 10 * S);
    expect(host.out.has(0)).toBe(false);
  });
});

describe('success rates', () => {
  const volume = (host: Host, endpoint: number, percent: number, requests = 100): void => {
    for (let i = 0; i < requests; i++) host.answers(endpoint, i < (percent * requests) / 100 ? 200 : 500);
  };

  it('eject what is more than 1.9 deviations below the mean', () => {
    const host = new Host(10, { consecutive5xx: 0 });
    for (let i = 0; i < 10; i++) volume(host, i, i === 4 ? 50 : 100);
    host.detection.sweep(10 * S);
    // Mean 95, deviation 15, threshold 66.5.
    expect([...host.out]).toEqual([4]);
  });

  it('leave two bad of five alone: 3 x 100 %, 2 x 33 %', () => {
    // Mean 73.2, deviation 32.8, threshold 10.9.
    const host = new Host(5, { consecutive5xx: 0, maxEjectionPercent: 1 });
    for (let i = 0; i < 5; i++) volume(host, i, i < 3 ? 100 : 33);
    host.detection.sweep(10 * S);
    expect([...host.out]).toEqual([]);
  });

  it('need enough endpoints with enough requests, counted in one interval', () => {
    const host = new Host(10, { consecutive5xx: 0 });
    for (let i = 0; i < 10; i++) volume(host, i, i === 4 ? 0 : 100, i < 6 ? 99 : 100);
    host.detection.sweep(10 * S);
    for (let i = 0; i < 10; i++) volume(host, i, i === 4 ? 0 : 100, 50);
    host.detection.sweep(20 * S);
    expect([...host.out]).toEqual([]);
  });
});

describe('failure percentages', () => {
  it('eject at the threshold itself', () => {
    const host = new Host(10, { ...OFF, consecutive5xx: 0, enforcingFailurePercentage: 1, maxEjectionPercent: 1 });
    for (let i = 0; i < 10; i++) for (let k = 0; k < 100; k++) host.answers(i, k < (i === 0 ? 85 : i === 1 ? 84 : 0) ? 500 : 200);
    host.detection.sweep(10 * S);
    expect([...host.out]).toEqual([0]);
  });

  it('count the endpoints that take part before success rates have ejected any', () => {
    const host = new Host(5, { consecutive5xx: 0, enforcingFailurePercentage: 1, maxEjectionPercent: 1, successRateStdevFactor: 1200 });
    // Success 100 100 100 14 0: mean 62.8, deviation 45.9, threshold 7.7. Only the last is below; the one before fails at least 85 %.
    for (const [i, failed] of [0, 0, 0, 86, 100].entries()) for (let k = 0; k < 100; k++) host.answers(i, k < failed ? 500 : 200);
    host.detection.sweep(10 * S);
    expect([...host.out].sort()).toEqual([3, 4]);
  });
});

describe('failures without an answer, split off', () => {
  const options: OptionValues = { splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailure: 3 };
  const fails = (host: Host, outcome: Outcome, connects: boolean, times: number): void => {
    for (let i = 0; i < times; i++) {
      if (connects) host.detection.connected(0, 0);
      host.detection.record(0, outcome, 0, 0);
    }
  };

  it('eject by connections that fail, not by resets and timeouts on connections that were made', () => {
    const host = new Host(10, options);
    fails(host, Outcome.reset, true, 50);
    fails(host, Outcome.timeout, true, 50);
    expect(host.out.size).toBe(0);
    fails(host, Outcome.connectFailure, false, 3);
    expect([host.out.size, host.detection.count(Detection.consecutiveLocalOriginFailure)]).toEqual([1, { detected: 1, allowed: 1, enforced: 1 }]);
  });

  it('have a success rate of their own', () => {
    const host = new Host(10, { ...options, consecutiveLocalOriginFailure: 0 });
    for (let i = 0; i < 10; i++) {
      for (let k = 0; k < 100; k++) {
        host.detection.connected(i, 0);
        if (i === 7) host.detection.record(i, Outcome.reset, 0, 0);
        else host.answers(i, 200);
      }
    }
    host.detection.sweep(10 * S);
    expect([...host.out]).toEqual([7]);
    expect(host.detection.count(Detection.successRateLocalOrigin).enforced).toBe(1);
  });
});

describe('chance', () => {
  const withDice = (options: OptionValues, draws: { unit?: number; below?: number }): { readonly out: number[]; readonly detection: OutlierDetection } => {
    const out: number[] = [];
    const dice = { unit: () => draws.unit ?? 0, below: (n: number) => Math.min(n - 1, draws.below ?? 0) };
    const detection = new OutlierDetection(10, { ...defaultsOf(outlierOptions), ...options }, dice, { eject: (endpoint) => out.push(endpoint), uneject: (endpoint) => out.splice(out.indexOf(endpoint), 1) });
    for (let i = 0; i < 5; i++) detection.record(0, Outcome.error, 500, 0);
    return { out, detection };
  };

  it('decides whether a detection is enforced', () => {
    expect(withDice({ enforcingConsecutive5xx: 0.3 }, { unit: 0.29 }).out).toEqual([0]);
    expect(withDice({ enforcingConsecutive5xx: 0.3 }, { unit: 0.3 }).out).toEqual([]);
  });

  it('adds whole milliseconds up to the jitter, both ends included, to the ejection time', () => {
    const { out, detection } = withDice({ baseEjectionTime: 10 * S, maxEjectionTimeJitter: 2 * S }, { below: Infinity });
    detection.sweep(12 * S - 1);
    expect(out).toEqual([0]);
    detection.sweep(12 * S);
    expect(out).toEqual([]);
  });
});

describe('an endpoint that both tests of a sweep find wanting', () => {
  it('is ejected once, and detected twice', () => {
    const host = new Host(10, { consecutive5xx: 0, enforcingFailurePercentage: 1, maxEjectionPercent: 1 });
    for (let i = 0; i < 10; i++) for (let k = 0; k < 100; k++) host.answers(i, i === 3 ? 500 : 200);
    host.detection.sweep(10 * S);
    expect([[...host.out], host.detection.active]).toEqual([[3], 1]);
    expect(host.detection.count(Detection.successRate)).toEqual({ detected: 1, allowed: 1, enforced: 1 });
    expect(host.detection.count(Detection.failurePercentage)).toEqual({ detected: 1, allowed: 0, enforced: 0 });
  });
});

describe("gRPC's detection", () => {
  it('always allows one ejection, and throws dice only then', () => {
    let draws = 0;
    const out: number[] = [];
    const dice = { unit: () => draws++ * 0 };
    const detection = new GrpcOutlierDetection(5, { ...defaultsOf(outlierOptions), enforcingSuccessRate: 0, enforcingFailurePercentage: 1 }, dice, { eject: (endpoint) => out.push(endpoint), uneject: (endpoint) => out.splice(out.indexOf(endpoint), 1) });
    const answer = (endpoint: number, outcome: Outcome): void => {
      for (let i = 0; i < 60; i++) detection.record(endpoint, outcome, 500, 0);
    };
    for (let i = 0; i < 5; i++) answer(i, i < 3 ? Outcome.error : Outcome.ok);
    detection.sweep(10 * S);
    expect([out, draws]).toEqual([[0], 1]);
    // Out until strictly after its time.
    detection.sweep(40 * S);
    expect(out).toEqual([0]);
    detection.sweep(40 * S + 1);
    expect(out).toEqual([]);
  });
});
