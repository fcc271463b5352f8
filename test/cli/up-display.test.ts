import { describe, expect, test } from 'vitest';
import { greeting, liveStatus, plainStatus } from '../../src/cli/up-display.ts';
import type { Status } from '../../src/up/mesh.ts';
import { planFrom } from '../support/plan-from.ts';
import { textOutput } from '../support/string-shell.ts';

const IDLE: Status = { upMs: 61_234, lastSecond: { requests: 0, failed: 0, p50Ms: null, p99Ms: null }, inFlight: 0, outOfUse: {}, breakersOpen: {}, shedding: {}, faults: [] };
const BUSY: Status = {
  ...IDLE,
  lastSecond: { requests: 1234, failed: 3, p50Ms: 8.12, p99Ms: 61.3 },
  inFlight: 12,
  outOfUse: { 'cart/1': 2, 'cart/4': 1, 'cart/5': 1, 'cart/7': 1, 'cart/8': 3 },
  breakersOpen: { 'web->cart': 2, 'browse->web': 1 },
  faults: ['slow'],
};

describe('on a terminal', () => {
  test.each([40, 80, 140])('one line, no wider than %d, drawn over itself and gone at the end', (width) => {
    const output = textOutput(true, width);
    const display = liveStatus(output, { color: false, unicode: true, width });
    for (const status of [IDLE, BUSY]) display.update(status, 0);
    display.end();
    const [, idle, busy, end] = output.text().split('\r\u001b[K');
    expect([idle, end]).toEqual(['up 61 s   0 rps', '']);
    expect([...busy!].length).toBeLessThan(width);
    expect('up 61 s   1,234 rps   p50 8.12   p99 61.3 ms   errors 0.24%   fault slow   out of use cart/1 cart/4 cart/5 and 2 more   breakers open 3   in flight 12').toContain(busy!.replace(/…$/, ''));
  });
});

test('elsewhere: a line at most every ten seconds, and only for news', () => {
  const output = textOutput();
  const display = plainStatus(output, 'shop\u001b[31m');
  for (let second = 0; second < 60; second++) display.update(second < 25 ? IDLE : { ...BUSY, inFlight: second }, second * 1000);
  const lines = output.text().trimEnd().split('\n');
  expect(lines).toHaveLength(5);
  expect(lines[0]).toBe('up shop?[31m: 0 rps');
  expect(lines[1]).toContain('1,234 rps, p50 8.12, p99 61.3 ms');
});

describe('greeting', () => {
  const plan = (services: number, faults: readonly object[]): ReturnType<typeof planFrom> =>
    planFrom({
      duration: '1s',
      services: Object.fromEntries(Array.from({ length: services }, (_, i) => [`s${i}`, { latency: '1ms' }])),
      traffic: Array.from({ length: services }, (_, i) => ({ to: `s${i}`, rate: '1/s' })),
      faults,
    });
  const urls = Array.from({ length: 30 }, (_, i) => `http://127.0.0.1:${9000 + i}`);

  test('names every service and commands that can be copied', () => {
    const text = greeting({ adminUrl: 'http://127.0.0.1:8999', plan: plan(2, []), urls });
    expect(text).toContain('  s1      http://127.0.0.1:9001\n');
    expect(text).toContain('curl -i http://127.0.0.1:9000/\n');
    expect(text).toContain(`curl --json '{"target": "s0/0", "crash": true, "for": "10s"}' http://127.0.0.1:8999/faults\n`);
    expect(greeting({ adminUrl: 'http://127.0.0.1:8999', plan: plan(1, [{ name: 'gone', target: 's0', crash: true }]), urls })).toContain('http://127.0.0.1:8999/faults/gone\n');
  });

  test('of many services shows the first', () => {
    const text = greeting({ adminUrl: 'http://127.0.0.1:8999', plan: plan(30, []), urls });
    expect(text.match(/^ {2}s\d+ /gm)).toHaveLength(20);
    expect(text).toContain('and 10 more: GET /services');
  });
});
