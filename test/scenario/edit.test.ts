import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { shippedScenarios } from '../../scripts/shipped.ts';
import { editScenario } from '../../src/scenario/edit.ts';
import type { Override } from '../../src/scenario/override.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { formatPath, type Path } from '../../src/scenario/path.ts';
import { ProblemList } from '../../src/scenario/problem-list.ts';
import { readSource, type SourceNode } from '../../src/scenario/source.ts';

const changed = (text: string, path: string, value: string): string => editScenario(text, [{ path, value }]);

describe('an edit', () => {
  test.each([
    ['replaces a value and nothing else', 'a:   5ms   # why\nb: 2\n', 'a', '7ms', 'a:   7ms   # why\nb: 2\n'],
    ['replaces inside of braces', 'a: { b: 1, c: 2 } # d\n', 'a.b', '3', 'a: { b: 3, c: 2 } # d\n'],
    ['replaces a quoted value', "a: '1'\n", 'a', '2', 'a: 2\n'],
    ['replaces an item', 'a:\n  - b: 1\n  - { b: 2 }\n', 'a[1].b', '3', 'a:\n  - b: 1\n  - { b: 3 }\n'],
    ['replaces a block by a flow', 'a: # one\n  b: 1 # two\n  c: 2\n\n# next\nd: 1\n', 'a', '{ b: 2 }', 'a: { b: 2 } # one\n\n# next\nd: 1\n'],
    ['fills in what is empty', 'a:\n  b: # soon\nc: 1\n', 'a.b', '3', 'a:\n  b: 3 # soon\nc: 1\n'],
    ['adds a line to a block', 'a:\n    b: 1 # one\n\nc: 2\n', 'a.d', '3', 'a:\n    b: 1 # one\n    d: 3\n\nc: 2\n'],
    ['adds a line behind nested ones', 'a:\n  b:\n    c: 1\n# end\n', 'a.d', '3', 'a:\n  b:\n    c: 1\n  d: 3\n# end\n'],
    ['adds a line at the end of a file', 'a:\n  b: 1', 'a.d', '3', 'a:\n  b: 1\n  d: 3'],
    ['adds to braces', 'a: { b: 1,\n     c: 2 }\n', 'a.d', '3', 'a: { b: 1,\n     c: 2, d: 3 }\n'],
    ['adds to empty braces', 'a: {}\n', 'a.d.e', '3', 'a: { d: { e: 3 } }\n'],
    ['adds to an item', 'a:\n  - b: 1\n  - c: 1\n', 'a[0].d', '3', 'a:\n  - b: 1\n    d: 3\n  - c: 1\n'],
    ['adds behind several lines of text', 'a:\n  b: |\n    one\n    two\nc: 1\n', 'a.d', '3', 'a:\n  b: |\n    one\n    two\n  d: 3\nc: 1\n'],
    ['keeps the ends of lines', 'a:\r\n  b: 1\r\nc: 2\r\n', 'a.d', '3', 'a:\r\n  b: 1\r\n  d: 3\r\nc: 2\r\n'],
    ['writes a shorthand out', 'policies:\n  p: { loadBalancer: leastRequest }\n', 'policies.p.loadBalancer.choices', '3', 'policies:\n  p: { loadBalancer: { type: leastRequest, choices: 3 } }\n'],
    ['knows that none is nothing', 'policies:\n  p:\n    retries: none\n', 'policies.p.retries.attempts', '3', 'policies:\n  p:\n    retries: { attempts: 3 }\n'],
    ['knows that null is nothing', 'policies:\n  p:\n    retries: ~\n', 'policies.p.retries.attempts', '3', 'policies:\n  p:\n    retries: { attempts: 3 }\n'],
    ['leaves the original of an alias alone', 'a: &x { b: 1 }\nc: *x\n', 'c.b', '2', 'a: &x { b: 1 }\nc: { b: 2 }\n'],
    ['leaves the aliases of an original alone', 'a: &x { b: 1 }\nc: *x\nd: *x\n', 'a.b', '2', 'a: &x { b: 2 }\nc: { b: 1 }\nd: { b: 1 }\n'],
    ['replaces an alias', 'a: &x 1\nc: *x\n', 'c', '2', 'a: &x 1\nc: 2\n'],
    ['quotes a key that needs it', 'a:\n  b: 1\n', 'a["x: y"]', '2', 'a:\n  b: 1\n  "x: y": 2\n'],
    ['finds a key that is a number', 'a: { 5: 1 }\n', 'a.5', '2', 'a: { 5: 2 }\n'],
  ])('%s', (_, text, path, value, expected) => expect(changed(text, path, value)).toBe(expected));

  it('takes several, one after another', () => {
    expect(editScenario('a: 1\n', [{ path: 'b.c', value: '1' }, { path: 'b.d', value: '2' }, { path: 'a', value: '3' }])).toBe('a: 3\nb: { c: 1, d: 2 }\n');
  });
});

/** Every value of a file, and some that it leaves to their defaults. */
function pathsIn(node: SourceNode, path: Path = []): Path[] {
  if (node.kind === 'map') return node.entries.flatMap(({ key, value }) => [...(value.kind === 'scalar' ? [] : [[...path, key]]), ...pathsIn(value, [...path, key])]);
  if (node.kind === 'list') return node.items.flatMap((item, i) => pathsIn(item, [...path, i]));
  return [path];
}

const DEFAULTS = ['timeout: 3s', 'retries.attempts: 3', 'retries.budget.ratio: 11%', 'loadBalancer: { type: leastRequest, choices: 3 }', 'outlierDetection.consecutive5xx: 7'];

describe.each(shippedScenarios().map(({ path, text }) => [path, text]))('%s', (file, text) => {
  const read = (source: string, set: readonly Override[] = []): ReturnType<typeof parseScenario> => parseScenario(source, { file, set, readFile: (path) => readFileSync(`scenarios/${path}`, 'utf8') });
  const source = readSource(text, null, new ProblemList(file, text))!;
  const [policy] = read(text).plan!.edges.map((edge) => edge.policy.name);
  // Of paths that differ in a number only, the first.
  const paths = [...new Map(pathsIn(source).reverse().map((path) => [path.map((step) => (typeof step === 'number' ? 0 : step)).join(), path])).values()];
  const own = paths.map((path): Override => ({ path: formatPath(path), value: JSON.stringify(valueAt(source, path)) }));
  const added = policy === undefined || policy === 'none' ? [] : DEFAULTS.map((line): Override => {
    const [path = '', value = ''] = line.split(/: (.*)/s);
    return { path: `policies.${policy}.${path}`, value };
  });

  it('means the same after an edit as with an override, and differs nowhere else', () => {
    for (const override of [...own, ...added]) {
      const overridden = read(text, [override]);
      if (overridden.plan === null) continue;
      const edited = editScenario(text, [override]);
      expect(read(edited).resolved, `${override.path}=${override.value}`).toEqual(overridden.resolved);
      const before = new Set(text.split('\n'));
      const touched = edited.split('\n').filter((line) => !before.has(line));
      expect(touched.length, `${override.path}=${override.value}`).toBeLessThanOrEqual(1);
    }
  });
});

function valueAt(node: SourceNode, path: Path): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return plain(node);
  if (node.kind === 'list') return valueAt(node.items[step as number]!, rest);
  return valueAt(node.kind === 'map' ? node.entries.find(({ key }) => key === step)!.value : node, rest);
}

function plain(node: SourceNode): unknown {
  if (node.kind === 'map') return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]));
  return node.kind === 'list' ? node.items.map(plain) : node.value;
}
