import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { candidatesFor } from '../../src/cli/completion/candidates.ts';
import { SHELLS } from '../../src/cli/completion/scripts.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { COMMANDS } from '../../src/cli/registry.ts';
import { scenarioFile, temporaryFolder } from '../support/scenario-files.ts';
import { stringShell } from '../support/string-shell.ts';

const folder = temporaryFolder();
const shop = scenarioFile(folder, 'shop.yaml', readFileSync('scenarios/quickstart.yaml', 'utf8'));
const wordsFor = async (...words: string[]): Promise<string[]> => (await candidatesFor(words)).words.map(({ word }) => word);

async function meshsim(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const shell = stringShell();
  const code = await dispatch(words, shell);
  return { code, out: shell.out(), err: shell.err() };
}

describe('what completes a word', () => {
  test('is every command at first', async () => {
    expect(await wordsFor('')).toEqual([...Object.keys(COMMANDS), '--version', '--help']);
    expect(await wordsFor('ru')).toEqual(['run']);
  });

  test.each(Object.entries(COMMANDS))('is every flag of %s', async (name, { load }) => {
    const { flags } = await load();
    expect(await wordsFor(name, '--')).toEqual([...flags.map((flag) => `--${flag.name}`), '--help']);
  });

  test('is a choice of the flag, in both spellings', async () => {
    expect(await wordsFor('run', shop, '--mode', '')).toEqual(['sim', 'real']);
    expect(await wordsFor('run', shop, '--mode=r')).toEqual(['--mode=real']);
  });

  test('is a path of the scenario that the line names', async () => {
    expect(await wordsFor('run', shop, '--set', 'policies.careful.ti')).toEqual(['policies.careful.timeout=']);
    expect(await wordsFor('run', '--seed', '3', shop, '--set', 'services.shop.repl')).toEqual(['services.shop.replicas=']);
    expect(await wordsFor('run', join(folder, 'absent.yaml'), '--set', 'policies')).toEqual([]);
  });

  test('is an example, a topic, a shell, or a file', async () => {
    expect(await wordsFor('examples', 'quick')).toEqual(['quickstart']);
    expect(await wordsFor('completion', '')).toEqual([...SHELLS]);
    expect(await wordsFor('help', 'unknown-k')).toEqual(['unknown-key']);
    expect((await candidatesFor(['run', ''])).files).toBe(true);
    expect((await candidatesFor(['examples', ''])).files).toBe(false);
  });

  test('is nothing where nothing is known', async () => {
    expect(await wordsFor('rnu', '')).toEqual([]);
    expect(await wordsFor('run', shop, '--seed', '')).toEqual([]);
  });
});

describe('the scripts', () => {
  test.each(SHELLS)('of %s asks for words', async (name) => {
    const { code, out } = await meshsim('completion', name);
    expect([code, out.includes('meshsim completion words')]).toEqual([0, true]);
  });

  test.each([['tcsh'], ['bash', 'more']])('%j is refused with what there is', async (...words) => {
    const { code, err } = await meshsim('completion', ...words);
    expect([code, err]).toEqual([2, `meshsim: meshsim completion ${words.join(' ')}: write one of bash, zsh, fish, pwsh\n`]);
  });

  // Readline parts words at = and :, and bash gives the parts.
  test.each([
    ['meshsim run --mode=r', ['meshsim', 'run', '--mode', '=', 'r'], ['real']],
    ['meshsim run --mode=', ['meshsim', 'run', '--mode', '='], ['sim', 'real']],
    ['meshsim run --see', ['meshsim', 'run', '--see'], ['--seed']],
    ['meshsim run $(false) `false` --see', ['meshsim', 'run', '$(false)', '`false`', '--see'], ['--seed']],
  ])('bash completes `%s`', async (line, words, expected) => {
    const { out: script } = await meshsim('completion', 'bash');
    const program = `meshsim() { "${process.execPath}" "${resolve('dist/src/cli/main.js')}" "$@"; }
compopt() { :; }
${script}
COMP_LINE="$LINE"; COMP_POINT=\${#LINE}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_meshsim; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', program, 'bash', ...words], { encoding: 'utf8', env: { ...process.env, LINE: line } });
    expect([stdout.trim().split('\n'), stderr]).toEqual([expected, '']);
  });
});

describe('examples', () => {
  test('lists what there is in the width of the terminal', async () => {
    for (const columns of [60, 80, 140]) {
      const shell = stringShell({ columns });
      expect(await dispatch(['examples'], shell)).toBe(0);
      expect(shell.out()).toContain('  quickstart ');
      expect(Math.max(...shell.out().split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns);
    }
  });

  test('prints one to the byte', async () => {
    expect((await meshsim('examples', 'museum/split-stays')).out).toBe(readFileSync('scenarios/museum/split-stays.yaml', 'utf8'));
  });

  test('suggests the one that was meant', async () => {
    const { code, err } = await meshsim('examples', 'quikstart');
    expect([code, err]).toEqual([2, 'meshsim: there is no example `quikstart`: did you mean `quickstart`?\n']);
  });
});
