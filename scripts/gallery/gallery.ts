/** `npm run gallery` writes `reports/README.md` and its pictures anew. Pictures depend on the fonts of the machine; nothing compares them. */
import { writeFileSync } from 'node:fs';
import { REPORTERS } from '../../src/report/registry.ts';
import type { Result } from '../../src/result/result.ts';
import { perform } from '../../src/run/perform.ts';
import { CHROMIUM, launch } from '../chromium.ts';
import { planOf, shippedScenarios } from '../shipped.ts';
import { ENTRIES } from './entries.ts';
import { GALLERY, galleryText, pictureOf, THEMES } from './page.ts';
import { picturesOf } from './pictures.ts';

if (CHROMIUM === null) throw new Error('there is no Chromium to take pictures with: apt-get install chromium, or MESHSIM_CHROMIUM=path');
const browser = await launch();
const results = new Map<string, Result>();
for (const scenario of shippedScenarios()) {
  const { name, path, sha256 } = scenario;
  const { plan, resolved } = planOf(scenario);
  const result = await perform({ job: { plan, resolved, sha256 }, seed: plan.seed, want: { kind: 'result' }, trace: { share: 0 } });
  results.set(name, result);
  const entry = ENTRIES[name];
  if (entry === undefined) throw new Error(`${path} has no entry in scripts/gallery/entries.ts`);
  const html = REPORTERS.html.render(result, { detail: 'full', again: `meshsim run ${path}`, files: [], width: 80, color: false, unicode: true });
  const pictures = await picturesOf(browser, html, entry);
  for (const theme of THEMES) {
    writeFileSync(pictureOf(name, theme), pictures[theme]);
    process.stdout.write(`${pictureOf(name, theme)}   ${(pictures[theme].length / 1000).toFixed(0)} kB\n`);
  }
}
await browser.close();
writeFileSync(GALLERY, galleryText(results));
