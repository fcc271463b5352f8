/** Pages as text: what holds before any browser reads them. */
import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { scriptOf } from '../../src/report/html/assets.ts';
import { packed, unpacked } from '../../src/report/html/packed.ts';
import { html, jsonBlock } from '../../src/report/html/markup.ts';
import type { ChartData } from '../../src/report/html/chart.ts';
import { distributionCharts } from '../../src/report/html/run/distribution.ts';
import { layersOf } from '../../src/report/html/run/layers.ts';
import { chartOf, partsOf } from '../../src/report/html/run/limit-lines.ts';
import { ticks } from '../../src/report/html/svg.ts';
import { NOT_MODELLED } from '../../src/report/not-modelled.ts';
import type { Result } from '../../src/result/result.ts';
import { exampleResult, exampleThreshold } from '../support/example-result.ts';
import { bigScenario, pageOfRun, shippedRun, tracedRun } from '../support/pages.ts';

describe('a run report', () => {
  let result: Result;
  beforeAll(async () => {
    result = await shippedRun('product-defaults');
  });

  test('is the same bytes for the same result, whatever the machine', () => {
    const other = { ...result, env: { ...result.env, node: 'v99.0.0', platform: 'elsewhere', wallMs: 1e9 } };
    expect(pageOfRun(other)).toBe(pageOfRun(result));
    expect(pageOfRun(JSON.parse(JSON.stringify(result)) as Result)).toBe(pageOfRun(result));
  });

  test.each([1, 30, 95, 400])('has a curve of percentiles through those that are named, and up to the longest: %d/s', async (rate) => {
    const few = await tracedRun(`name: few\nduration: 10s\nservices: { web: { latency: { p50: 8ms, p99: 90ms } } }\ntraffic: [ { to: web, rate: ${rate}/s } ]\n`);
    const [, { series: [curve], x }] = distributionCharts(few) as [ChartData, ChartData];
    const shares = x.kind === 'percentile' ? x.values : [];
    const { max, p50, p90, p99, p999, p9999 } = few.totals.latencyMs;
    const at = (share: number): number | null | undefined => curve!.values[shares.indexOf(share)];
    const known = [[0.5, p50], [0.9, p90], [0.99, p99], [0.999, p999], [0.9999, p9999]] as const;
    for (const [share, ms] of known.filter(([share]) => share <= shares.at(-1)!)) expect(at(share)).toBe(Number(ms!.toPrecision(4)));
    expect(curve!.values.at(-1)).toBe(Number(max!.toPrecision(4)));
  });

  test('names nothing outside itself', () => {
    const page = pageOfRun(result).replaceAll(/\/\*![\s\S]*?\*\//g, '');
    expect(page.match(/(?:src|srcset|action|poster)=|<link|@import|url\((?!#)|<iframe|<object/g)).toBeNull();
    expect([...page.matchAll(/href="([^"]*)"/g)].every(([, to]) => to!.startsWith('#'))).toBe(true);
  });

  test('lets no script run but its own', () => {
    const { hash, text } = scriptOf('report');
    expect(hash).toBe(`sha256-${createHash('sha256').update(text).digest('base64')}`);
    expect(pageOfRun(result)).toContain(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '${hash}'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">`);
  });

  test('has its sections in their order, and says of what is missing that it is', () => {
    const idsOf = (page: string): string[] => [...page.matchAll(/<section id="(\w+)"/g)].map(([, id]) => id!);
    const all = ['thresholds', 'topology', 'latency', 'distribution', 'load', 'errors', 'tables', 'replicas', 'policies', 'tail', 'slowest', 'source', 'limits'];
    expect(idsOf(pageOfRun(result))).toEqual(all);
    const { tail: _, ...untraced } = exampleResult({ thresholds: [] });
    const bare = pageOfRun(untraced);
    expect(idsOf(bare)).toEqual(all);
    for (const words of ['This run was not traced', 'The scenario has no thresholds', 'without a file', 'no series of its endpoints']) expect(bare).toContain(words);
  });

  test('every link leads somewhere', () => {
    const page = pageOfRun(result);
    const ids = new Set([...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id!));
    expect([...page.matchAll(/href="#([^"]*)"/g)].map(([, to]) => to!).filter((to) => !ids.has(to))).toEqual([]);
    const uses = [...page.matchAll(/url\(#([\w-]*)\)/g)].map(([, id]) => id!);
    expect(uses.filter((id) => !ids.has(id))).toEqual([]);
  });

  test('has the licence of what is bundled', () => expect(scriptOf('report').text).toContain('The MIT License'));
});

describe('an hour of a large mesh', () => {
  test('is at most 600 kB', { timeout: 60_000 }, async () => {
    const page = pageOfRun(await tracedRun(bigScenario(13, 5)));
    expect(Buffer.byteLength(page)).toBeLessThan(600_000);
  });
});

describe('whatever a name is', () => {
  const SIGNS = '</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>"\'`&\u0007\u202e';

  test('it stays text', () => {
    expect(html`<p title="${SIGNS}">${SIGNS}</p>`.text).not.toMatch(/<script|<img|<!--|[\u0007\u202e]/);
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { text: markup } = html`<i>${text}</i>`;
      expect(markup.slice(3, -4)).not.toMatch(/[<>"']/);
    }));
  });

  test('data ends its element nowhere, and is the same when it is read', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      const { text } = jsonBlock('data', { value, signs: SIGNS });
      expect(text.match(/<\/?script/g)).toEqual(['<script', '</script']);
      expect(text).not.toContain('<!--');
      expect(JSON.parse(text.slice(text.indexOf('>') + 1, text.lastIndexOf('<')))).toEqual(JSON.parse(JSON.stringify({ value, signs: SIGNS })));
    }));
  });
});

test('values that are packed are known to a 4094th of the largest', () => {
  fc.assert(fc.property(fc.array(fc.option(fc.double({ min: 0, max: 1, noNaN: true }))), fc.double({ min: 0, max: 1e6, noNaN: true }), (shares, most) => {
    const values = shares.map((share) => (share === null ? null : share * most));
    const back = unpacked(packed(values, most), most);
    expect(back.map((value) => value === null)).toEqual(values.map((value) => value === null));
    for (const [i, value] of back.entries()) if (value !== null) expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(most / 4094);
  }));
});

describe('the map', () => {
  const graph = fc.integer({ min: 1, max: 12 }).chain((many) => {
    const name = fc.integer({ min: 0, max: many - 1 }).map((i) => `s${i}`);
    return fc.record({ names: fc.constant(Array.from({ length: many }, (_, i) => `s${i}`)), arcs: fc.uniqueArray(fc.record({ from: name, to: name }), { maxLength: 30, selector: ({ from, to }) => `${from} ${to}` }) });
  });

  test('has each node once, and an arc that passes layers in each of them', () => {
    fc.assert(fc.property(graph, ({ arcs, names }) => {
      const layers = layersOf(names, arcs);
      expect(layers.flat().flatMap((place) => (place.kind === 'node' ? [place.name] : [])).sort()).toEqual([...names].sort());
      const layerOf = new Map(layers.flatMap((layer, i) => layer.flatMap((place) => (place.kind === 'node' ? [[place.name, i] as const] : []))));
      for (const arc of arcs) {
        const passed = layers.filter((layer) => layer.some((place) => place.kind === 'passing' && place.arc === arc)).length;
        expect(passed).toBe(Math.max(0, layerOf.get(arc.to)! - layerOf.get(arc.from)! - 1));
      }
    }));
  });

  test('without cycles every arc leads to the right', () => {
    fc.assert(fc.property(graph, ({ arcs, names }) => {
      const forward = arcs.filter(({ from, to }) => Number(from.slice(1)) < Number(to.slice(1)));
      const layers = layersOf(names, forward);
      const layerOf = (name: string): number => layers.findIndex((layer) => layer.some((place) => place.kind === 'node' && place.name === name));
      for (const { from, to } of forward) expect(layerOf(from)).toBeLessThan(layerOf(to));
    }));
  });
});

test('a threshold is drawn in the chart of what it limits, and one of a single service in none', () => {
  const chart = (expr: string): string | undefined => chartOf(exampleThreshold(expr, 1, 2, 'ms'))?.section;
  expect(partsOf('latency{service:a, phase:after:b} p(99.9) <= 1s')).toEqual({ metric: 'latency', tags: { service: 'a', phase: 'after:b' }, stat: 'p(99.9)', op: '<=' });
  expect([chart('latency p(99) < 1s'), chart('latency{phase:x} max < 1s'), chart('errors rate < 1%'), chart('goodput rate > 3/s'), chart('latency{service:a} p(99) < 1s'), chart('retries ratio < 2')])
    .toEqual(['latency', 'latency', 'errors', 'load', undefined, undefined]);
});

test('ticks are round and cover the range', () => {
  expect(ticks(0, 97, 5)).toEqual([0, 20, 40, 60, 80]);
  expect(ticks(0, 0.003, 3)).toEqual([0, 0.001, 0.002, 0.003]);
});

test('the README says the same of what is not modelled', () => {
  const readme = readFileSync('README.md', 'utf8');
  const section = readme.slice(readme.indexOf('## What is not modelled'), readme.indexOf('## Development'));
  expect(section.split('\n- ').slice(1).map((item) => item.replaceAll(/\s+/g, ' ').trim())).toEqual(NOT_MODELLED);
});
