/** A sweep of faults on its way to the person: printed, and written to the folder of `--out`. */
import { join } from 'node:path';
import type { FaultSweep } from '../fault-sweep/fault-sweep.ts';
import { faultSweepCsv } from '../report/fault-sweep/csv.ts';
import { type FaultSweepReportOptions, renderFaultSweep } from '../report/fault-sweep/terminal.ts';
import { colorOf } from './display.ts';
import { lookOf } from './look.ts';
import { writeFiles } from './output-folder.ts';
import type { Settings } from './settings.ts';
import type { Shell } from './shell.ts';

export interface FaultSweepDelivery extends Pick<FaultSweepReportOptions, 'again' | 'next'> {
  readonly folder: string | null;
  readonly settings: Settings;
  readonly shell: Shell;
}

/** Printed even when the files cannot be written: the runs were not for nothing. */
export function deliverFaultSweep(sweep: FaultSweep, { folder, settings, shell, ...commands }: FaultSweepDelivery): void {
  const json = `${JSON.stringify(sweep, null, 2)}\n`;
  const csv = faultSweepCsv(sweep);
  const names = ['fault-sweep.json', 'fault-sweep.csv'];
  try {
    if (folder !== null) writeFiles(folder, [{ name: names[0]!, text: json }, { name: names[1]!, text: csv }]);
  } finally {
    const files = folder === null ? [] : names.map((name) => ({ what: name.split('.')[1]!, path: join(folder, name) }));
    if (settings.isOn('json')) shell.stdout.write(json);
    else if (settings.isOn('csv')) shell.stdout.write(csv);
    else shell.stdout.write(renderFaultSweep(sweep, { ...lookOf(shell.stdout, shell.env, colorOf(settings)), files, ...commands }));
  }
}
