import { describe, expect, test } from 'vitest';
import { causesOf } from '../../src/report/causes.ts';
import { REPORTERS } from '../../src/report/registry.ts';
import type { ReportOptions } from '../../src/report/reporter.ts';
import type { Result, ServiceMetrics } from '../../src/result/result.ts';
import { emptyMetrics, exampleMetrics, exampleResult, exampleThreshold } from '../support/example-result.ts';

const OPTIONS: ReportOptions = {
  detail: 'compact', width: 80, color: false, unicode: true,
  again: 'meshsim run checkout.yaml --seed 42',
  files: [{ what: 'report', path: 'out/report.md' }, { what: 'result', path: 'out/result.json' }],
};

function terminal(result: Result, changes: Partial<ReportOptions> = {}): string {
  return REPORTERS.terminal.render(result, { ...OPTIONS, ...changes });
}

function linesOf(text: string): string[] {
  return text.trimEnd().split('\n');
}

/** Pinned, not proven: an update is looked at. */
describe('golden', () => {
  test.each([60, 80, 140])('compact at %d columns', async (width) => {
    await expect(terminal(exampleResult(), { width })).toMatchFileSnapshot(`golden/compact-${width}.txt`);
  });
  test('full in ASCII', async () => {
    const text = terminal(exampleResult(), { detail: 'full', width: 100, unicode: false });
    expect(text).not.toMatch(/[^\x00-\x7f]/);
    await expect(text).toMatchFileSnapshot('golden/full-ascii.txt');
  });
  test('Markdown', async () => {
    await expect(REPORTERS.markdown.render(exampleResult(), OPTIONS)).toMatchFileSnapshot('golden/report.md');
  });
});

describe('terminal', () => {
  const many = exampleResult({
    services: Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`service-with-a-long-name-${i}`, exampleResult().services['cart'] as ServiceMetrics])),
    thresholds: Array.from({ length: 30 }, (_, i) => exampleThreshold(`latency{service:service-with-a-long-name-${i}} p(99) < 250ms`, i === 29 ? 900 : 200, 250, 'ms')),
    warnings: Array.from({ length: 30 }, (_, i) => ({ code: 'x', message: `warning ${i} ${'with many words '.repeat(9)}` })),
  });

  test.each([40, 60, 80, 140, 200])('no line but the last is wider than %d columns', (width) => {
    for (const result of [exampleResult(), many]) {
      for (const line of linesOf(terminal(result, { width })).slice(0, -1)) expect([...line].length, line).toBeLessThanOrEqual(width);
    }
  });

  test('compact keeps to 40 lines and to what failed', () => {
    const lines = linesOf(terminal(many));
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(lines.find((line) => line.startsWith('  ✗'))).toContain('900 ms');
    expect(lines.join('\n')).toContain('more services');
  });

  test('marks a partial run', () => {
    const text = terminal(exampleResult({ complete: false, window: { warmupMs: 0, durationMs: 60_000, endMs: 31_400 } }));
    expect(text).toContain('! PARTIAL   stopped at 31.4 s of 60 s');
  });

  test('nothing happened is not all good', () => {
    const text = terminal(exampleResult({ totals: emptyMetrics(), thresholds: [], services: {} }));
    expect(text).toContain('! NO REQUESTS');
    expect(text).toContain('~ NOT JUDGED');
    expect(text).not.toMatch(/NaN|null|undefined|Infinity/);
  });

  test('says why a threshold could not hold', () => {
    const thresholds = [
      { ...exampleThreshold('latency p(99) < 1s', 0, 1000, 'ms'), value: null, pass: false, judged: 'no samples' as const },
      { ...exampleThreshold('latency max < 1s', 5, 1000, 'ms'), pass: false, judged: 'no goodput' as const },
      { ...exampleThreshold('recovery{phase:x} max < 5s', 0, 5000, 'ms'), value: null, pass: false, judged: 'fail' as const },
    ];
    const text = terminal(exampleResult({ thresholds }), { width: 120 });
    expect(text).toMatch(/< 1s +no samples/);
    expect(text).toMatch(/5.00 ms +no goodput: nothing succeeded/);
    expect(text).toMatch(/< 5s +never/);
  });

  test('control characters of names do not reach the terminal', () => {
    const text = terminal(exampleResult({ scenario: { name: 'a\u001b[2Jb', sha256: '', resolved: {} } }));
    expect(text).not.toContain('\u001b');
  });

  test('colour changes no character', () => {
    const colored = terminal(exampleResult(), { color: true });
    expect(colored).toContain('\u001b[31m');
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(terminal(exampleResult()));
  });
});

test('Markdown holds no wall time and no host', () => {
  const slow = exampleResult({ env: { node: 'x', platform: 'y', wallMs: 123_456, events: 1 } });
  expect(REPORTERS.markdown.render(slow, OPTIONS)).toBe(REPORTERS.markdown.render(exampleResult(), OPTIONS));
});

test.each([
  [1000, { timeout: 1, reset: 1, error: 1 }],
  [7, { timeout: 2, reset: 2, overflow: 1 }],
  [3_000_000, { timeout: 1, unfinished: 1 }],
  [10, { timeout: 10 }],
])('shares of causes out of %d add up to the total', (requests, causes) => {
  const failed = Object.values(causes).reduce((sum, count) => sum + count, 0);
  const found = causesOf(exampleMetrics({ requests, failed, causes }));
  expect(found.causes.reduce((sum, { share }) => sum + Number(share), 0)).toBeCloseTo(Number(found.total), 9);
  expect(Number(found.total)).toBeGreaterThan(0);
});
