/** A comparison on its way to the person: written to files, and printed. */
import type { Comparison } from '../compare/comparison.ts';
import { COMPARISON_REPORTERS } from '../report/comparison/registry.ts';
import type { ComparisonOptions, ComparisonReporter } from '../report/comparison/reporter.ts';
import { FILE_WIDTH } from './deliver.ts';
import { colorOf } from './display.ts';
import { lookOf } from './look.ts';
import { type FolderFile, type Outputs, writeOutputs, type Written } from './outputs.ts';
import type { Settings } from './settings.ts';
import type { Shell } from './shell.ts';

const WORDS: Readonly<Record<string, string>> = { json: 'comparison', markdown: 'table' };

/** What `--out` writes. */
export const COMPARISON_REPORTS: readonly FolderFile<ComparisonReporter>[] = Object.entries(COMPARISON_REPORTERS).flatMap(([key, reporter]) => (reporter.file === null ? [] : [{ what: WORDS[key] ?? 'report', name: reporter.file, reporter }]));

/** The same in the folder of a run with a baseline, which has a page of its own. */
export const REPORTS_BESIDE_A_RUN: typeof COMPARISON_REPORTS = COMPARISON_REPORTS.map((file) => ({ ...file, name: file.name.replace(/^report\./, 'comparison.') }));

export interface ComparisonDelivery extends Pick<ComparisonOptions, 'subject' | 'exitCode' | 'again' | 'courses'> {
  readonly outputs: Outputs<ComparisonReporter>;
  /** `below`: something is printed above it. */
  readonly print: 'alone' | 'below' | 'nothing';
  readonly settings: Settings;
  readonly shell: Shell;
}

/** The table is printed even when a file cannot be written: the runs were not for nothing. */
export function deliverComparison(comparison: Comparison, { outputs, print, settings, shell, ...about }: ComparisonDelivery): Written {
  const written = writeOutputs(outputs, ({ reporter }) => comparisonTextOf(reporter, comparison, about));
  if (outputs.printed !== null) shell.stdout.write(comparisonTextOf(outputs.printed.reporter, comparison, about));
  else if (print !== 'nothing') {
    const look = lookOf(shell.stdout, shell.env, colorOf(settings));
    shell.stdout.write(`${print === 'below' ? '\n' : ''}${COMPARISON_REPORTERS.terminal.render(comparison, { ...about, ...look, files: written.files })}`);
  }
  return written;
}

/** As it stands in a file: whatever the terminal, and whatever else the command exits for, the same bytes. */
export function comparisonTextOf(reporter: ComparisonReporter, comparison: Comparison, about: Pick<ComparisonDelivery, 'subject' | 'again' | 'courses'>): string {
  return reporter.render(comparison, { ...about, exitCode: null, files: [], width: FILE_WIDTH, color: false, unicode: true });
}
