/** The browser that is there, if one is; it is not told to reach anything, and whoever launches it has a profile of its own. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'];

/** Null where there is none. `MESHSIM_CHROMIUM` names one elsewhere. */
export const CHROMIUM: string | null = process.env['MESHSIM_CHROMIUM'] ?? PLACES.find((path) => existsSync(path)) ?? null;

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM!, // asked before
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}
