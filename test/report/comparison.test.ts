import { describe, expect, test } from 'vitest';
import { compareSides } from '../../src/compare/compare.ts';
import type { Comparison } from '../../src/compare/comparison.ts';
import type { Sample, Side } from '../../src/compare/side.ts';
import { COMPARISON_REPORTERS } from '../../src/report/comparison/registry.ts';
import type { ComparisonOptions } from '../../src/report/comparison/reporter.ts';
import { exampleSide, wobble } from '../support/example-side.ts';

const OPTIONS: ComparisonOptions = {
  subject: 'policies.client.loadBalancer in checkout.yaml', exitCode: 5, again: 'meshsim compare checkout.yaml --seed 42 --reps 20',
  files: [{ what: 'comparison', path: 'out/comparison.json' }, { what: 'table', path: 'out/comparison.md' }],
  width: 80, color: false, unicode: true,
};

/** Twenty replications, each a little off from `typical` and all sides alike, but for `own`. */
function side(label: string, typical: { p50: number; p99: number; timeouts: number; shed?: number; attempts?: number; own?: number }): Side {
  const { p50, p99, timeouts, shed = 0, attempts = 108_000, own = 0.002 } = typical;
  return exampleSide(label, Array.from({ length: 20 }, (_, i): Partial<Sample> => ({
    requests: 100_000 + 10 * i,
    latencyMs: { p50: p50 * (1 + wobble(i, 0.002) + wobble(i * 5 + 1, own)), p99: p99 * (1 + wobble(i, 0.02) + wobble(i * 7 + 2, own)), p999: 4 * p99 * (1 + wobble(i, 0.1) + wobble(i * 7 + 3, 20 * own)) },
    causes: { timeout: timeouts + (i % 4), ...(shed === 0 ? {} : { rejected: shed }) },
    attempts: attempts + (i % 3), busiest: 0.6 + wobble(i, 0.01),
  })));
}

const ROUND_ROBIN = side('roundRobin', { p50: 167, p99: 2004, timeouts: 4_600 });
const PEAK_EWMA = side('peakEwma', { p50: 167, p99: 181, timeouts: 90, attempts: 101_000, own: 0.004 });
const SHEDDING = side('{ type: peakEwma, estimator: penalize }', { p50: 120, p99: 150, timeouts: 80, shed: 9_000 });
const PAIR = compareSides([ROUND_ROBIN, PEAK_EWMA], { minEffect: null });
const MANY = compareSides([ROUND_ROBIN, PEAK_EWMA, SHEDDING, side('leastRequest', { p50: 167, p99: 1900, timeouts: 1_000, own: 0.02 })], { minEffect: 0.02, caveats: ['durations differ: 60 s (A), 30 s (B)'] });

function terminal(comparison: Comparison, changes: Partial<ComparisonOptions> = {}): string {
  return COMPARISON_REPORTERS.terminal.render(comparison, { ...OPTIONS, ...changes });
}

/** Pinned, not proven: an update is looked at. */
describe('golden', () => {
  test.each([60, 80, 140])('two sides at %d columns', async (width) => {
    await expect(terminal(PAIR, { width })).toMatchFileSnapshot(`golden/compare-two-${width}.txt`);
  });
  test.each([60, 80, 140])('four sides at %d columns', async (width) => {
    await expect(terminal(MANY, { width })).toMatchFileSnapshot(`golden/compare-four-${width}.txt`);
  });
  test('ASCII', async () => {
    const text = terminal(MANY, { width: 100, unicode: false });
    expect(text).not.toMatch(/[^\x00-\x7f]/);
    await expect(text).toMatchFileSnapshot('golden/compare-ascii.txt');
  });
  test('Markdown', async () => {
    await expect(COMPARISON_REPORTERS.markdown.render(PAIR, OPTIONS) + COMPARISON_REPORTERS.markdown.render(MANY, OPTIONS)).toMatchFileSnapshot('golden/compare.md');
  });
});

describe('terminal', () => {
  test.each([40, 60, 80, 140, 200])('no line but the last is wider than %d columns', (width) => {
    for (const comparison of [PAIR, MANY]) {
      for (const line of terminal(comparison, { width }).trimEnd().split('\n').slice(0, -1)) expect([...line].length, line).toBeLessThanOrEqual(width);
    }
  });

  test.each([60, 80, 140])('every side is there at %d columns, however many tables that takes', (width) => {
    const text = terminal(MANY, { width });
    for (const title of ['A', 'B', 'C', 'D']) expect(text).toMatch(new RegExp(`^ .*\\b${title}\\b(?!  \\S)`, 'm'));
  });

  test('sides with seeds of their own have them told', () => {
    expect(terminal(PAIR, { width: 200 })).toContain(` · seed ${ROUND_ROBIN.seed}\n`);
    expect(terminal(compareSides([{ ...ROUND_ROBIN, seed: 1 }, { ...PEAK_EWMA, seed: 4 }], { minEffect: null }), { width: 200 })).toContain(' · seeds 1 and 4\n');
  });

  test('counts verdicts in the words of the page', () => {
    const counted = /inconclusive (\d+)/;
    expect(counted.exec(COMPARISON_REPORTERS.html.render(PAIR, OPTIONS))?.[1]).toBe(counted.exec(terminal(PAIR))![1]);
  });

  test('colour changes no character', () => {
    const colored = terminal(PAIR, { color: true });
    expect(colored).toContain('\u001b[32m');
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(terminal(PAIR));
  });

  test('control characters of labels and names do not reach the terminal', () => {
    const evil = { ...PEAK_EWMA, label: 'a\u001b[2Jb', scenario: 'c\u001bd' };
    expect(terminal(compareSides([ROUND_ROBIN, evil], { minEffect: null, caveats: ['x\u001by'] }), { subject: 'c\u001bd' })).not.toContain('\u001b');
  });

  test('a side that is fast because it serves less is told so', () => {
    expect(terminal(MANY)).toContain('is faster and serves less');
    expect(terminal(PAIR)).not.toContain('serves less');
  });

  test('a line for what could have been seen where nothing was', () => {
    expect(terminal(PAIR, { width: 80 })).toMatch(/would see: latency p50 0\.\d+%/);
    expect(terminal(PAIR, { width: 140 })).toMatch(/latency p50 .* would see 0\.\d+%/);
  });

  test('without verdicts it prints values and says why', () => {
    const few = compareSides([ROUND_ROBIN, PEAK_EWMA].map((one) => ({ ...one, replications: one.replications.slice(0, 3) })), { minEffect: null });
    const text = terminal(few);
    expect(text).toContain('values without a verdict: 3 replications');
    expect(text).toContain('2,0');
    expect(text).toContain('no verdicts   exit 5');
    expect(text).not.toMatch(/NaN|null|undefined|Infinity/);
  });
});

test('says how much is allowed', () => {
  expect(terminal(compareSides([ROUND_ROBIN, PEAK_EWMA], { minEffect: 1 }))).toContain('no change above 100%');
  expect(terminal(compareSides([ROUND_ROBIN, PEAK_EWMA], { minEffect: 0.025 }))).toContain('no change above 2.5%');
});

test('JSON is the comparison, with what its reports are made of besides', () => {
  expect(JSON.parse(COMPARISON_REPORTERS.json.render(PAIR, OPTIONS))).toEqual({ ...(JSON.parse(JSON.stringify(PAIR)) as object), subject: OPTIONS.subject, command: OPTIONS.again, courses: [] });
});
