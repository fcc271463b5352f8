import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPath, parsePath } from '../../src/scenario/path.ts';
import { formatDuration, formatRatio, parseDuration, parsePercent, parseRate } from '../../src/scenario/units.ts';

describe('a duration', () => {
  it.each([['250us', 250e3], ['5ms', 5e6], ['1.5s', 1.5e9], ['2m', 120e9], ['1h', 3600e9], ['1m30s', 90e9], ['0', 0], ['1.1ms', 1_100_000]])('%s', (text, ns) => {
    expect(parseDuration(text)).toBe(ns);
  });

  it.each(['5', '-1s', '', 's', '1 s', '1e3s', '.5s', '5S'])('is not %s', (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  it('is printed so that it reads the same', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (ns) => parseDuration(formatDuration(ns)) === ns));
    expect([90e9, 1.5e9, 250e6, 3600e9, 1].map(formatDuration)).toEqual(['90s', '1.5s', '250ms', '1h', '1ns']);
  });
});

describe('rates and ratios', () => {
  it('are per second and 0..1', () => {
    expect([parseRate('500/s'), parseRate('30/m'), parseRate('24000/h'), parseRate('500')]).toEqual([500, 0.5, 24000 / 3600, null]);
    expect([parsePercent('20%'), parsePercent('0.5%'), parsePercent('20')]).toEqual([0.2, 0.005, null]);
  });

  it('are printed so that they read the same', () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (ratio) => {
      const text = formatRatio(ratio);
      return (parsePercent(text) ?? Number(text)) === ratio;
    }));
  });
});

describe('a path', () => {
  it('reads as it prints', () => {
    const step = fc.oneof(fc.nat(1000), fc.string({ minLength: 1 }).filter((key) => !/^\d+$/.test(key)));
    fc.assert(fc.property(fc.tuple(fc.constantFrom('services', 'traffic'), fc.array(step)).map(([head, rest]) => [head, ...rest]), (path) => {
      expect(parsePath(formatPath(path))).toEqual(path);
    }));
  });

  it('takes list positions between dots', () => {
    expect(parsePath('traffic.0.rate')).toEqual(['traffic', 0, 'rate']);
    expect(parsePath('services."my.svc".replicas')).toEqual(['services', 'my.svc', 'replicas']);
  });
});
