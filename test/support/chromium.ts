/** Pages as tests look at them. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { describe } from 'vitest';
import { CHROMIUM } from '../../scripts/chromium.ts';

export interface Opened {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What it said on its console, threw, or asked for besides itself. */
  readonly complaints: string[];
}

/** @param of  how the page is shown */
export async function openPage(browser: Browser, url: string, of: Parameters<Browser['newContext']>[0] = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...of });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('blob:')) complaints.push(`request: ${request.url()}`);
  });
  page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`));
  await page.goto(url);
  return { page, context, complaints };
}

/**
 * Tests of what can only be seen in a browser. Where the machine has none, nothing can be said of a page: what was not tested, and what
 * would let it be, is then the name under which they are left out.
 */
export function inChromium(what: string, tests: () => void): void {
  const isMissing = CHROMIUM === null;
  describe.skipIf(isMissing)(isMissing ? `NOT TESTED: ${what}, as no Chromium was found (apt-get install chromium, or MESHSIM_CHROMIUM=path)` : `in Chromium, ${what}`, tests);
}
