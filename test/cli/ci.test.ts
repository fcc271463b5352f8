/** What `--ci` adds: annotations, summaries, outputs, folds. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { workflowCommand } from '../../src/cli/ci/workflow-command.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { COMMENT_MARKER } from '../../src/report/comment-text.ts';
import { SCENARIO, scenarioFile, temporaryFolder } from '../support/scenario-files.ts';
import { stringShell } from '../support/string-shell.ts';
import { commandsIn, type WorkflowCommand } from '../support/workflow-commands.ts';

const folder = temporaryFolder();
const thresholds = (lines: readonly string[]): string => `${SCENARIO}thresholds:\n${lines.map((line) => `  - ${line}\n`).join('')}`;
const shop = scenarioFile(folder, 'shop.yaml', thresholds(['latency p(99) < 250ms', 'latency p(50) < 0.5ms', 'latency p(99) < 0.1ms', 'requests count > 10000']));
const broken = scenarioFile(folder, 'broken.yaml', `${SCENARIO}trafic: []\nthreshold: []\n`);

interface Job {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly summary: string;
  /** As the runner reads it. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly commands: readonly WorkflowCommand[];
}

let jobs = 0;

async function onGitHub(words: readonly string[], env: Record<string, string> = {}): Promise<Job> {
  const [summary, output] = ['summary', 'output'].map((name) => join(folder, `${name}-${jobs}`));
  jobs++;
  for (const path of [summary!, output!]) writeFileSync(path, 'before\n');
  const shell = stringShell({ env: { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: dirname(folder), GITHUB_STEP_SUMMARY: summary!, GITHUB_OUTPUT: output!, ...env } });
  const code = await dispatch(words, shell);
  const said = [shell.out(), shell.err()];
  return { code, out: said[0]!, err: said[1]!, summary: readFileSync(summary!, 'utf8'), outputs: outputsIn(readFileSync(output!, 'utf8')), commands: commandsIn(said[1]!) };
}

function outputsIn(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/^(\S+)<<(\S+)\n([\s\S]*?)\n\2$/gm)].map(([, name, , value]) => [name!, value!]));
}

function annotations({ commands }: Job, level: string): readonly WorkflowCommand[] {
  return commands.filter(({ name }) => name === level);
}

describe('GitHub', () => {
  test('failed thresholds are annotated at their lines, worst first', async () => {
    const job = await onGitHub(['run', shop]);
    expect(job.code).toBe(99);
    const path = `${basename(folder)}/shop.yaml`;
    expect(annotations(job, 'error').map(({ properties }) => [properties['file'], properties['line']])).toEqual([[path, '9'], [path, '8'], [path, '7']]);
    expect(annotations(job, 'error')[1]).toMatchObject({ message: expect.stringMatching(/^latency p\(99\) < 0\.1ms: actual 1\.00 ms, limit 0\.100 ms: 1\d\.\d× the limit$/) as string, properties: { title: 'shop: a threshold failed' } });
  });

  test('marks that turn text around reach no title', async () => {
    const job = await onGitHub(['run', shop, '--set', 'name="sh\\u202eop"']);
    expect(annotations(job, 'error')[0]!.properties['title']).toBe('sh?op: a threshold failed');
  });

  test('a threshold of a flag has no line, one that only just held is a warning', async () => {
    const job = await onGitHub(['run', scenarioFile(folder, 'plain.yaml'), '--reps', '6', '--threshold', 'requests rate > 10.2/s', '--threshold', 'requests rate < 10.2/s']);
    const open = [...annotations(job, 'error'), ...annotations(job, 'warning')];
    expect(open.map(({ name }) => name)).toEqual(['error', 'warning']);
    for (const { properties } of open) expect(Object.keys(properties)).toEqual(['file', 'title']);
  });

  test('standard output is the result and nothing else', async () => {
    const job = await onGitHub(['run', shop, '--json']);
    expect(JSON.parse(job.out)).toMatchObject({ schema: 'meshsim/result/1' });
    expect(annotations(job, 'error')).toHaveLength(3);
    expect(commandsIn((await onGitHub(['run', shop])).out)).toEqual([]);
  });

  test('the short report is added to the summary, and the verdict to the outputs', async () => {
    const report = join(folder, 'report.md');
    const failed = await onGitHub(['run', shop, '--markdown', report]);
    expect(failed.summary).toBe(`before\n${readFileSync(report, 'utf8')}`);
    expect(failed.outputs).toEqual({ verdict: 'failed', 'exit-code': '99', report });
    expect((await onGitHub(['run', scenarioFile(folder, 'good.yaml')])).outputs).toEqual({ verdict: 'passed', 'exit-code': '0', report: '' });
    expect((await onGitHub(['run', shop, '--csv', '/dev/full', '--set', 'thresholds=[]'])).outputs).toMatchObject({ verdict: 'not-written', 'exit-code': '2' });
  });

  test('problems are annotated where they stand', async () => {
    const job = await onGitHub(['run', broken]);
    expect(job.code).toBe(3);
    expect(annotations(job, 'error').map(({ properties }) => [properties['line'], properties['col'], properties['title']])).toEqual([['5', '1', 'unknown-key'], ['6', '1', 'unknown-key']]);
    expect(annotations(job, 'error')[0]!.message).toContain('`trafic`');
    expect(job.summary).toContain('**INVALID**');
    expect(job.outputs).toMatchObject({ verdict: 'invalid', 'exit-code': '3' });
    expect((await onGitHub(['run', shop, '--duration', '5'])).outputs).toMatchObject({ verdict: 'invalid', 'exit-code': '2' });
  });

  test('a comparison annotates what is worse', async () => {
    const job = await onGitHub(['compare', shop, '--vary', 'services.web.latency=1ms,2ms', '--reps', '6']);
    expect(job.outputs).toMatchObject({ verdict: 'regression', 'exit-code': '5' });
    expect(annotations(job, 'error').map(({ properties }) => properties['title'])).toContain('2ms against 1ms: latency p50');
    expect(job.summary).toContain(COMMENT_MARKER);
    expect((await onGitHub(['compare', shop, broken])).outputs).toMatchObject({ verdict: 'invalid' });
  });

  test('no more of a level than GitHub shows; the summary has them all', async () => {
    const many = scenarioFile(folder, 'many.yaml', thresholds(Array.from({ length: 15 }, (_, i) => `latency p(99) < 0.${String(i + 1).padStart(2, '0')}ms`)));
    const job = await onGitHub(['run', many]);
    expect(annotations(job, 'error').map(({ properties }) => Number(properties['line']))).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    for (let i = 1; i <= 15; i++) expect(job.summary).toContain(`0.${String(i).padStart(2, '0')}ms`);
  });

  test('progress is folded, unless there is none', async () => {
    const names = async (...flags: string[]): Promise<string[]> => (await onGitHub(['run', scenarioFile(folder, 'good.yaml'), ...flags])).commands.map(({ name }) => name);
    expect(await names('--verbose')).toEqual(['group', 'endgroup']);
    expect(await names('--quiet')).toEqual([]);
    expect((await onGitHub(['run', broken])).commands.map(({ name }) => name).slice(0, 2)).toEqual(['group', 'endgroup']);
  });

  test('a runner that keeps its files from us changes no verdict', async () => {
    const job = await onGitHub(['run', shop, '--quiet'], { GITHUB_STEP_SUMMARY: folder, GITHUB_OUTPUT: '' });
    expect(job.code).toBe(99);
    expect(job.err).toMatch(/cannot write to \$GITHUB_STEP_SUMMARY .*: is a directory|illegal operation on a directory/i);
  });

  test('a file outside the repository is not named, and one on standard input has no name', async () => {
    const job = await onGitHub(['run', shop], { GITHUB_WORKSPACE: '/elsewhere' });
    for (const { properties } of annotations(job, 'error')) expect(Object.keys(properties)).toEqual(['title']);
  });

  test('--ci none and --ci github decide, whatever the environment', async () => {
    expect((await onGitHub(['run', shop, '--ci', 'none'])).commands).toEqual([]);
    const shell = stringShell();
    await dispatch(['run', shop, '--ci', 'github', '--quiet'], shell);
    expect(commandsIn(shell.err())).not.toEqual([]);
    await expect(dispatch(['run', shop, '--ci', 'jenkins'], stringShell())).resolves.toBe(2);
  });

  test('whatever the text, the runner reads one command and gets it back, but for blanks that it trims', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('%', '0', 'A', 'D', '\r', '\n', ':', '::', ',', '=', ' ', '2', '5', '3', 'C', '::error::') }));
    fc.assert(
      fc.property(text, text, text, (file, title, message) => {
        const written = workflowCommand('error', { file, line: 3, col: null, title }, message);
        expect(commandsIn(`::notice::before\n${written}`).slice(1)).toEqual([{ name: 'error', properties: { file, line: '3', title: title.replace(/[^\S\r\n]+$/u, '') }, message }]);
      }),
    );
  });
});

describe('GitLab', () => {
  test('progress is a collapsed section of the log, and standard output the result', async () => {
    const shell = stringShell({ env: { GITLAB_CI: 'true' } });
    await dispatch(['run', shop, '--json'], shell);
    expect(shell.err()).toMatch(/^\u001b\[0Ksection_start:0:meshsim_1\[collapsed=true\]\r\u001b\[0Kmeshsim run \S+shop\.yaml\n[\s\S]*\u001b\[0Ksection_end:0:meshsim_1\r\u001b\[0K\n$/);
    expect(JSON.parse(shell.out())).toMatchObject({ schema: 'meshsim/result/1' });
  });
});
