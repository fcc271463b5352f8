import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBackoff } from '../../src/engine/retry/backoff.ts';
import { type JitterName, jitterKinds } from '../../src/engine/retry/jitter-kinds.ts';
import { EnvoyRateLimitPushback, GrpcPushback, NEVER } from '../../src/engine/retry/pushback.ts';
import { Draw, Stream } from '../../src/random/hash.ts';
import { lehmer } from '../support/lehmer.ts';

const MS = 1e6;

const plans = fc.record({
  jitter: fc.constantFrom(...(Object.keys(jitterKinds) as JitterName[])),
  baseNs: fc.integer({ min: 0, max: 5e9 }),
  times: fc.integer({ min: 1, max: 200 }),
  multiplier: fc.constantFrom(1, 1.5, 2, 3),
  jitterRatio: fc.constantFrom(0, 0.25, 0.5, 1),
});

describe('a backoff', () => {
  it('waits a whole number of nanoseconds between its bounds', () => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 0, max: 1e6 }), ({ times, ...plan }, seed) => {
        const backoff = createBackoff({ ...plan, maxNs: plan.baseNs * times });
        const draw = new Draw();
        const stream = new Stream(seed, 'test');
        let previous = 0;
        for (let retry = 0; retry < 70; retry++) {
          draw.seek(stream, 0, retry);
          const wait = backoff.waitNs(retry, previous, draw);
          expect(Number.isSafeInteger(wait)).toBe(true);
          expect(wait).toBeGreaterThanOrEqual(Math.floor(backoff.leastNs(retry)));
          expect(wait).toBeLessThanOrEqual(Math.ceil(backoff.mostNs(retry, previous)));
          previous = wait;
        }
      }),
    );
  });

  it.each(Object.keys(jitterKinds) as JitterName[])('of kind %s does not shorten its bounds from one retry to the next', (jitter) => {
    const backoff = createBackoff({ baseNs: 25 * MS, maxNs: 250 * MS, jitter, multiplier: 2, jitterRatio: 0.5 });
    for (let retry = 0; retry < 70; retry++) expect(backoff.mostNs(retry + 1, 0)).toBeGreaterThanOrEqual(backoff.mostNs(retry, 0));
  });

  it('of kind grpc grows by its multiplier, and jitters around the longest too', () => {
    const backoff = createBackoff({ baseNs: 10 * MS, maxNs: 100 * MS, jitter: 'grpc', multiplier: 3, jitterRatio: 0 });
    const middle = { unit: () => 0.5, below: () => 0 };
    expect([0, 1, 2, 3].map((retry) => backoff.waitNs(retry, 0, middle) / MS)).toEqual([10, 30, 90, 100]);
    expect(backoff.mostNs(3, 0)).toBeCloseTo(120 * MS);
  });
});

describe('a wait that the server asks for', () => {
  const backoff = createBackoff({ baseNs: 100 * MS, maxNs: 1000 * MS, jitter: 'none', multiplier: 2, jitterRatio: 0 });
  const random = lehmer(1);
  const chance = { unit: random, below: (n: number) => Math.floor(random() * n) };

  it('starts the backoff of gRPC over, and may forbid the retry', () => {
    const call = { backoffStep: 0, backoffNs: 0 };
    const pushback = new GrpcPushback(backoff);
    const waits = [null, null, 70 * MS, null, -1].map((asked) => pushback.nextNs(call, asked, chance));
    expect(waits).toEqual([100 * MS, 200 * MS, 70 * MS, 100 * MS, NEVER]);
  });

  it('leaves the backoff of Envoy where it was, and is not believed below 2 ms', () => {
    const call = { backoffStep: 0, backoffNs: 0 };
    const pushback = new EnvoyRateLimitPushback(backoff);
    const waits = [null, 1000 * MS, 1 * MS, null].map((asked) => pushback.nextNs(call, asked, chance));
    expect([waits[0], waits[2], waits[3]]).toEqual([100 * MS, 200 * MS, 400 * MS]);
    expect(waits[1]).toBeGreaterThanOrEqual(1000 * MS);
    expect(waits[1]).toBeLessThan(1500 * MS);
  });
});
