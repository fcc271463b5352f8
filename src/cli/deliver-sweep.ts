/** A sweep on its way to the person: printed, and written to the folder of `--out`. */
import { join } from 'node:path';
import { sweepCsv } from '../report/sweep/csv.ts';
import { sweepHtml } from '../report/sweep/html.ts';
import { renderSweep } from '../report/sweep/terminal.ts';
import { lineJson } from '../result/line-json.ts';
import type { Sweep } from '../sweep/sweep.ts';
import { colorOf } from './display.ts';
import { lookOf } from './look.ts';
import { writeFiles } from './output-folder.ts';
import type { Settings } from './settings.ts';
import type { Shell } from './shell.ts';

export interface SweepDelivery {
  readonly again: string;
  readonly folder: string | null;
  readonly settings: Settings;
  readonly shell: Shell;
}

/** Printed even when the files cannot be written: the runs were not for nothing. */
export function deliverSweep(sweep: Sweep, { again, folder, settings, shell }: SweepDelivery): void {
  const files = folder === null ? [] : [['json', 'sweep.json'], ['csv', 'sweep.csv'], ['report', 'report.html']].map(([what, name]) => ({ what: what!, path: join(folder, name!) }));
  try {
    if (folder !== null) writeFiles(folder, [{ name: 'sweep.json', text: lineJson(sweep) }, { name: 'sweep.csv', text: sweepCsv(sweep) }, { name: 'report.html', text: sweepHtml(sweep, { again }) }]);
  } finally {
    if (settings.isOn('json')) shell.stdout.write(lineJson(sweep));
    else if (settings.isOn('csv')) shell.stdout.write(sweepCsv(sweep));
    else shell.stdout.write(renderSweep(sweep, { ...lookOf(shell.stdout, shell.env, colorOf(settings)), files, again }));
  }
}
