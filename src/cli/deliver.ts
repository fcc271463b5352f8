/** The result of a run on its way to the person: written to files, and printed. */
import type { Comparison } from '../compare/comparison.ts';
import { REPORTERS } from '../report/registry.ts';
import type { Reporter } from '../report/reporter.ts';
import type { Result } from '../result/result.ts';
import { colorOf } from './display.ts';
import { lookOf } from './look.ts';
import { type FolderFile, type Outputs, writeOutputs, type Written } from './outputs.ts';
import { playgroundOf } from './playground.ts';
import type { Settings } from './settings.ts';
import type { Shell } from './shell.ts';

/** What `--out` writes. */
export const REPORTS: readonly FolderFile<Reporter>[] = Object.values(REPORTERS).flatMap((reporter) => (reporter.file === null ? [] : [{ what: reporter.file.split('.')[0]!, name: reporter.file, reporter }]));

export interface Delivery {
  /** With the baseline. */
  readonly comparison: Comparison | null;
  readonly again: string;
  readonly outputs: Outputs<Reporter>;
  /** Written already. */
  readonly files: Written['files'];
  readonly settings: Settings;
  readonly shell: Shell;
}

/** What was written where, and what could not be: the summary is printed all the same, for the run was not for nothing. */
export function deliver(result: Result, { comparison, again, outputs, files, settings, shell }: Delivery): Written {
  const written = writeOutputs(outputs, ({ reporter }) => textOf(reporter, result, { comparison, again, settings }));
  const detail = settings.text('summary');
  if (outputs.printed !== null) shell.stdout.write(textOf(outputs.printed.reporter, result, { comparison, again, settings }));
  else if (detail !== 'none') {
    const look = lookOf(shell.stdout, shell.env, colorOf(settings));
    shell.stdout.write(REPORTERS.terminal.render(result, { ...look, detail: detail === 'full' ? 'full' : 'compact', again, files: [...written.files, ...files] }));
  }
  return written;
}

/** As it stands in a file: whatever the terminal, the same bytes. */
export function textOf(reporter: Reporter, result: Result, { comparison, again, settings }: Pick<Delivery, 'comparison' | 'again' | 'settings'>): string {
  return reporter.render(result, { detail: 'full', again, files: [], width: FILE_WIDTH, color: false, unicode: true, ...playgroundOf(settings), ...(comparison === null ? {} : { comparison }) });
}

/** For reporters that have lines. */
export const FILE_WIDTH = 80;
