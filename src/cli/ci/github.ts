/**
 * GitHub Actions: annotations at the lines that a verdict is about, the short report in the step's summary, the verdict as outputs of
 * the step, progress folded. Standard output stays the result.
 */
import { appendFileSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { reasonOf } from '../../model/system-error.ts';
import { printable } from '../../report/summary.ts';
import { ExitCode } from '../exit-codes.ts';
import type { Settings } from '../settings.ts';
import type { Shell } from '../shell.ts';
import type { Annotation } from './annotation.ts';
import type { Ci } from './ci.ts';
import { workflowCommand } from './workflow-command.ts';

/** GitHub shows as many of a level for each step; all are in the summary. */
const ANNOTATIONS_MAX = 10;

export function github(settings: Settings, shell: Shell): Ci {
  return {
    fold(title) {
      shell.stderr.write(workflowCommand('group', {}, title));
      return () => shell.stderr.write(workflowCommand('endgroup', {}, ''));
    },
    async conclude({ code, isRefused = false, annotations, markdown, report }) {
      const levels = settings.isOn('quiet') ? ['error'] : ['error', 'warning'];
      for (const level of levels) {
        const all = annotations.filter((annotation) => annotation.level === level);
        for (const annotation of all.slice(0, ANNOTATIONS_MAX)) shell.stderr.write(commandFor(annotation, shell.env['GITHUB_WORKSPACE']));
      }
      append('GITHUB_STEP_SUMMARY', await markdown(), shell);
      append('GITHUB_OUTPUT', [output('verdict', VERDICTS[isRefused ? ExitCode.invalidScenario : code]), output('exit-code', String(code)), output('report', report ?? '')].join(''), shell);
    },
  };
}

const VERDICTS: Readonly<Record<ExitCode, string>> = {
  [ExitCode.ok]: 'passed',
  [ExitCode.internalError]: 'internal-error',
  [ExitCode.usage]: 'not-written',
  [ExitCode.invalidScenario]: 'invalid',
  [ExitCode.invariantBroken]: 'invariant-broken',
  [ExitCode.regression]: 'regression',
  [ExitCode.disagreement]: 'disagreement',
  [ExitCode.inconclusive]: 'inconclusive',
  [ExitCode.thresholdFailed]: 'failed',
  [ExitCode.interrupted]: 'stopped',
  [ExitCode.terminated]: 'stopped',
};

function commandFor({ level, file, line, column, title, message }: Annotation, workspace: string | undefined): string {
  const place = file === null ? null : inRepository(file, workspace);
  return workflowCommand(level, { file: place, line: place === null ? null : line, col: place === null || line === null ? null : column, title: printable(title) }, message.split('\n').map(printable).join('\n'));
}

/** Annotations name files from the root of the repository; null where the file is not in it. */
function inRepository(file: string, workspace: string | undefined): string | null {
  if (file === '-') return null;
  const path = relative(workspace ?? '.', resolve(file));
  return path === '' || path.startsWith(`..${sep}`) || path === '..' ? null : path.split(sep).join('/');
}

/** A value over several lines, as the toolkit writes all of them, between marks that are not in it. */
function output(name: string, value: string): string {
  let mark = 'MESHSIM';
  while (value.includes(mark)) mark += '_';
  return `${name}<<${mark}\n${value}\n${mark}\n`;
}

/** A runner that has no such file, or keeps it from us, is no reason to change the verdict. */
function append(variable: string, text: string, { env, stderr }: Shell): void {
  const path = env[variable];
  if (path === undefined || path === '') return;
  try {
    appendFileSync(path, text);
  } catch (error) {
    stderr.write(`meshsim: cannot write to $${variable} (${path}): ${reasonOf(error)}\n`);
  }
}
