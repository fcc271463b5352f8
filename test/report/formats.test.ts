/** The formats that other programs read: pinned bytes, and read back by those programs' own rules. */
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareSides } from '../../src/compare/compare.ts';
import type { Comparison } from '../../src/compare/comparison.ts';
import type { Sample } from '../../src/compare/side.ts';
import { COMMENT_MARKER, COMMENT_MAX } from '../../src/report/comment-text.ts';
import { COMPARISON_FORMATS } from '../../src/report/comparison/registry.ts';
import type { ComparisonOptions } from '../../src/report/comparison/reporter.ts';
import { refusalComment, refusalJunit } from '../../src/report/refusal.ts';
import { FORMATS } from '../../src/report/registry.ts';
import type { ReportOptions } from '../../src/report/reporter.ts';
import type { Result } from '../../src/result/result.ts';
import { emptyMetrics, exampleResult, exampleThreshold } from '../support/example-result.ts';
import { exampleSide, wobble } from '../support/example-side.ts';
import { junitFaultsOf } from '../support/junit-schema.ts';

const OPTIONS: ReportOptions = { detail: 'full', width: 80, color: false, unicode: true, again: "meshsim run checkout.yaml --seed 42 --set 'name=a & b'", files: [] };
const ABOUT: ComparisonOptions = { subject: 'policies.client.loadBalancer in checkout.yaml', exitCode: 5, again: 'meshsim compare checkout.yaml --seed 42 --reps 20', files: [], width: 80, color: false, unicode: true };

const RESULT = exampleResult({
  intervals: { 'totals.latencyMs.p99': [205, 219], 'services.cart.errorRate': [0.001, 0.003], 'edges."browse->gateway".amplification': [1, 1.1], 'faults[0].during.rps': [9_000, 11_000] },
  thresholds: [
    ...exampleResult().thresholds,
    { ...exampleThreshold('latency{service:cart} p(99) < 250ms', 240, 250, 'ms'), low: 225, high: 255 },
    { ...exampleThreshold('latency{service:stock} p(99) < 250ms', 240, 250, 'ms'), low: 225, high: 255, pass: false, judged: 'fail', confidence: 'strict' },
    { ...exampleThreshold('recovery{phase:slow-middle} max < 5s', 0, 5_000, 'ms'), value: null, pass: false, judged: 'fail' },
    { ...exampleThreshold('latency{traffic:nobody} p(99) < 1s', 0, 1_000, 'ms'), value: null, pass: false, judged: 'no samples' },
  ],
});

function sideWith(label: string, p99: number, errors: number): ReturnType<typeof exampleSide> {
  return exampleSide(label, Array.from({ length: 8 }, (_, i): Partial<Sample> => ({ latencyMs: { p50: 40, p99: p99 * (1 + wobble(i, 0.01)), p999: 500 * (1 + wobble(i, 0.2)) }, causes: { timeout: errors + i } })));
}

const PAIR = compareSides([sideWith('baseline', 200, 10), sideWith('this run', 260, 10)], { minEffect: null });
const MANY = compareSides([sideWith('roundRobin', 200, 10), sideWith('peakEwma', 150, 12), sideWith('{ type: leastRequest, choices: 3 }', 200, 400)], { minEffect: 0.02, failOn: 'inconclusive', caveats: ['durations differ: 60 s (A), 30 s (B)'] });

async function ofRun(format: keyof typeof FORMATS, result: Result, changes: Partial<ReportOptions> = {}): Promise<string> {
  return (await FORMATS[format].load()).render(result, { ...OPTIONS, ...changes });
}

async function ofComparison(format: keyof typeof COMPARISON_FORMATS, comparison: Comparison, changes: Partial<ComparisonOptions> = {}): Promise<string> {
  return (await COMPARISON_FORMATS[format].load()).render(comparison, { ...ABOUT, ...changes });
}

const REFUSED = { command: 'meshsim run shop.yaml', files: [{ name: 'shop.yaml', count: 2, text: 'error[unknown-key]: `retrys` is not a field\n' }, { name: 'good.yaml', count: 0, text: '' }] };

/** Pinned, not proven: an update is looked at. */
describe('golden', () => {
  test('JUnit of a run', async () => expect(ofRun('junit', RESULT)).resolves.toMatchFileSnapshot('golden/run.junit.xml'));
  test('JUnit of a run with a baseline, stopped early', async () => expect(ofRun('junit', { ...RESULT, complete: false, window: { warmupMs: 0, durationMs: 60_000, endMs: 31_400 } }, { comparison: PAIR })).resolves.toMatchFileSnapshot('golden/partial.junit.xml'));
  test('JUnit of a comparison', async () => expect(ofComparison('junit', MANY)).resolves.toMatchFileSnapshot('golden/compare.junit.xml'));
  test('JUnit of an invalid scenario', async () => expect(refusalJunit(REFUSED)).toMatchFileSnapshot('golden/refused.junit.xml'));
  test('CSV of a run with a baseline', async () => expect(ofRun('csv', RESULT, { comparison: PAIR })).resolves.toMatchFileSnapshot('golden/run.csv'));
  test('CSV of a comparison', async () => expect(ofComparison('csv', MANY)).resolves.toMatchFileSnapshot('golden/compare.csv'));
  test('comment on a run with a baseline', async () => expect(ofRun('markdown', RESULT, { comparison: PAIR })).resolves.toMatchFileSnapshot('golden/run-comment.md'));
  test('comment on a comparison', async () => expect(ofComparison('markdown', MANY)).resolves.toMatchFileSnapshot('golden/compare-comment.md'));
  test('comment on an invalid scenario', async () => expect(refusalComment(REFUSED)).toMatchFileSnapshot('golden/refused-comment.md'));
});

describe('JUnit', () => {
  test('is valid by the schema of Jenkins, which finds fault with what is not', async () => {
    const documents = [await ofRun('junit', RESULT), await ofRun('junit', { ...RESULT, complete: false }, { comparison: PAIR }), await ofComparison('junit', MANY), refusalJunit(REFUSED), await ofRun('junit', exampleResult({ thresholds: [] }))];
    expect(await junitFaultsOf(documents)).toEqual([]);
    expect(await junitFaultsOf([documents[0]!.replaceAll(' tests="8"', '')])).not.toEqual([]);
  });

  test('a threshold that crosses its limit passes with a note, and fails where it is strict', async () => {
    const text = await ofRun('junit', RESULT);
    expect(text).toMatch(/name="latency\{service:cart\} p\(99\) &lt; 250ms">\s*<system-out>~ actual 240 ms, 95% interval \[225, 255\], limit 250 ms: interval crosses limit</);
    expect(text).toMatch(/name="latency\{service:stock\} p\(99\) &lt; 250ms">\s*<failure type="fail" message="actual 240 ms, 95% interval \[225, 255\], limit 250 ms: interval crosses limit"/);
  });

  test('what held until a run was stopped does not pass for the whole run', async () => {
    expect(await ofRun('junit', exampleResult({ complete: false, thresholds: [] }))).toContain('errors="1"');
  });

  test('fails what the comparison fails on', async () => {
    const failures = async (failOn: Comparison['failOn']): Promise<number> => (await ofComparison('junit', { ...MANY, failOn })).split('<failure').length - 1;
    const counted = (verdicts: readonly unknown[]): number => MANY.rows.flatMap(({ changes }) => changes).filter(({ verdict }) => verdicts.includes(verdict)).length;
    expect(await failures('worse')).toBe(counted(['worse']));
    expect(await failures('different')).toBe(counted(['worse', 'better']));
    expect(await failures('inconclusive')).toBe(counted(['worse', 'inconclusive', null]));
    expect(new Set([counted(['worse']), counted(['worse', 'better'])]).size).toBe(2);
  });
});

describe('invariants', () => {
  const violation = { invariant: 'retry-budget', seed: 42, atNs: 412_000_000, edge: 'client->api', caller: 'client/0', call: 3, attempt: 9, decision: 'retry 2 was sent', message: 'at 0.412s retry 2 was sent with 0.8 tokens left' } as const;
  const broken = exampleResult({ invariants: { checked: 18, broken: 1, violations: [violation, { ...violation, message: 'and again' }] } });

  test('one that was broken is a failed case, with all that is known of it', async () => {
    const text = await ofRun('junit', broken);
    expect(await junitFaultsOf([text])).toEqual([]);
    expect(text).toMatch(/name="invariant retry-budget">\s*<failure type="invariant" message="at 0\.412s retry 2 was sent with 0\.8 tokens left">[^<]*and again/);
    expect(text).toMatch(/name="all other invariants">\s*<system-out>17 invariants</);
    expect(await ofRun('junit', exampleResult({ invariants: { checked: 18, broken: 0, violations: [] } }))).toContain('name="all invariants"');
    expect(await ofRun('junit', exampleResult())).not.toContain('invariant');
  });

  test('a comment begins with them', async () => {
    const text = await ofRun('markdown', broken);
    const places = ['✗ **INVARIANT BROKEN** 1 violation of 18 invariants', 'sim · seed 42', '- seed 42, at 0.412s retry 2 was sent with 0.8 tokens left', '| ✗ | errors rate'].map((part) => text.indexOf(part));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((one, other) => one - other));
  });
});

describe('CSV', () => {
  const rowsOf = (text: string): Record<string, string>[] => parse(text, { columns: true });

  test('has a line for each figure, with its interval', async () => {
    const rows = rowsOf(await ofRun('csv', RESULT));
    const at = (scope: string, name: string, metric: string): unknown => rows.find((row) => row['scope'] === scope && row['name'] === name && row['metric'] === metric);
    expect(at('totals', '', 'latencyMs.p99')).toMatchObject({ scenario: 'checkout-storm', seed: '42', unit: 'ms', value: '212', low: '205', high: '219' });
    expect(at('service', 'cart', 'errorRate')).toMatchObject({ unit: 'ratio', low: '0.001', high: '0.003' });
    expect(at('edge', 'browse->gateway', 'amplification')).toMatchObject({ low: '1', high: '1.1' });
    expect(at('phase', 'slow-middle', 'rps')).toMatchObject({ unit: 'per_s', low: '9000', high: '11000' });
    expect(at('threshold', 'recovery{phase:slow-middle} max < 5s', 'value')).toMatchObject({ unit: 'ms', value: '', limit: '5000', verdict: 'fail' });
    expect(at('totals', '', 'causes.timeout')).toMatchObject({ unit: 'count', value: '1140' });
  });

  test('leaves out no figure of the result', async () => {
    const rows = rowsOf(await ofRun('csv', RESULT));
    const numbers = (value: unknown): number => (typeof value === 'number' ? 1 : typeof value === 'object' && value !== null ? Object.values(value).reduce((sum: number, item) => sum + numbers(item), 0) : 0);
    const { totals, services, edges, endpoints, traffic } = RESULT;
    const filled = rows.filter(({ scope, value }) => value !== '' && ['totals', 'service', 'edge', 'endpoint', 'traffic', 'class'].includes(scope!));
    expect(filled.length).toBe(numbers([totals, services, edges, endpoints, traffic]));
  });

  test('runs and comparisons have the same columns', async () => {
    const header = (text: string): string => text.split('\r\n')[0]!;
    expect(header(await ofComparison('csv', MANY))).toBe(header(await ofRun('csv', RESULT)));
  });
});

describe('Markdown for a comment', () => {
  const huge = exampleResult({
    thresholds: Array.from({ length: 1_000 }, (_, i) => exampleThreshold(`latency{service:${'s'.repeat(900)}${i}} p(99) < 250ms`, 900, 250, 'ms')),
    services: Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`service-${'x'.repeat(100)}-${i}`, exampleResult().services['cart']!])),
    warnings: Array.from({ length: 500 }, () => ({ code: 'x', message: '<b>|'.repeat(500) })),
  });

  test('is never longer than GitHub takes, and says what is left out', async () => {
    const text = await ofRun('markdown', huge, { again: 'x'.repeat(200_000) });
    expect(text.length).toBeLessThanOrEqual(COMMENT_MAX);
    expect(text).toContain('Left out for want of room');
    expect(text).toContain('1,000 of 1,000 thresholds');
  });

  test('begins with the marker, in all its forms', async () => {
    for (const text of [await ofRun('markdown', RESULT), await ofComparison('markdown', PAIR), refusalComment(REFUSED)]) expect(text.split('\n')[0]).toBe(COMMENT_MARKER);
  });

  test('calls nobody, links nothing and opens no HTML', async () => {
    const text = await ofRun('markdown', exampleResult({ scenario: { name: '@octocat <img src=x> [a](b) `c`', sha256: '', resolved: {} }, warnings: [{ code: 'x', message: 'ask @org/team' }] }));
    expect(text).not.toMatch(/@\w/);
    expect(text).not.toMatch(/(?<!\\)<img|(?<!\\)\[a/);
  });

  test('a run with nothing to say says so', async () => {
    const text = await ofRun('markdown', exampleResult({ totals: emptyMetrics(), thresholds: [], services: {} }));
    expect(text).toMatch(/NO REQUESTS.*\n\n~ \*\*NOT JUDGED/);
  });
});

describe('whatever the names', () => {
  const name = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('<', '>', '&', '"', "'", ']', ']]>', ',', '\r', '\n', '\r\n', '\0', '\u001b', '\u0085', '\ud800', '\udfff', '\ufffe', '﻿', '`', '|', '@', '-->', '%', ' ') }));
  interface Names { readonly scenario: string; readonly expr: string; readonly service: string; readonly warning: string; readonly label: string; readonly again: string }
  const strange: fc.Arbitrary<Names> = fc.record({ scenario: name, expr: name, service: name, warning: name, label: name, again: name });
  const named = ({ scenario, expr, service, warning, label, again }: Names): { result: Result; comparison: Comparison; again: string } => ({
    result: exampleResult({
      scenario: { name: scenario, sha256: '', resolved: {} },
      thresholds: [{ ...exampleThreshold(expr, 900, 250, 'ms') }, { ...exampleThreshold(expr, 240, 250, 'ms'), low: 225, high: 255 }],
      services: { [service]: exampleResult().services['cart']! },
      warnings: [{ code: 'x', message: warning }],
    }),
    comparison: { ...PAIR, sides: PAIR.sides.map((side, i) => (i === 0 ? side : { ...side, label })) },
    again,
  });
  /** As XML 1.0 has it, 3.3.3 and 4.6. */
  const attribute = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
  /** What is left of it in a file. */
  const inUtf8 = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');

  test('XML is well formed and valid, and readers get what it can hold of them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(strange, { minLength: 10, maxLength: 10 }), async (names) => {
        const all = names.map(named);
        const documents = await Promise.all(all.map(({ result, comparison, again }) => ofRun('junit', result, { comparison, again })));
        expect(await junitFaultsOf([...documents, ...all.map(({ result, again }) => refusalJunit({ command: again, files: [{ name: result.scenario.name, count: 1, text: again }] }))])).toEqual([]);
        for (const [i, document] of documents.entries()) {
          const { expr } = all[i]!.result.thresholds[0]!;
          const read = attribute(/<testcase classname="[^"]*" name="([^"]*)"/.exec(document)![1]!);
          expect(read).toBe(expr.replace(/\r\n/g, ' ').replace(/[\t\n\r]/g, ' ').replace(/[\0-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]|\p{Cf}|\p{Surrogate}/gu, '?'));
        }
      }),
      { numRuns: 5 },
    );
  });

  test('CSV is read back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(strange, async (names) => {
        const { result, comparison } = named(names);
        const rows: string[][] = parse(await ofRun('csv', result, { comparison }), { bom: false, relax_column_count: false });
        expect(rows.filter(([, , scope]) => scope === 'threshold').map(([, , , own]) => own)).toEqual(result.thresholds.map(({ expr }) => inUtf8(expr)));
        expect(new Set(rows.slice(1).map(([scenario]) => scenario))).toEqual(new Set([inUtf8(result.scenario.name), 'shop']));
        expect(rows.some(([, , scope, own]) => scope === 'comparison' && own === inUtf8(comparison.sides[1]!.label))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test('a comment keeps its marker, its size and its folds', async () => {
    await fc.assert(
      fc.asyncProperty(strange, async (names) => {
        const { result, comparison, again } = named(names);
        const text = await ofRun('markdown', result, { comparison, again });
        expect(text.startsWith(`${COMMENT_MARKER}\n`)).toBe(true);
        expect(text.length).toBeLessThanOrEqual(COMMENT_MAX);
        expect(text.split('<details>').length).toBe(text.split('</details>').length);
        expect(text.split('<!--').length).toBe(2);
      }),
      { numRuns: 50 },
    );
  });
});
