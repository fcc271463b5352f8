import { describe, expect, test } from 'vitest';
import { isLive } from '../../src/cli/look.ts';
import { liveProgress, plainProgress } from '../../src/cli/progress.ts';
import type { PoolProgress } from '../../src/run/pool.ts';
import { textOutput } from '../support/string-shell.ts';

const SUBJECT = { name: 'checkout-storm', seed: 42, durationNs: 60e9, mode: 'sim', runs: 1 } as const;
const COUNTS = { events: 1_900_000, requests: 300_000, failed: 930 };
const HALFWAY: PoolProgress = { ended: 0, running: [{ ...COUNTS, nowNs: 30e9, phase: 'running' }], ...COUNTS };

describe('live', () => {
  test.each([60, 80, 140])('fits %d columns', (width) => {
    const output = textOutput(true);
    const display = liveProgress(output, { color: false, unicode: true, width }, SUBJECT, 0);
    display.update(HALFWAY, 1_000);
    const lines = output.text().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) expect([...line].length).toBeLessThan(width);
    expect(lines[0]).toContain('50%   ');
    expect(lines[0]).toContain('eta 1 s');
    expect(lines[1]).toContain('errors 0.31%');
  });

  test('a long name gives way to how long it still takes, and to nothing at forty columns', () => {
    const subject = { ...SUBJECT, name: 'a-name-as-long-as-some-that-are-written' };
    const drawn = (width: number): string => {
      const output = textOutput(true);
      liveProgress(output, { color: false, unicode: false, width }, subject, 0).update(HALFWAY, 1_000);
      expect(output.text()).not.toMatch(/[^\x00-\x7f]/);
      return output.text().split('\n')[0]!;
    };
    expect(drawn(60)).toMatch(/^sim {2}a-name-as-.*~ {3}\[#{10}-{10}\] 50% {3}eta 1 s$/);
    expect(drawn(40)).toMatch(/^sim {2}a-na~ {3}\[#{10}-{10}\] 50%$/);
  });

  test('draws at most ten times a second and is gone at the end', () => {
    const output = textOutput(true);
    const display = liveProgress(output, { color: false, unicode: false, width: 80 }, SUBJECT, 0);
    for (let ms = 0; ms <= 1_000; ms += 10) display.update(HALFWAY, ms);
    expect(output.text().match(/checkout/g)!.length).toBeLessThanOrEqual(10);
    expect(output.text()).not.toMatch(/[^\x00-\x7f]/);
    display.end(HALFWAY, 1_000);
    expect(output.text()).toMatch(/\r\u001b\[2K\u001b\[1A\u001b\[2K$/);
  });
});

test('plain lines come at the start, every ten seconds at most, and at the end', () => {
  const output = textOutput();
  const display = plainProgress(output, { unicode: true }, SUBJECT, 0);
  for (let ms = 0; ms <= 25_000; ms += 100) display.update(HALFWAY, ms);
  display.end(HALFWAY, 25_000);
  expect(output.text().trimEnd().split('\n')).toEqual([
    'sim checkout-storm: seed 42, 60 s to simulate',
    'sim checkout-storm: 50%, 300,000 requests, errors 0.31%',
    'sim checkout-storm: 50%, 300,000 requests, errors 0.31%',
    'sim checkout-storm: ended after 25 s, 300,000 requests, errors 0.31%',
  ]);
  expect(output.text()).not.toMatch(/[\r\u001b]/);
});

describe('of many runs', () => {
  const many = { ...SUBJECT, runs: 10 };
  const some: PoolProgress = { ...HALFWAY, ended: 6, running: [{ ...COUNTS, nowNs: 60e9, phase: 'draining' }, { ...COUNTS, nowNs: 15e9, phase: 'running' }] };

  test('says how many are over, how far all are together, and what is known', () => {
    const output = textOutput(true);
    liveProgress(output, { color: false, unicode: true, width: 140 }, many, 0).update(some, 1_000, () => 'p99 212 ms ±6.1%');
    expect(output.text()).toContain('73%   435.0 / 600.0 s');
    expect(output.text()).toContain('rep 6/10, p99 212 ms ±6.1%, 300,000 requests, errors 0.31%');
  });

  test('says that there may be fewer, and keeps to ASCII where there is nothing else', () => {
    const output = textOutput();
    const display = plainProgress(output, { unicode: false }, { ...many, isAtMost: true }, 0);
    display.update(some, 11_000, () => 'p99 212 ms ±6.1%');
    expect(output.text().split('\n').slice(0, 2)).toEqual([
      'sim checkout-storm: seed 42, at most 10 x 60 s to simulate',
      'sim checkout-storm: 73%, rep 6 of at most 10, p99 212 ms +-6.1%, 300,000 requests, errors 0.31%',
    ]);
  });
});

test('is live on a terminal that a person watches', () => {
  expect(isLive(textOutput(true), {})).toBe(true);
  expect(isLive(textOutput(true), { CI: 'true' })).toBe(false);
  expect(isLive(textOutput(true), { TERM: 'dumb' })).toBe(false);
  expect(isLive(textOutput(false), {})).toBe(false);
});
