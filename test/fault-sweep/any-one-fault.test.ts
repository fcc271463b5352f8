import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { anyOneFault, runScenario } from '../../src/testing.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import type { FaultSweep } from '../../src/fault-sweep/fault-sweep.ts';
import { scenarioFile, temporaryFolder } from '../support/scenario-files.ts';
import { stringShell } from '../support/string-shell.ts';

const SHORT = readFileSync(join('scenarios', 'quickstart.yaml'), 'utf8').replace('duration: 30s', 'duration: 4s').replace('at: 10s, for: 10s', 'at: 1s, for: 1s');

test('the library has the cases of the command, and what they do', async () => {
  const faults = anyOneFault(SHORT);
  const shell = stringShell();
  await dispatch(['check', scenarioFile(temporaryFolder(), 'quickstart.yaml', SHORT), '--sweep-faults', '--json'], shell);
  const { cases } = (JSON.parse(shell.out()) as FaultSweep).singles;
  expect(faults.map(({ id }) => id).sort()).toEqual(cases.map(({ id }) => id).sort());
  for (const { id, scenario, what } of faults.slice(0, 4)) {
    const { result, violations } = runScenario(scenario);
    const one = cases.find((candidate) => candidate.id === id)!;
    expect(violations).toEqual([]);
    expect([what, result.thresholds.map(({ value }) => value)]).toEqual([one.what, one.thresholds.map(({ value }) => value)]);
  }
});

test('a scenario that is not valid is an error with its problems', () => {
  expect(() => anyOneFault('duration: 5')).toThrow(/`5` has no unit/);
});
