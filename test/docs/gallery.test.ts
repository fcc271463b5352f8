/** `reports/README.md` shows each shipped scenario, in the words of the committed results. Pictures are there and small; what is on them, people look at. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ENTRIES } from '../../scripts/gallery/entries.ts';
import { GALLERY, galleryText, pictureOf, THEMES } from '../../scripts/gallery/page.ts';
import { BYTES_MAX } from '../../scripts/gallery/pictures.ts';
import { shippedScenarios } from '../../scripts/shipped.ts';
import type { Result } from '../../src/result/result.ts';

const names = shippedScenarios().map(({ name }) => name);
const page = readFileSync(GALLERY, 'utf8');

test('each shipped scenario has its entry, and nothing else has', () => {
  expect(Object.keys(ENTRIES).sort()).toEqual(names);
});

test('the page says what the results say', () => {
  const results = new Map(names.map((name) => [name, JSON.parse(readFileSync(`reports/${name}/result.json`, 'utf8')) as Result])); // compared to the byte by another test
  expect(page, 'npm run gallery').toBe(galleryText(results));
});

test('all that it links to is there', () => {
  const links = [...page.matchAll(/\]\(([^)]+)\)|(?:src|srcset)="([^"]+)"/g)].map((match) => match[1] ?? match[2]!);
  expect(links).toHaveLength(4 * names.length);
  for (const link of links) expect(statSync(join(dirname(GALLERY), link)).isFile(), link).toBe(true);
});

test.each(names.flatMap((name) => THEMES.map((theme) => pictureOf(name, theme))))('%s is a small WebP', (path) => {
  const bytes = readFileSync(path);
  expect([bytes.toString('latin1', 0, 4), bytes.toString('latin1', 8, 12)]).toEqual(['RIFF', 'WEBP']);
  expect(bytes.length).toBeLessThanOrEqual(BYTES_MAX);
});
