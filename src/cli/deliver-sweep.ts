/** A sweep on its way to the person: printed, and written to the folder of `--out`. */
import { sweepCsv } from '../report/sweep/csv.ts';
import { sweepHtml } from '../report/sweep/html.ts';
import { renderSweep } from '../report/sweep/terminal.ts';
import { lineJson } from '../result/line-json.ts';
import type { Sweep } from '../sweep/sweep.ts';
import { colorOf } from './display.ts';
import { lookOf } from './look.ts';
import { filesIn, type FolderFile, writeOutputs, type Written } from './outputs.ts';
import type { Settings } from './settings.ts';
import type { Shell } from './shell.ts';

export interface SweepDelivery {
  readonly again: string;
  readonly folder: string | null;
  readonly settings: Settings;
  readonly shell: Shell;
}

const REPORTS: readonly FolderFile<(sweep: Sweep, options: Pick<SweepDelivery, 'again'>) => string>[] = [
  { what: 'json', name: 'sweep.json', reporter: lineJson },
  { what: 'csv', name: 'sweep.csv', reporter: sweepCsv },
  { what: 'report', name: 'report.html', reporter: sweepHtml },
];

/** Printed even when the files cannot be written: the runs were not for nothing. */
export function deliverSweep(sweep: Sweep, { again, folder, settings, shell }: SweepDelivery): Written {
  const written = writeOutputs({ files: filesIn(folder, REPORTS), printed: null }, ({ reporter }) => reporter(sweep, { again }));
  if (settings.isOn('json')) shell.stdout.write(lineJson(sweep));
  else if (settings.isOn('csv')) shell.stdout.write(sweepCsv(sweep));
  else shell.stdout.write(renderSweep(sweep, { ...lookOf(shell.stdout, shell.env, colorOf(settings)), files: written.files, again }));
  return written;
}
