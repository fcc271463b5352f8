/** What the README shows of a sweep of faults is what it says. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { stringShell } from '../support/string-shell.ts';

const COMMAND = '$ npx meshsim check examples/vitest/shop.yaml --sweep-faults';

test('the table of the README is that of the command', async () => {
  const [, after = ''] = readFileSync('README.md', 'utf8').split(`${COMMAND}\n`);
  const shown = after.slice(0, after.indexOf('```')).split('\n').filter((line) => line !== '' && !line.includes('…'));
  expect(shown.length).toBeGreaterThan(4);
  // Wide enough for the last line of it, and too narrow for the columns that it leaves out.
  const shell = stringShell({ env: { LANG: 'C.UTF-8' }, columns: 80 });
  await dispatch(COMMAND.split(' ').slice(3), shell);
  const words = (text: string): string => text.replace(/\s+/g, ' ');
  for (const line of shown) expect(words(shell.out())).toContain(words(line).trim());
});
