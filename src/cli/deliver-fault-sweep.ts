/** A sweep of faults on its way to the person: printed, and written to the folder of `--out`. */
import type { FaultSweep } from '../fault-sweep/fault-sweep.ts';
import { faultSweepCsv } from '../report/fault-sweep/csv.ts';
import { type FaultSweepReportOptions, renderFaultSweep } from '../report/fault-sweep/terminal.ts';
import { colorOf } from './display.ts';
import { lookOf } from './look.ts';
import { filesIn, type FolderFile, writeOutputs, type Written } from './outputs.ts';
import type { Settings } from './settings.ts';
import type { Shell } from './shell.ts';

export interface FaultSweepDelivery extends Pick<FaultSweepReportOptions, 'again' | 'next'> {
  /** Already. */
  readonly written: Written;
  readonly folder: string | null;
  readonly settings: Settings;
  readonly shell: Shell;
}

/** What `--out` writes. */
export const FAULT_SWEEP_REPORTS: readonly FolderFile<(sweep: FaultSweep) => string>[] = [
  { what: 'json', name: 'fault-sweep.json', reporter: jsonOf },
  { what: 'csv', name: 'fault-sweep.csv', reporter: faultSweepCsv },
];

/** Printed even when the files cannot be written: the runs were not for nothing. */
export function deliverFaultSweep(sweep: FaultSweep, { written, folder, settings, shell, ...commands }: FaultSweepDelivery): Written {
  const inFolder = writeOutputs({ files: filesIn(folder, FAULT_SWEEP_REPORTS), printed: null }, ({ reporter }) => reporter(sweep));
  const files = [...written.files, ...inFolder.files];
  if (settings.isOn('json')) shell.stdout.write(jsonOf(sweep));
  else if (settings.isOn('csv')) shell.stdout.write(faultSweepCsv(sweep));
  else shell.stdout.write(renderFaultSweep(sweep, { ...lookOf(shell.stdout, shell.env, colorOf(settings)), files, ...commands }));
  return { files, failures: [...written.failures, ...inFolder.failures] };
}

function jsonOf(sweep: FaultSweep): string {
  return `${JSON.stringify(sweep, null, 2)}\n`;
}
