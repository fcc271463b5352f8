/** A comparison on its way to the person: printed, and written to the folder of `--out`. */
import { join } from 'node:path';
import type { Comparison } from '../compare/comparison.ts';
import { COMPARISON_REPORTERS } from '../report/comparison/registry.ts';
import type { ComparisonOptions } from '../report/comparison/reporter.ts';
import { colorOf } from './display.ts';
import { lookOf } from './look.ts';
import { writeFiles } from './output-folder.ts';
import type { Settings } from './settings.ts';
import type { Shell } from './shell.ts';

export interface ComparisonDelivery extends Pick<ComparisonOptions, 'subject' | 'exitCode' | 'again' | 'courses'> {
  readonly print: 'terminal' | 'json' | 'nothing';
  /** Something is printed above it. */
  readonly isBelow?: true;
  readonly folder: string | null;
  readonly settings: Settings;
  readonly shell: Shell;
}

/** The table is printed even when a file cannot be written: the runs were not for nothing. */
export function deliverComparison(comparison: Comparison, { print, isBelow, folder, settings, shell, ...about }: ComparisonDelivery): void {
  const options: ComparisonOptions = { ...about, ...lookOf(shell.stdout, shell.env, colorOf(settings)), files: [] };
  let files: ComparisonOptions['files'] = [];
  try {
    if (folder !== null) files = writeReports(comparison, folder, options);
  } finally {
    if (print === 'terminal' && isBelow) shell.stdout.write('\n');
    if (print !== 'nothing') shell.stdout.write(COMPARISON_REPORTERS[print].render(comparison, { ...options, files }));
  }
}

function writeReports(comparison: Comparison, folder: string, options: ComparisonOptions): ComparisonOptions['files'] {
  const reporters = Object.values(COMPARISON_REPORTERS).flatMap((reporter) => (reporter.file === null ? [] : [{ name: reporter.file, reporter }]));
  writeFiles(folder, reporters.map(({ name, reporter }) => ({ name, text: reporter.render(comparison, options) })));
  return reporters.map(({ name, reporter }) => ({ what: reporter === COMPARISON_REPORTERS.json ? 'comparison' : 'table', path: join(folder, name) }));
}
