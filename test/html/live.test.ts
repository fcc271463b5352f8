/** The live page, and the panel of a report, in a real Chromium. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { playgroundPage } from '../../src/playground/page.ts';
import { servePage } from '../../src/playground/server.ts';
import { editScenario } from '../../src/scenario/edit.ts';
import { launch } from '../../scripts/chromium.ts';
import { inChromium, openPage, type Opened } from '../support/chromium.ts';
import { pageFile } from '../support/pages.ts';
import { scenarioFile, temporaryFolder } from '../support/scenario-files.ts';
import { stringShell } from '../support/string-shell.ts';

const QUICKSTART = readFileSync('scenarios/quickstart.yaml', 'utf8');

/** Of what a page might have otherwise: a found warm-up, several replications, rendered keys, hedges, hash balancing, two policies. */
const RICH = `name: rich
duration: 20s
warmup: auto
replications: 3
services:
  web: { replicas: 2, latency: { p50: 4ms, p99: 40ms }, policy: front, calls: [{ service: cart }] }
  cart: { replicas: 5, latency: { p50: 3ms, p99: 60ms }, policy: keyed }
policies:
  front: { timeout: 1s, retries: { attempts: 1, on: [5xx, timeout], budget: 20% } }
  keyed: { loadBalancer: ringHash, hedge: { after: 20ms, budget: 10% } }
traffic:
  - { to: web, rate: 200/s, requests: [{ name: get, path: '/items/{{string.uuid}}' }] }
thresholds: [ 'latency p(99) < 200ms' ]
`;
/** Some seconds of work for any machine. */
const LONG = `name: long\nduration: 3h\nservices: { web: { replicas: 4, latency: 5ms } }\ntraffic: [{ to: web, rate: 1000/s }]\n`;
const NOT_HERE = {
  code: `name: code\nduration: 5s\nservices: { web: { latency: 1ms, policy: ours } }\npolicies: { ours: { loadBalancer: { own: mine } } }\ntraffic: [{ to: web, rate: 10/s }]\n`,
  file: `name: file\nduration: 5s\nservices: { web: { latency: { empirical: { file: measured.csv } } } }\ntraffic: [{ to: web, rate: 10/s }]\n`,
};
const CHOICES = [
  { name: 'quickstart', description: 'one dead replica', text: QUICKSTART, command: 'meshsim run scenarios/quickstart.yaml' },
  ...Object.entries({ rich: RICH, long: LONG, ...NOT_HERE }).map(([name, text]) => ({ name, description: '', text, command: null })),
];

inChromium('the live page', () => {
  const folder = temporaryFolder();
  let browser: Browser;
  let server: Awaited<ReturnType<typeof servePage>>;
  let live: Opened;

  beforeAll(async () => {
    const text = playgroundPage(CHOICES);
    pageFile(folder, 'live.html', text);
    server = await servePage(text, 0);
    browser = await launch();
    live = await openPage(browser, `${server.url}/`, { permissions: ['clipboard-read', 'clipboard-write'] });
    live.page.setDefaultTimeout(10_000);
    await settled(live.page);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test('opens, asks for nothing but itself, and has the digest of the command line', async () => {
    expect(await digests(live.page)).toEqual([await digestOf(QUICKSTART)]);
    expect(await live.page.locator('#playground canvas').count()).toBe(3);
    expect(live.complaints).toEqual([]);
  });

  test('and opens from disk', async () => {
    const { complaints, context, page } = await openPage(browser, `file://${folder}/live.html`);
    await settled(page);
    expect(await digests(page)).toEqual([await digestOf(QUICKSTART)]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('follows a turn within a second, with figures, charts and the digest of the same overrides', async () => {
    const { page } = live;
    await choose(page, 'quickstart');
    await settled(page);
    const times: number[] = [];
    // The machine may be busy with something else.
    for (const stop of [0, 1, 0]) {
      if (times.some((ms) => ms < 1000)) break;
      times.push(await turned(page, 'A-careful.attempts', stop));
    }
    expect(Math.min(...times)).toBeLessThan(1000);
    expect(await digests(page)).toEqual([await digestOf(QUICKSTART, ['policies.careful.retries.attempts=0'])]);
    expect(await page.locator('.command code').textContent()).toBe('meshsim run scenarios/quickstart.yaml --set policies.careful.retries.attempts=0');
    expect(await page.locator('.verdict-line').textContent()).toContain('FAILED');
    expect(await page.locator('#playground .tiles').textContent()).toContain('was 0%');
    expect(await page.locator('#playground canvas').count()).toBe(4);
    expect(await page.locator('[data-part=spoken]').textContent()).toContain('FAILED 2 of 3 thresholds');
  });

  test('what a reader hid in a chart, or has the focus on, stays over a turn', async () => {
    const { page } = live;
    await choose(page, 'quickstart');
    await settled(page);
    const key = page.locator('#what-if-chart-latency .keys button').nth(1);
    await key.click();
    await turned(page, 'A-careful.timeout', 0);
    expect(await key.getAttribute('aria-pressed')).toBe('false');
    await page.getByRole('button', { name: 'Reset', exact: true }).click();
    await settled(page);
    expect(await digests(page)).toEqual([await digestOf(QUICKSTART)]);
    await key.click();
  });

  test('compares two settings side by side, and its address has both', async () => {
    const { page } = live;
    await choose(page, 'quickstart');
    await settled(page);
    await page.getByRole('button', { name: 'Compare' }).click();
    await turned(page, 'B-careful.attempts', 0);
    const both = [await digestOf(QUICKSTART), await digestOf(QUICKSTART, ['policies.careful.retries.attempts=0'])];
    expect(await digests(page)).toEqual(both);
    expect(await page.locator('.figures tbody tr').first().locator('td').allTextContents()).toEqual(['500/s', '458/s', expect.stringMatching(/worse$/)]);
    expect(await page.locator('#what-if-chart-latency .keys button').allTextContents()).toEqual([' A p99 ', ' A p50 ', ' B p99 ', ' B p50 ']);
    await page.getByRole('button', { name: 'Copy address' }).click();
    await expect.poll(() => page.locator('[data-part=words]').textContent()).toContain('Copied');
    const address = await page.evaluate(() => navigator.clipboard.readText());
    expect(address).toBe(page.url());
    const other = await openPage(browser, address);
    await settled(other.page);
    expect(await digests(other.page)).toEqual(both);
    expect(await other.page.locator('[id="B-careful.attempts"]').getAttribute('aria-valuetext')).toBe('none');
    // And an address that is pasted over it.
    await other.page.evaluate(() => (location.hash = '#1.AAAA'));
    await expect.poll(() => other.page.locator('[data-part=words]').textContent()).toContain('nothing that can be understood');
    await other.context.close();
    await page.getByRole('button', { name: 'Keep only B' }).click();
    await settled(page);
    expect(await digests(page)).toEqual(both.slice(1));
  });

  test('downloads the file with what is turned, comments and all', async () => {
    const { page } = live;
    await choose(page, 'quickstart');
    await settled(page);
    await turned(page, 'A-careful.attempts', 0);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download as YAML' }).click()]);
    const text = readFileSync(await download.path(), 'utf8');
    expect(download.suggestedFilename()).toBe('quickstart.yaml');
    expect(text).toBe(editScenario(QUICKSTART, [{ path: 'policies.careful.retries.attempts', value: '0' }]));
    expect([await digestOf(text)]).toEqual(await digests(page));
  });

  test('finds a warm-up, renders keys and hedges as the command line does', async () => {
    const { page } = live;
    await choose(page, 'rich');
    await settled(page);
    expect(await digests(page)).toEqual([await digestOf(RICH, [], ['--reps', '1'])]);
    expect(await page.locator('.command code').textContent()).toBe('meshsim run FILE --reps 1');
    expect(await page.locator('.ran').textContent()).toContain('the first of 3 runs');
    await turned(page, 'A-keyed.hedge', 0);
    expect(await digests(page)).toEqual([await digestOf(RICH, ['policies.keyed.hedge=none'], ['--reps', '1'])]);
  });

  test.each([['code', 'the load balancer `mine` is code'], ['file', 'a page reads no files']] as const)('says what cannot run in a page: %s', async (name, said) => {
    const { page } = live;
    await choose(page, name);
    await settled(page);
    expect(await page.locator('[data-part=problems]').textContent()).toContain(said);
    // Nothing of the scenario before is left to be taken for this one.
    expect(await digests(page)).toEqual([]);
    expect(await page.locator('#playground canvas').count()).toBe(0);
  });

  test('a run that takes long shows what it has, and makes way for the next question', async () => {
    const { page } = live;
    await choose(page, 'long');
    await expect.poll(() => page.locator('.verdict-line').textContent()).toMatch(/^Simulating \d+%/);
    await expect.poll(() => page.locator('#playground canvas').count()).toBeGreaterThan(1);
    await choose(page, 'quickstart');
    await settled(page);
    expect(await digests(page)).toEqual([await digestOf(QUICKSTART)]);
  });

  test('a text that is wrong is told beside it, and the page goes on with the next that is not', async () => {
    const { page } = live;
    await choose(page, 'quickstart');
    await settled(page);
    await page.locator('.editor summary').click();
    const editor = page.getByRole('textbox', { name: 'Scenario as text' });
    await editor.fill(QUICKSTART.replace('retries:', 'retrys:'));
    await expect.poll(() => page.locator('[data-part=text-problems]').textContent()).toContain('did you mean `retries`?');
    expect(await page.locator('#playground.stale').count()).toBe(1);
    await editor.fill(QUICKSTART.replace('500/s', '400/s'));
    await expect.poll(() => page.locator('#playground.stale').count()).toBe(0);
    await settled(page);
    expect(await digests(page)).toEqual([await digestOf(QUICKSTART.replace('500/s', '400/s'))]);
    expect(await page.getByLabel('Scenario', { exact: true }).inputValue()).toBe('own');
  });

  test('every control has a name, and a phone has room for all of it', async () => {
    const { page } = live;
    expect(await page.locator('#playground :is(input, select, textarea, button)').evaluateAll((controls) => controls.filter((control) => !(control.textContent!.trim() !== '' || control.getAttribute('aria-label') || (control as HTMLInputElement).labels?.[0]?.textContent)).map((control) => control.outerHTML))).toEqual([]);
    const ids = await page.locator('[id]').evaluateAll((elements) => elements.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    for (const width of [390, 320]) {
      await page.setViewportSize({ width, height: 800 });
      await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth), { message: `${width} pixels` }).toBeLessThanOrEqual(width);
    }
    expect(live.complaints).toEqual([]);
  });

  test('is served to its own name only', async () => {
    expect(await statusFor(server.port, `127.0.0.1:${server.port}`)).toBe(200);
    expect(await statusFor(server.port, 'somebody.example')).toBe(403);
    expect(await statusFor(server.port, `127.0.0.1:${server.port}`, '/other')).toBe(404);
  });

  describe('as the panel of a report', () => {
    test('turns what was run, with the digest of the command line', async () => {
      const at = join(folder, 'report');
      const shell = stringShell();
      expect(await dispatch(['run', 'scenarios/quickstart.yaml', '--threshold', 'latency p(50) < 30ms', '--out', at, '--playground', '--quiet'], shell)).toBe(0);
      const { complaints, context, page } = await openPage(browser, `file://${at}/report.html`);
      await page.locator('#what-if').scrollIntoViewIfNeeded();
      await settled(page);
      expect(await digests(page)).toEqual([await digestOf(QUICKSTART)]);
      expect(await page.locator('.goals li').count()).toBe(4);
      await turned(page, 'A-careful.attempts', 0);
      expect(await digests(page)).toEqual([await digestOf(QUICKSTART, ['policies.careful.retries.attempts=0'])]);
      expect(await page.locator('#playground .command code').textContent()).toBe("meshsim run scenarios/quickstart.yaml --seed 1 --threshold 'latency p(50) < 30ms' --set policies.careful.retries.attempts=0");
      expect(await page.locator('figure[id]').evaluateAll((figures) => figures.filter((figure) => figure.querySelector('.plot')).every((figure) => figure.querySelector('canvas')))).toBe(true);
      const ids = await page.locator('[id]').evaluateAll((elements) => elements.map(({ id }) => id));
      expect(new Set(ids).size).toBe(ids.length);
      expect(page.url()).not.toContain('#');
      await page.setViewportSize({ width: 390, height: 800 });
      await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
      expect(complaints).toEqual([]);
      await context.close();
      // The same from the stored result; and without being asked for, a page has nothing of it.
      const [again, plain] = ['again.html', 'plain.html'].map((name) => join(folder, name));
      expect(await dispatch(['report', join(at, 'result.json'), '--html', again!, '--playground'], stringShell())).toBe(0);
      expect(await dispatch(['report', join(at, 'result.json'), '--html', plain!], stringShell())).toBe(0);
      const [withPanel, without] = [readFileSync(join(at, 'report.html'), 'utf8'), readFileSync(plain!, 'utf8')];
      expect(readFileSync(again!, 'utf8')).toBe(withPanel);
      expect(without).not.toContain('simulator');
      expect(withPanel.length - without.length).toBeLessThan(520_000);
    });

    test('has a page to be part of', async () => {
      const shell = stringShell();
      expect(await dispatch(['run', 'scenarios/quickstart.yaml', '--playground'], shell)).toBe(2);
      expect(shell.err()).toContain('add --html FILE or --out FOLDER');
    });
  });

  async function digestOf(text: string, set: readonly string[] = [], flags: readonly string[] = []): Promise<string> {
    const shell = stringShell();
    await dispatch(['run', scenarioFile(folder, 'digest.yaml', text), ...set.flatMap((one) => ['--set', one]), ...flags, '--json', '--quiet'], shell);
    return (JSON.parse(shell.out()) as { readonly digest: string }).digest;
  }
});

/** As one that was not chosen before: nothing is turned. */
async function choose(page: Page, name: string): Promise<void> {
  await page.getByLabel('Scenario', { exact: true }).selectOption(String(CHOICES.findIndex((choice) => choice.name === name)));
}

/** Nothing is asked for or under way. */
async function settled(page: Page): Promise<void> {
  // Longer than a turn waits for the next.
  await page.waitForTimeout(80);
  await page.waitForSelector('#playground[class]:not(.busy) .outcome[aria-busy=false]', { timeout: 20_000 });
}

function digests(page: Page): Promise<string[]> {
  return page.locator('#playground .ran code').allTextContents();
}

/** @returns how long it took until figures and charts were those of the new value, ms */
async function turned(page: Page, id: string, stop: number): Promise<number> {
  const ms = await page.evaluate(({ id, stop }) => new Promise<number>((resolve) => {
    const slider = document.getElementById(id) as HTMLInputElement;
    const from = performance.now();
    const before = document.querySelector('#playground .pictures canvas');
    slider.value = String(stop);
    slider.dispatchEvent(new Event('input'));
    const look = (): void => {
      const isNew = document.querySelector('#playground .pictures canvas') !== before && document.querySelector('.outcome')!.getAttribute('aria-busy') === 'false';
      if (isNew) resolve(performance.now() - from);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }), { id, stop });
  return ms;
}

function statusFor(port: number, host: string, path: string = '/'): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode!); // a response has one
    }).on('error', reject).end();
  });
}
