/** The workflow that people copy: read as GitHub reads it, its commands as bash and meshsim do. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { COMMANDS, isCommandName } from '../../src/cli/registry.ts';
import { COMMENT_MARKER } from '../../src/report/comment-text.ts';
import { SCENARIO, temporaryFolder } from '../support/scenario-files.ts';

const FILE = 'examples/github-actions/meshsim.yml';
const text = readFileSync(FILE, 'utf8');

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
}

const workflow = parse(text) as { readonly on: object; readonly permissions: object; readonly jobs: { readonly policies: { readonly steps: readonly Step[] } } };
const scripts = workflow.jobs.policies.steps.flatMap(({ run }) => run ?? []);

test('is a workflow that asks for no more than it needs', () => {
  expect(Object.keys(workflow.on)).toEqual(['pull_request']);
  expect(workflow.permissions).toEqual({ contents: 'read', 'pull-requests': 'write' });
  expect(workflow.jobs.policies.steps.every(({ uses, run }) => (uses === undefined) !== (run === undefined))).toBe(true);
});

test('uses commands and flags that exist', async () => {
  const calls = scripts.flatMap((script) => script.split('\n')).flatMap((line) => /npx meshsim (.*)/.exec(line)?.[1] ?? []);
  expect(calls.length).toBeGreaterThan(1);
  for (const call of calls) {
    const [name = '', ...words] = call.split(/\s+/);
    if (!isCommandName(name)) throw new Error(`there is no command ${name}`);
    const { flags } = await COMMANDS[name].load();
    for (const word of words.filter((candidate) => candidate.startsWith('--'))) expect(flags.map((flag) => `--${flag.name}`)).toContain(word);
  }
  expect(text).toContain(COMMENT_MARKER);
});

/** As a runner does, but for fewer replications: `bash -e`, the repository as its folder. `npx meshsim` is the built command. */
describe('its steps', () => {
  const folder = temporaryFolder();
  const scenario = `${SCENARIO}thresholds: [ latency p(99) < 250ms ]\n`;

  function runSteps(name: string, files: Readonly<Record<string, string>>): { readonly code: number; readonly out: readonly string[]; readonly at: string } {
    const at = join(folder, name);
    mkdirSync(join(at, 'bin'), { recursive: true });
    writeFileSync(join(at, 'bin', 'npx'), `#!/bin/sh\nshift\nexec ${process.execPath} ${resolve('dist/src/cli/main.js')} "$@"\n`, { mode: 0o755 });
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(at, path, '..'), { recursive: true });
      writeFileSync(join(at, path), content);
    }
    let code = 0;
    for (const script of scripts.filter((one) => one.includes('npx meshsim'))) {
      try {
        execFileSync('bash', ['-e', '-c', script.replaceAll('--reps 20', '--reps 6')], { cwd: at, env: { ...process.env, PATH: `${join(at, 'bin')}:${process.env['PATH']}`, SCENARIO: 'mesh/shop.yaml' }, stdio: 'ignore' });
      } catch (error) {
        code = (error as { status: number }).status; // of a command that ended
      }
    }
    return { code, out: readdirSync(join(at, 'out')).sort(), at };
  }

  test('write all that they name, beside what main has', () => {
    const { code, out, at } = runSteps('same', { 'mesh/shop.yaml': scenario, 'main/mesh/shop.yaml': scenario });
    expect(code).toBe(0);
    for (const file of ['comment.md', 'comparison.md', 'figures.csv', 'junit.xml', 'main.baseline.json', 'report.md', 'result.json']) expect(out).toContain(file);
    expect(readFileSync(join(at, 'out/comment.md'), 'utf8')).toContain('Against the baseline');
  });

  test('fail a change that is worse, and manage without a main', () => {
    const slower = scenario.replace('latency: 1ms', 'latency: 2ms');
    expect(runSteps('worse', { 'mesh/shop.yaml': slower, 'main/mesh/shop.yaml': scenario }).code).toBe(5);
    expect(runSteps('main fails', { 'mesh/shop.yaml': scenario, 'main/mesh/shop.yaml': scenario.replace('250ms', '0.1ms') }).code).toBe(0);
    const { code, out } = runSteps('new', { 'mesh/shop.yaml': scenario });
    expect([code, out.includes('comment.md'), out.includes('main.baseline.json')]).toEqual([0, true, false]);
    expect(runSteps('invalid', { 'mesh/shop.yaml': `${scenario}trafic: []\n`, 'main/mesh/shop.yaml': scenario })).toMatchObject({ code: 3, out: ['comment.md', 'junit.xml', 'main.baseline.json'] });
  });
});
