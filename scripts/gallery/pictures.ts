/** Pictures of parts of reports, taken in Chromium. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import type { Entry } from './entries.ts';
import { type Theme, THEMES } from './page.ts';

const WIDTH = 1100;
/** Sharp on most screens. */
const SCALE = 1.5;
/** The best of these that makes a picture of at most so many bytes. */
const QUALITIES: readonly number[] = [0.85, 0.75, 0.65, 0.5];
export const BYTES_MAX = 60_000;
/** One column, without what only a reader in front of it has a use for. */
const STYLE = 'nav, details, .command, .look, .note, .skip { display: none !important } .frame { grid-template-columns: minmax(0, 1fr) !important } section { padding-top: 0 !important }';

/** @returns WebP by theme */
export async function picturesOf(browser: Browser, html: string, { measure, part }: Pick<Entry, 'measure' | 'part'>): Promise<Record<Theme, Buffer>> {
  const folder = mkdtempSync(join(tmpdir(), 'meshsim-gallery-'));
  try {
    const file = join(folder, 'report.html');
    writeFileSync(file, html);
    const pictures = await Promise.all(THEMES.map(async (theme) => {
      const context = await browser.newContext({ viewport: { width: WIDTH, height: 900 }, deviceScaleFactor: SCALE, colorScheme: theme });
      const page = await context.newPage();
      await page.goto(pathToFileURL(file).href);
      await page.addStyleTag({ content: `${STYLE} ${part} { padding: 16px 18px !important }` });
      const shown = page.locator(part).first();
      if (measure !== undefined) await shown.getByRole('button', { name: measure, exact: true }).click();
      await page.mouse.move(0, 0);
      const picture = await webpOf(page, await shown.screenshot({ animations: 'disabled' }));
      await context.close();
      return [theme, picture] as const;
    }));
    return Object.fromEntries(pictures) as Record<Theme, Buffer>; // one for each theme
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Chromium takes pictures as PNG, and can write what it has painted as WebP, which is a third of that. */
async function webpOf(page: Page, png: Buffer): Promise<Buffer> {
  for (const quality of QUALITIES) {
    const picture = await painted(page, png, quality);
    if (picture.length <= BYTES_MAX) return picture;
  }
  throw new Error(`a picture of more than ${BYTES_MAX} bytes: show less of the page`);
}

async function painted(page: Page, png: Buffer, quality: number): Promise<Buffer> {
  const painter = await page.context().newPage();
  // A text, because this side does not know the names of a page.
  const base64 = await painter.evaluate<string>(`(async () => {
    const image = new Image();
    image.src = 'data:image/png;base64,${png.toString('base64')}';
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    canvas.getContext('2d').drawImage(image, 0, 0);
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/webp', quality: ${quality} })).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  })()`);
  return Buffer.from(base64, 'base64');
}
