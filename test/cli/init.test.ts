import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { TEMPLATES } from '../../src/cli/template/registry.ts';
import { temporaryFolder } from '../support/scenario-files.ts';
import { stringShell } from '../support/string-shell.ts';

const folder = temporaryFolder();
const SCENARIOS = Object.entries(TEMPLATES).flatMap(([name, { from, shows }]) => ('scenario' in from ? [{ name, shows }] : []));

async function meshsim(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const shell = stringShell();
  const code = await dispatch(words, shell);
  return { code, out: shell.out(), err: shell.err() };
}

describe.each(SCENARIOS)('the template $name', ({ name, shows }) => {
  const dir = join(folder, `My ${name}`);
  const file = join(dir, `my-${name}.yaml`);

  test('gives a scenario of the folder’s name without any problem', async () => {
    const { code, out } = await meshsim('init', dir, '--template', name);
    expect([code, out]).toEqual([0, expect.stringContaining(`  + ${file} `)]);
    expect(out).toContain(`npx meshsim run my-${name}.yaml`);
    expect(readdirSync(dir).sort()).toEqual(['ci-github.yml', 'meshsim.schema.json', `my-${name}.test.ts`, `my-${name}.yaml`].sort());
    const { code: valid, err } = await meshsim('validate', file);
    expect([valid, err]).toEqual([0, '']);
    const [first, ...rest] = readFileSync(file, 'utf8').split('\n');
    expect([first, rest.join('\n').match(/^name: (.*)$/m)![1]]).toEqual(['# yaml-language-server: $schema=./meshsim.schema.json', `my-${name}`]);
    for (const other of ['ci-github.yml', `my-${name}.test.ts`]) expect(readFileSync(join(dir, other), 'utf8')).toContain(`my-${name}`);
  });

  test('shows what it promises', async () => {
    const { code } = await meshsim('run', file, '--quiet');
    expect(code).toBe(shows.includes('fails on purpose') ? 99 : 0);
  });
});

test('the minimal one passes as its comment says', async () => {
  const file = join(folder, 'My minimal', 'my-minimal.yaml');
  const retries = ['--set', 'policies.calls.retries.attempts=2'];
  const { totals, thresholds } = JSON.parse((await meshsim('run', file, '--json', '--quiet', ...retries)).out) as { totals: { failed: number; latencyMs: { p99: number } }; thresholds: { pass: boolean }[] };
  expect([totals.failed, Math.round(totals.latencyMs.p99), thresholds.every(({ pass }) => pass)]).toEqual([0, 162, false]);
  const { code, out } = await meshsim('run', file, '--json', '--quiet', ...retries, '--set', 'policies.calls.loadBalancer=peakEwma');
  expect([code, Math.round((JSON.parse(out) as { totals: { latencyMs: { p99: number } } }).totals.latencyMs.p99)]).toEqual([0, 56]);
});

test('a project is copied as it is', async () => {
  const dir = join(folder, 'library');
  const { code, out } = await meshsim('init', dir, '--template', 'library');
  expect([code, out]).toEqual([0, expect.stringContaining('npm install && npm test')]);
  expect(readFileSync(join(dir, 'test', 'balancer.test.ts'), 'utf8')).toBe(readFileSync('examples/vitest/test/balancer.test.ts', 'utf8'));
});

test('the schema is that of the installed package, where one is', async () => {
  const dir = join(folder, 'installed');
  mkdirSync(join(dir, 'node_modules'), { recursive: true });
  symlinkSync(process.cwd(), join(dir, 'node_modules', 'meshsim'));
  await meshsim('init', join(dir, 'mesh', 'shop'));
  expect(readFileSync(join(dir, 'mesh', 'shop', 'shop.yaml'), 'utf8').split('\n')[0]).toBe('# yaml-language-server: $schema=../../node_modules/meshsim/schema/scenario.schema.json');
  expect(readdirSync(join(dir, 'mesh', 'shop'))).not.toContain('meshsim.schema.json');
});

test('nothing is overwritten unless it has to be', async () => {
  const dir = join(folder, 'twice');
  await meshsim('init', dir);
  const { code, err } = await meshsim('init', dir);
  expect([code, err]).toEqual([2, expect.stringMatching(/twice\.yaml, .* are there already; --force overwrites\n$/)]);
  expect((await meshsim('init', dir, '--force')).code).toBe(0);
});

test.each([['--template', 'nothing'], ['a', 'b']])('%s %s is a usage error', async (...words) => expect((await meshsim('init', ...words)).code).toBe(2));
