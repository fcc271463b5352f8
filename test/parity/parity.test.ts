/**
 * Simulator and real mesh agree on shipped scenarios (validation.md 12), by `meshsim verify` as everybody has it.
 *
 * What is compared is the table of `src/verify/figures.ts`, printed below with what is left out and why. Where the machine was too busy
 * to tell, it is asked again with more repetitions and slower time; the tolerances stay. Where it still cannot be told, the long
 * suite (`npm run test:parity`) fails, and the short one, which runs on whatever machine and beside whatever else, says so and goes on.
 */
import { execFile } from 'node:child_process';
import { beforeAll, expect, test } from 'vitest';
import { COMPARED, LEFT_OUT } from '../../src/verify/figures.ts';
import type { Verification } from '../../src/verify/verification.ts';
import { PARITY_SCENARIOS, type ParityScenario } from './scenarios.ts';

const isFull = process.env['MESHSIM_PARITY'] === 'full';

/** Each with more repetitions than the one before, and slower. */
const TRIES = isFull ? [{ repetitions: 3, slower: 1 }, { repetitions: 5, slower: 2 }, { repetitions: 8, slower: 4 }] : [{ repetitions: 3, slower: 1 }];
const MINUTES = 60_000;

beforeAll(() => {
  process.stdout.write(`compared: ${COMPARED.join('; ')}\nleft out: ${LEFT_OUT.map(([what, why]) => `${what} (${why})`).join('; ')}\n`);
});

test('there are scenarios enough', () => expect(PARITY_SCENARIOS.length).toBeGreaterThanOrEqual(12));

test.each(PARITY_SCENARIOS.filter(({ isShort }) => isFull || isShort))('$name', { timeout: 15 * MINUTES }, async (scenario) => {
  let verification: Verification | null = null;
  for (const { repetitions, slower } of TRIES) {
    verification = await verified(scenario, repetitions, scenario.timeScale * slower);
    process.stdout.write(`${lineOf(scenario, verification)}\n`);
    if (verification.verdict !== 'inconclusive') break;
  }
  const differing = verification!.rows.filter(({ verdict }) => verdict === 'differs');
  expect(differing).toEqual([]);
  if (isFull) expect(verification!.verdict).toBe('agree');
});

function verified({ name, set }: ParityScenario, repetitions: number, timeScale: number): Promise<Verification> {
  const flags = [...Object.entries(set).flatMap(([path, value]) => ['--set', `${path}=${value}`]), '--reps', String(repetitions), '--time-scale', String(timeScale)];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ['dist/src/cli/main.js', 'verify', `scenarios/${name}.yaml`, '--json', '--quiet', ...flags], { maxBuffer: 2 ** 26 }, (error, out, err) => {
      // 0 agree, 6 disagree, 7 inconclusive: all have a document.
      if (error !== null && error.code !== 6 && error.code !== 7) reject(new Error(err));
      else resolve(JSON.parse(out) as Verification);
    });
  });
}

/** For whoever reads along: the verdict, and the rows behind it. */
function lineOf({ name }: ParityScenario, { latenessP99Ms, repetitions, rows, timeScale, verdict }: Verification): string {
  const open = rows.filter(({ verdict: word }) => word !== 'agrees').map(({ difference, name: figure, noise, tolerance, verdict: word }) => `${figure} ${word} (${difference.toPrecision(3)}, noise ${noise.toPrecision(3)}, tolerance ${tolerance.toPrecision(3)})`);
  return `${name}: ${verdict} in ${repetitions} x ${timeScale}, ${rows.length - open.length} of ${rows.length} figures within tolerance, late by ${latenessP99Ms.toPrecision(2)} ms${open.length === 0 ? '' : `; ${open.join(', ')}`}`;
}
