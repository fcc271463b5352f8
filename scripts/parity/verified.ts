/** A scenario of the parity suite through `meshsim verify`, as everybody has it, of the built package. */
import { execFile } from 'node:child_process';
import type { Verification } from '../../src/verify/verification.ts';
import type { ParityScenario } from './scenarios.ts';

/** Told apart by the document; see `--help`. */
const HAS_VERDICT: readonly unknown[] = [6, 7];

/** @param slower  times the scenario's own time scale */
export function verified({ name, set, timeScale }: ParityScenario, repetitions: number, slower: number): Promise<Verification> {
  const flags = [...Object.entries(set).flatMap(([path, value]) => ['--set', `${path}=${value}`]), '--reps', String(repetitions), '--time-scale', String(timeScale * slower)];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ['dist/src/cli/main.js', 'verify', `scenarios/${name}.yaml`, '--json', '--quiet', ...flags], { maxBuffer: 2 ** 26 }, (error, out, err) => {
      if (error !== null && !HAS_VERDICT.includes(error.code)) reject(new Error(`${name}: ${err}`));
      else resolve(JSON.parse(out) as Verification);
    });
  });
}

/** For whoever reads along: the verdict, and the rows behind it. */
export function lineOf({ latenessP99Ms, repetitions, rows, scenario, timeScale, verdict }: Verification): string {
  const open = rows.filter((row) => row.verdict !== 'agrees');
  const told = open.map(({ difference, name, noise, tolerance, verdict: word }) => `${name} ${word} (${difference.toPrecision(3)}, noise ${noise.toPrecision(3)}, tolerance ${tolerance.toPrecision(3)})`);
  return `${scenario.name}: ${verdict} in ${repetitions} x ${timeScale}, ${rows.length - open.length} of ${rows.length} figures within tolerance, late by ${latenessP99Ms.toPrecision(2)} ms${open.length === 0 ? '' : `; ${told.join(', ')}`}`;
}
