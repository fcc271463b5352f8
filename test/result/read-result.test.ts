import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FORMATS, REPORTERS } from '../../src/report/registry.ts';
import { readResult } from '../../src/result/read-result.ts';
import type { Result } from '../../src/result/result.ts';
import { exampleResult } from '../support/example-result.ts';

const EXAMPLE = exampleResult({ intervals: { 'totals.errorRate': [0.1, 0.2] }, events: [{ atMs: 1, kind: 'faultOn', fault: 'x' }] });

/** As a file has it. */
function document(changes: object = {}): unknown {
  return JSON.parse(JSON.stringify({ ...EXAMPLE, ...changes }));
}

test.each(readdirSync('reports').filter((name) => existsSync(join('reports', name, 'result.json'))))('reads the reference result of %s', (name) => {
  expect(readResult(JSON.parse(readFileSync(join('reports', name, 'result.json'), 'utf8')))).toMatchObject({ scenario: { name } });
});

test('gives back the very document, whatever a later version added to it', () => {
  const later = document({ schema: 'meshsim/result/1.7', weather: { sun: true }, totals: { ...EXAMPLE.totals, charm: 3 } });
  expect(JSON.stringify(readResult(later))).toBe(JSON.stringify(later));
});

test.each([
  ['nothing', null, 'no `schema`'],
  ['something else', { schema: 3 }, 'no `schema`'],
  ['another file of ours', { schema: 'meshsim/baseline/1' }, 'meshsim/baseline/1'],
  ['a later major version', document({ schema: 'meshsim/result/2' }), 'reads meshsim/result/1'],
  ['a seed that is none', document({ seed: 'x' }), '`seed` is "x"'],
  ['a figure that is gone', document({ totals: { ...EXAMPLE.totals, rps: undefined } }), '`totals.rps` is missing'],
  ['a figure below nothing', document({ totals: { ...EXAMPLE.totals, rps: -1 } }), '`totals.rps` is -1'],
  ['an edge that is none', document({ edges: { 'a->b': 3 } }), '`edges["a->b"]` is 3'],
  ['an edge to nowhere', document({ edges: { 'gateway->moon': EXAMPLE.edges['gateway->cart'] } }), '"gateway->moon"'],
  ['an endpoint of nothing', document({ endpoints: { 'moon/0': EXAMPLE.endpoints['cart/3'] } }), '"moon/0"'],
  ['causes that do not add up', document({ totals: { ...EXAMPLE.totals, causes: { timeout: 1 } } }), '`totals` is not failed as often'],
  ['a histogram without all its counts', document({ histograms: { latency: { subBucketsPerOctave: 4, indexes: [1, 2], counts: [1] } } }), '`histograms.latency` is not a count for each'],
  ['series that end early', document({ series: { ...EXAMPLE.series, ok: [1] } }), '`series` are not all as long'],
  ['no replication', document({ reps: [] }), '`reps`'],
  ['a warm-up that is all', document({ window: { warmupMs: 9, durationMs: 8, endMs: 8 } }), '`window` is not as long as its warm-up'],
])('says of %s what is wrong, and where', (_, damaged, said) => {
  const found = readResult(damaged);
  expect(found).toBeTypeOf('string');
  expect(found).toContain(said);
});

describe('whatever is damaged', () => {
  /** Every value in the example by its path, but those that nobody reads. */
  const paths = pathsIn(document(), []).filter(([first]) => first !== 'env');
  /** Of a run with faults, ejections and many endpoints; of a series the first steps stand for all. */
  const real = JSON.parse(readFileSync('reports/slow-replica/result.json', 'utf8')) as object;
  const realPaths = pathsIn(real, []).filter((path) => path[0] !== 'scenario' && !path.some((key) => Number(key) >= 3));
  const junk = fc.constantFrom(null, 'x', -1, true, [], {}, [null]);

  test('it is told, or no reporter minds', async () => {
    const reporters = [...Object.values(REPORTERS), ...(await Promise.all(Object.values(FORMATS).map(async (format) => format.load())))];
    fc.assert(
      fc.property(fc.boolean(), fc.nat(), junk, (isReal, at, value) => {
        const [whole, places] = isReal ? [real, realPaths] : [EXAMPLE, paths];
        const path = places[at % places.length]!;
        const damaged = withValue(JSON.parse(JSON.stringify(whole)), path, value);
        const result = readResult(damaged);
        if (typeof result === 'string') return;
        for (const reporter of reporters) expect(() => reporter.render(result, { detail: 'full', again: '', files: [], width: 80, color: false, unicode: true }), path.join('.')).not.toThrow();
      }),
      { numRuns: 150 },
    );
  });

  test('what is cut out is told, but for what may be absent', () => {
    const absent = new Set(paths.filter((path) => typeof readResult(withValue(document(), path, undefined)) !== 'string').map((path) => path.join('.').replace(/\d+/g, '#')));
    expect([...absent].filter((path) => !MAY_BE_ABSENT.some((pattern) => pattern.test(path)))).toEqual([]);
  });
});

/** Members of lists and maps by name, and what a reader shows where it is there. */
const MAY_BE_ABSENT: readonly RegExp[] = [
  /^(services|edges|traffic|endpoints)\.[^.]+$/, /causes\.\w+$/, /^intervals\.totals\.errorRate$/, /^histograms\.latency$/, /^scenario\.resolved$/, /^events\.#\.fault$/,
  // Those that came later.
  /^series\.(causes|p#Ms|endpoints|endpointsLeftOut|edges)$/,
];

function pathsIn(value: unknown, path: readonly string[]): string[][] {
  if (typeof value !== 'object' || value === null) return [[...path]];
  return [...(path.length === 0 ? [] : [[...path]]), ...Object.entries(value).flatMap(([key, item]) => pathsIn(item, [...path, key]))];
}

/** @param value  undefined removes it */
function withValue(root: unknown, path: readonly string[], value: unknown): unknown {
  const parent = path.slice(0, -1).reduce((at, key) => (at as Record<string, unknown>)[key], root) as Record<string, unknown>;
  const key = path.at(-1)!;
  if (value !== undefined) parent[key] = value;
  else if (Array.isArray(parent)) parent.splice(Number(key), 1, null);
  else delete parent[key];
  return root;
}

test('an `env` is not asked for', () => {
  const { env: _, ...lasting } = EXAMPLE;
  expect((readResult(JSON.parse(JSON.stringify(lasting))) as Result).env.wallMs).toBe(0);
});
