import { describe, expect, test } from 'vitest';
import { causesOf } from '../../src/report/causes.ts';
import { REPORTERS } from '../../src/report/registry.ts';
import type { ReportOptions } from '../../src/report/reporter.ts';
import type { Result, ServiceMetrics, ThresholdResult } from '../../src/result/result.ts';
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

describe('of many replications', () => {
  const { totals } = exampleResult();
  const rep = (seed: number, p99: number): Result['reps'][number] => ({ seed, totals: { ...totals, latencyMs: { ...totals.latencyMs, p99 } } });
  const threshold = (expr: string, value: number, interval: readonly [number, number], changes: Partial<ThresholdResult> = {}): ThresholdResult =>
    ({ ...exampleThreshold(expr, value, 250, 'ms'), low: interval[0], high: interval[1], ...changes });
  const result = exampleResult({
    reps: Array.from({ length: 20 }, (_, i) => rep(1000 + i, 200 + ((i * 7) % 20))),
    intervals: { 'totals.latencyMs.p99': [205, 219] },
    thresholds: [
      threshold('latency p(99) < 250ms', 212, [205, 219]),
      threshold('latency{service:a} p(99) < 250ms', 240, [225, 255]),
      threshold('latency{service:b} p(99) < 250ms', 260, [245, 275]),
      threshold('latency{service:c} p(99) < 250ms', 240, [225, 255], { pass: false, judged: 'fail', confidence: 'strict' }),
      threshold('latency{service:d} p(99) < 250ms', 260, [245, 275], { pass: true, judged: 'pass', confidence: 'lenient' }),
    ],
  });
  const lineWith = (text: string, part: string): string => linesOf(text).find((line) => line.includes(part))!.replace(/ +/g, ' ');

  test('thresholds show their intervals and where they cross the limit', () => {
    const text = terminal(result, { width: 120 });
    expect(lineWith(text, '✓ latency p(99)')).toBe(' ✓ latency p(99) < 250ms 212 ms [205, 219]');
    expect(lineWith(text, 'service:a')).toBe(' ~ latency{service:a} p(99) < 250ms 240 ms [225, 255] interval crosses limit');
    expect(lineWith(text, 'service:b')).toBe(' ✗ latency{service:b} p(99) < 250ms 260 ms [245, 275] 1.04× the limit, interval crosses it');
    expect(lineWith(text, 'service:c')).toBe(' ✗ latency{service:c} p(99) < 250ms 240 ms [225, 255] interval crosses limit');
    expect(lineWith(text, 'service:d')).toBe(' ~ latency{service:d} p(99) < 250ms 260 ms [245, 275] interval crosses limit');
  });

  test('the first line says how many, and the p99 how sure it is', () => {
    const text = terminal(result, { width: 120 });
    expect(linesOf(text)[0]).toContain('20 reps × 60 s');
    expect(lineWith(text, 'LATENCY')).toContain('p99 212 ±3.3%');
    expect(terminal(result, { unicode: false })).toContain('p99 212 +-3.3%');
  });

  test('sums say of how many runs they are', () => {
    expect(terminal(result, { width: 140 })).toContain('breaker (20 reps)');
    expect(terminal(result, { width: 140, detail: 'full' })).toContain('POLICY (20 reps)');
  });

  test('full lists the replications, of many those with the lowest and the highest p99', () => {
    const seeds = linesOf(terminal(result, { detail: 'full' })).flatMap((line) => /^ +(10[01]\d) /.exec(line)?.[1] ?? []);
    const byP99 = [...result.reps].sort((a, b) => a.totals.latencyMs.p99! - b.totals.latencyMs.p99!).map(({ seed }) => String(seed));
    expect(seeds).toEqual([...byP99.slice(0, 6), ...byP99.slice(-6)]);
  });

  test('stopped early they are partial', () => {
    expect(terminal({ ...result, complete: false })).toContain('PARTIAL   stopped after 20 replications');
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
    expect(text).toContain('~ NOT JUDGED   no thresholds given');
    expect(terminal(exampleResult({ thresholds: [] }), { unjudged: 'no run' })).toContain('~ NOT JUDGED   no run\n');
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
