/** Reports in a real Chromium. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { probeHtml } from '../../src/report/probe/html.ts';
import { compareSides } from '../../src/compare/compare.ts';
import { courseOf } from '../../src/compare/course.ts';
import { COMPARISON_REPORTERS } from '../../src/report/comparison/registry.ts';
import type { PageData } from '../../src/report/html/page-data.ts';
import { sweepHtml } from '../../src/report/sweep/html.ts';
import type { Result } from '../../src/result/result.ts';
import { pointOf, repOf, SWEEP_SCHEMA } from '../../src/sweep/sweep.ts';
import { launch } from '../../scripts/chromium.ts';
import { inChromium, type Opened, openPage } from '../support/chromium.ts';
import { exampleSide, wobble } from '../support/example-side.ts';
import { bigScenario, pageFile, pageOfRun, shippedRun, tracedRun } from '../support/pages.ts';
import { temporaryFolder } from '../support/scenario-files.ts';

inChromium('reports', () => {
  const folder = temporaryFolder();
  let browser: Browser;
  let run: Result;
  /** Of the run, for tests that leave it as the others need it. */
  let page: Page;
  const urls: Record<'run' | 'failing' | 'hostile' | 'empty' | 'hour' | 'compare' | 'sweep' | 'probe', string> = { run: '', failing: '', hostile: '', empty: '', hour: '', compare: '', sweep: '', probe: '' };

  beforeAll(async () => {
    run = await shippedRun('product-defaults');
    const failing = await shippedRun('quickstart', { 'policies.careful.retries.attempts': '0' });
    urls.run = pageFile(folder, 'run.html', pageOfRun(run));
    urls.failing = pageFile(folder, 'failing.html', pageOfRun(failing));
    urls.hostile = pageFile(folder, 'hostile.html', pageOfRun(hostile(failing)));
    urls.empty = pageFile(folder, 'empty.html', pageOfRun(await tracedRun('name: empty\nduration: 1ms\nservices: { api: { latency: 1ms } }\ntraffic: [{ to: api, rate: 1/h }]\n')));
    urls.hour = pageFile(folder, 'hour.html', pageOfRun(await tracedRun(bigScenario(6, 10))));
    urls.compare = pageFile(folder, 'compare.html', comparisonPage(failing));
    urls.sweep = pageFile(folder, 'sweep.html', sweepPage(run));
    urls.probe = pageFile(folder, 'probe.html', probePage());
    browser = await launch();
    ({ page } = await opened(urls.run));
  }, 60_000);
  afterAll(() => browser?.close());

  const opened = (url: string, of?: Parameters<Browser['newContext']>[0]): Promise<Opened> => openPage(browser, url, of);

  test.each(['run', 'failing', 'hostile', 'empty', 'hour', 'compare', 'sweep', 'probe'] as const)('%s opens from disk, draws every chart, asks for nothing and fits a phone', async (name) => {
    const { complaints, context, page } = await opened(urls[name]);
    const { charts, drawn } = await page.evaluate(() => ({
      charts: (JSON.parse(document.getElementById('data')!.textContent!) as { charts: { id: string }[] }).charts.map(({ id }) => id),
      drawn: [...document.querySelectorAll('figure.chart')].filter((figure) => figure.querySelector('canvas')).map(({ id }) => id),
    }));
    expect(drawn.sort()).toEqual(charts.sort());
    for (const width of [390, 320]) {
      await page.setViewportSize({ width, height: 800 });
      // Charts follow when they hear of it.
      await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth), { message: `${width} pixels` }).toBeLessThanOrEqual(width);
    }
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('can be used within a second, an hour of data included', async () => {
    const times: number[] = [];
    // The machine may be busy with something else.
    for (let attempt = 0; attempt < 3 && !times.some((ms) => ms < 1000); attempt++) {
      const { context, page } = await opened(urls.hour);
      times.push(await page.evaluate(() => (window.performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming).domContentLoadedEventEnd));
      await context.close();
    }
    expect(Math.min(...times)).toBeLessThan(1000);
  });

  test('says the numbers of result.json', async () => {
    const cells = await page.evaluate(() => [...document.querySelectorAll<HTMLTableElement>('#tables table')].map((table) => ({
      title: table.caption!.textContent!,
      heads: [...table.tHead!.rows[0]!.cells].map((cell) => cell.textContent!),
      rows: [...table.tBodies[0]!.rows].map((row) => [...row.cells].map((cell) => (cell as HTMLElement).dataset['v'] ?? null)),
    })));
    const read = (title: string, key: string, head: string): number => {
      const table = cells.find((one) => one.title === title)!;
      return Number(table.rows.find(([name]) => name === key)![table.heads.indexOf(head)]);
    };
    for (const [name, service] of Object.entries(run.services)) {
      expect([read('Services', name, 'p99 ms'), read('Services', name, 'Errors'), read('Services', name, 'Busy'), read('Services', name, 'Goodput/s')])
        .toEqual([service.latencyMs.p99, service.errorRate, service.busy, service.goodput]);
    }
    for (const [name, edge] of Object.entries(run.edges)) expect([read('Edges', name, 'Calls/s'), read('Edges', name, 'Attempts/call')]).toEqual([edge.rps, edge.amplification]);
    for (const [name, endpoint] of Object.entries(run.endpoints)) expect([read('Replicas', name, 'Attempts'), read('Replicas', name, 'Share')]).toEqual([endpoint.requests, endpoint.share]);
    const limits = await page.evaluate(() => [...document.querySelectorAll('#thresholds tbody tr')].map((row) => [...row.querySelectorAll<HTMLElement>('[data-v]')].map((cell) => Number(cell.dataset['v']))));
    expect(limits).toEqual(run.thresholds.map(({ limit, value }) => [value, limit]));
    const { charts } = JSON.parse((await page.locator('#data').textContent())!) as PageData;
    const errors = charts.find(({ id }) => id === 'chart-errors')!.series;
    const stepS = run.series.stepMs / 1000;
    run.series.failed.forEach((failed, step) => {
      expect(errors.reduce((sum, { values }) => sum + (values[step] ?? 0) * stepS, 0)).toBeCloseTo(failed, 2);
    });
    expect(charts.find(({ id }) => id === 'chart-latency')!.series.find(({ label }) => label === 'p99')!.values).toEqual(run.series.p99Ms.map((ms) => (ms === null ? null : Number(ms.toPrecision(4)))));
  });

  test('tables sort by a button, from the largest down, and filter', async () => {
    const table = page.locator('.data', { has: page.locator('caption', { hasText: /^Replicas$/ }) });
    const column = async (): Promise<number[]> => table.locator('tbody tr').evaluateAll((rows) => rows.map((row) => Number((row as HTMLTableRowElement).cells[1]!.dataset['v'])));
    await table.getByRole('button', { name: 'Attempts' }).click();
    const sorted = await column();
    expect(sorted).toEqual([...sorted].sort((a, b) => b - a));
    await table.getByRole('button', { name: 'Attempts' }).press('Enter');
    expect(await column()).toEqual([...sorted].reverse());
    expect(await table.locator('th[aria-sort]').getAttribute('aria-sort')).toBe('ascending');
    await table.getByRole('searchbox').fill('/3');
    expect(await table.locator('tbody tr:visible th').allTextContents()).toEqual(Object.keys(run.endpoints).filter((name) => name.includes('/3')));
  });

  test('the theme follows the system, and the button', async () => {
    const { context, page } = await opened(urls.run, { colorScheme: 'dark' });
    const look = (): Promise<readonly [string, string]> => page.evaluate(() => [getComputedStyle(document.body).backgroundColor, document.querySelector<HTMLCanvasElement>('#chart-latency canvas')!.toDataURL()] as const);
    const dark = await look();
    await page.getByRole('button', { name: /^Theme/ }).click();
    await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))));
    const light = await look();
    expect([dark[0], light[0]]).toEqual(['rgb(15, 17, 21)', 'rgb(251, 250, 247)']);
    expect(light[1]).not.toBe(dark[1]);
    await context.close();
  });

  test.each(['light', 'dark'] as const)('words have the contrast of WCAG AA in %s', async (colorScheme) => {
    const { context, page } = await opened(urls.run, { colorScheme });
    const ratios = await page.evaluate(() => {
      const probe = document.head.appendChild(document.createElement('b'));
      const luminance = (name: string): number => {
        probe.style.color = `var(--c-${name})`;
        const [r, g, b] = getComputedStyle(probe).color.match(/[\d.]+/g)!.map((part) => Number(part) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
      };
      const pairs = [
        ...['ink', 'muted', 'accent', 'good', 'bad', 'warn', 'limit', 'fault-text'].flatMap((word) => [[word, 'bg'], [word, 'surface']]),
        ['ink', 'good-soft'], ['ink', 'bad-soft'], ['ink', 'warn-soft'], ['good', 'good-soft'], ['bad', 'bad-soft'], ['warn', 'warn-soft'], ['accent', 'accent-soft'],
        ['on-heat', 'heat-2'], ['ink', 'heat-0'], ['bg', 'ink'],
      ] as const;
      return pairs.map(([word, ground]) => {
        const [one, other] = [luminance(word!), luminance(ground!)];
        return { pair: `${word} on ${ground}`, ratio: (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05) };
      });
    });
    expect(ratios.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
    await context.close();
  });

  test('the keyboard reads values off a chart and off the heat map, and a table has all of them', async () => {
    const figure = page.locator('#chart-latency');
    await figure.locator('.plot').focus();
    for (let step = 0; step < 3; step++) await page.keyboard.press('ArrowRight');
    expect(await figure.locator('.when').textContent()).not.toBe('');
    expect(await figure.locator('output').first().textContent()).toMatch(/ms$/);
    await figure.locator('summary').click();
    await expect.poll(() => figure.locator('details tbody tr').count()).toBe(run.series.requests.length);
    await page.locator('#heat canvas').focus();
    await page.keyboard.press('ArrowDown');
    expect(await page.locator('#heat output').textContent()).toContain(Object.keys(run.series.endpoints!)[1]);
    await page.locator('#heat').getByRole('button', { name: 'share' }).click();
    expect(await page.locator('#heat output').textContent()).toContain('share');
  });

  test('a series is hidden and shown by its button', async () => {
    const button = page.locator('#chart-latency .keys button').first();
    const before = await page.locator('#chart-latency canvas').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
    await button.click();
    expect(await button.getAttribute('aria-pressed')).toBe('false');
    await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))));
    expect(await page.locator('#chart-latency canvas').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL())).not.toBe(before);
  });

  test('copies the command', async () => {
    await page.getByRole('button', { name: 'Copy' }).click();
    await expect.poll(() => page.locator('.copy').textContent()).toMatch(/Copied|Ctrl\+C/);
    expect(await page.evaluate(() => getSelection()!.toString())).toBe(`meshsim run ${run.scenario.name}.yaml --seed ${run.seed}`);
  });

  test('without scripts there are verdict, thresholds, tables and drawings, and nothing that does nothing', async () => {
    const { context, page } = await opened(urls.failing, { javaScriptEnabled: false });
    expect(await page.locator('.verdict').innerText()).toContain('Failed');
    expect(await page.locator('#thresholds tbody tr').count()).toBe(3);
    expect(await page.locator('#tables table').first().isVisible()).toBe(true);
    expect(await page.locator('svg.topology').isVisible()).toBe(true);
    expect(await page.locator('.js-only:visible').count()).toBe(0);
    expect(await page.locator('#chart-latency p').innerText()).toContain('p99 between');
    await context.close();
  });

  test('a name with markup in it is a name', async () => {
    const { complaints, context, page } = await opened(urls.hostile);
    expect(await page.locator('h1').innerText()).toContain('<script>');
    expect(await page.evaluate(() => [document.querySelectorAll('script:not([type])').length, document.querySelectorAll('main img, main script').length])).toEqual([1, 0]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('on paper it is light, whole and as wide as the sheet', async () => {
    const { context, page } = await opened(urls.run, { colorScheme: 'dark', viewport: { width: 760, height: 1000 } });
    await page.emulateMedia({ media: 'print' });
    expect(await page.evaluate(() => [document.documentElement.scrollWidth <= innerWidth, getComputedStyle(document.querySelector('nav')!).display, getComputedStyle(document.querySelector('h1')!).color])).toEqual([true, 'none', 'rgb(23, 25, 29)']);
    expect(await page.locator('figure.chart canvas').evaluateAll((canvases) => canvases.every((canvas) => canvas.getBoundingClientRect().height > 100))).toBe(true);
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.length).toBeGreaterThan(20_000);
    await context.close();
  });
});

const EVIL = '</script><script>alert(1)</script><img src=x onerror=alert(2)>"\'';

/** As a stored result may have it that somebody else wrote. */
function hostile(result: Result): Result {
  return {
    ...result,
    scenario: { ...result.scenario, name: EVIL, resolved: { ...(result.scenario.resolved as object), description: EVIL } },
    warnings: [{ code: 'x', message: EVIL }],
    faults: result.faults.map((fault) => ({ ...fault, name: EVIL, targets: [EVIL] })),
    thresholds: result.thresholds.map((threshold) => ({ ...threshold, expr: `${EVIL} ${threshold.expr}` })),
  };
}

function comparisonPage(result: Result): string {
  const sides = ['before', 'after'].map((label, side) => exampleSide(label, Array.from({ length: 8 }, (_, i) => ({ latencyMs: { p50: 40, p99: 200 + wobble(i, 5) - 50 * side, p999: 500 } }))));
  return COMPARISON_REPORTERS.html.render(compareSides(sides, { minEffect: null }), {
    subject: 'shop', exitCode: 0, again: 'meshsim compare before.yaml after.yaml', files: [], width: 80, color: false, unicode: true, courses: [courseOf(result), courseOf(result)],
  });
}

function sweepPage({ totals }: Result): string {
  const axes = [{ path: 'services.a.replicas', values: ['1', '2', '3'] }, { path: 'policies.p.timeout', values: ['100ms', '1s'] }];
  const points = Array.from({ length: 6 }, (_, i) => pointOf(axes, i, [1, 2].map((seed) => repOf(seed, true, { ...totals, latencyMs: { ...totals.latencyMs, p99: 10 + i * seed } }, totals.amplification, [i > 2]))));
  return sweepHtml({ schema: SWEEP_SCHEMA, meshsim: '0.1.0', complete: true, scenario: { name: 'shop', sha256: '0'.repeat(64) }, seeds: [1, 2], flags: {}, axes, thresholds: ['latency p(99) < 1s'], shard: null, points }, { again: 'meshsim sweep shop.yaml' });
}

function probePage(): string {
  return probeHtml({
    schema: 'meshsim/probe/1', scenario: { name: 'shop', sha256: '0'.repeat(64) }, seed: 1, runs: 5, watchMs: 300_000, longestMs: 60_000, rate: 280, verdict: 'metastable', downAlone: 0,
    pushes: [{ trigger: 'cut', recoversFromMs: 700, staysDownFromMs: 800, down: 4, recoveryMs: 6_000 }, { trigger: 'load x2', recoversFromMs: 60_000, staysDownFromMs: null, down: null, recoveryMs: null }],
    load: { safeUpTo: 0.5, downFrom: 1.1, downThere: 5 }, sustainedBy: [{ edges: ['app->database'], attempts: 2, recoveryMs: null }],
  }, { again: 'meshsim probe shop.yaml' });
}
