import { describe, expect, test } from 'vitest';
import { NS_PER_MS } from '../../src/model/units.ts';
import { BEAT_MS, Lateness } from '../../src/real/lateness.ts';
import { realFiguresOf } from '../../src/result/lateness.ts';

describe('the lag of the event loop', () => {
  const looks = (timeScale: number, ...realMs: readonly number[]) => {
    const lateness = new Lateness(timeScale);
    for (const ms of realMs) lateness.looked((ms * NS_PER_MS) / timeScale);
    return realFiguresOf(lateness.data(), 1, 1).loopLagMs;
  };

  test('a loop that looks in time has none', () => {
    expect(looks(1, BEAT_MS, 2 * BEAT_MS, 3 * BEAT_MS)).toMatchObject({ count: 3, max: 0 });
  });

  test('looks that a busy loop left out were late as well', () => {
    // 35 ms instead of 10: those due after 10, 20 and 30 ms were 25, 15 and 5 ms late.
    const { count, max, mean, min } = looks(1, 45 - BEAT_MS);
    expect([count, max, mean, min]).toEqual([3, 25, 15, 5]);
  });

  test('is told in the time of the run', () => {
    expect(looks(10, 35).max).toBe(2.5);
  });
});
