/** The examples of docs/own-policies.md are tests beside this one. */
import { readFileSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';

const FOLDER = 'test/docs/own-policies';
const blocks = [...readFileSync('docs/own-policies.md', 'utf8').matchAll(/<!-- (\S+) -->\n```ts\n([^`]*(?:`(?!``)[^`]*)*)```/g)].map((match) => [match[1]!, match[2]!] as const);

it.each(blocks)('%s stands in the page as it is run', (path, text) => {
  const packaged = readFileSync(path, 'utf8').replace(/'(?:\.\.\/)+src\/([a-z]+)\.ts'/g, (_, entry: string) => (entry === 'index' ? "'meshsim'" : `'meshsim/${entry}'`));
  expect(text).toBe(packaged);
});

it('every example is in the page', () => {
  expect(blocks.map(([path]) => path).sort()).toEqual(readdirSync(FOLDER).map((name) => `${FOLDER}/${name}`).sort());
});
