/** Mistakes beside the scenario itself: each names what would be right, before anything runs. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { EXIT_CODE_MEANINGS, ExitCode } from '../../src/cli/exit-codes.ts';
import { PROBLEM_CODES } from '../../src/scenario/problem.ts';
import { scenarioFile, temporaryFolder } from '../support/scenario-files.ts';
import { stringShell } from '../support/string-shell.ts';

const folder = temporaryFolder();
const shop = scenarioFile(folder, 'shop.yaml');
const torn = scenarioFile(folder, 'torn.json', '{\n  "schema": "meshsim/result/1",\n  "reps": [');
mkdirSync(join(folder, 'empty'));

const nothingRuns = { runMany: () => expect.unreachable('it ran') };

test.each([
  [['run', join(folder, 'shpo.yaml')], `no such file or directory; did you mean \`${shop}\`?`],
  [['report', join(folder, 'shop')], `did you mean \`${shop}\`?`],
  [['validate', join(folder, 'nowhere', 'retry-storm.yaml')], '`meshsim examples retry-storm > retry-storm.yaml` writes the one that comes with meshsim'],
  [['run', join(folder, 'nothing-like-it.json')], 'nothing-like-it.json: no such file or directory\n'],
  [['run', folder], `is a directory; name a file in it, such as ${shop}\n`],
  [['run', join(folder, 'empty')], 'empty: is a directory\n'],
  [['run', shop, '--baseline', join(folder, 'shop.yam')], `did you mean \`${shop}\`?`],
  [['merge', join(folder, 'shop.yam')], `did you mean \`${shop}\`?`],
  [['replay', join(folder, 'shop.yam')], `did you mean \`${shop}\`?`],
  [['run', ''], "cannot read '': no such file or directory"],
  ...['compare', 'explain', 'report'].map((command): [string[], string] => [[command, torn, ...(command === 'compare' ? [shop] : [])], `${torn}: this is not JSON, or not all of it (`]),
  [['run', shop, '--baseline', torn], `${torn}: this is not JSON, or not all of it (`],
  [['report', shop], '; `meshsim run SCENARIO --out DIR` writes DIR/result.json'],
  [['run', shop, '--mode', 'rael'], '--mode rael: write one of sim, real; did you mean `real`?'],
  [['sweep', shop, '--json', '--csv'], '--json and --csv: one of them is printed'],
  [['rnu', '--help'], "unknown command 'rnu'\n(Did you mean run?)"],
  [['help', 'unknow-key'], 'did you mean `unknown-key`?'],
  [['help', 'exit-code'], 'did you mean `exit-codes`?'],
])('%j', async (words, said) => {
  const shell = stringShell(nothingRuns);
  expect([await dispatch(words, shell), shell.out()]).toEqual([ExitCode.usage, '']);
  expect(shell.err()).toContain(said);
});

test.each([
  [{ MESHSIM_MODE: 'rael' }, 'meshsim: MESHSIM_MODE=rael: write one of sim, real; did you mean `real`?\n'],
  [{ MESHSIM_SEED: 'abc' }, 'meshsim: --seed abc: a seed is a whole number of at most 15 digits, such as 42; it comes from MESHSIM_SEED\n'],
])('a mistake in the environment is looked for there: %j', async (env, said) => {
  const shell = stringShell({ ...nothingRuns, env });
  expect(await dispatch(['run', shop], shell)).toBe(ExitCode.usage);
  expect(shell.err()).toBe(said);
});

test.each([
  ['codes', Object.keys(PROBLEM_CODES)],
  ['exit-codes', Object.keys(EXIT_CODE_MEANINGS)],
])('help %s has all of them', async (topic, names) => {
  const shell = stringShell();
  expect(await dispatch(['help', topic], shell)).toBe(ExitCode.ok);
  for (const name of names) expect(shell.out()).toMatch(new RegExp(`^ {2}${name} `, 'm'));
});
