/** The browser that is there, if one is; it is not told to reach anything, and each test has a profile of its own. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'];

/** Null where there is none. `MESHSIM_CHROMIUM` names one elsewhere. */
export const CHROMIUM: string | null = process.env['MESHSIM_CHROMIUM'] ?? PLACES.find((path) => existsSync(path)) ?? null;

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM!, // asked before
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

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
