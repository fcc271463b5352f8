/**
 * `search` finds what running the whole grid finds: its optimum within 2 %, in at most a tenth of its runs, those that confirm it included.
 * `npm test` looks at one scenario, made short; `npm run test:theory` at five.
 */
import { expect, test } from 'vitest';
import { shippedScenarios } from '../../scripts/shipped.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { runMany } from '../../src/run/pool.ts';
import type { PolicyOutcome } from '../../src/search/outcome.ts';
import { type KnownSearch, SEARCHES } from '../support/searches.ts';
import { stringShell } from '../support/string-shell.ts';
import { wholeGrid } from '../support/whole-grid.ts';

const REPS = 5;
const SHORT: KnownSearch = { ...SEARCHES[0]!, set: [...SEARCHES[0]!.set, 'duration=4s', 'faults[0].at=1s', 'faults[0].for=1.5s'] };

const searches = process.env['MESHSIM_THEORY'] === 'full' ? SEARCHES : [SHORT];

test.each(searches.map((search) => [search.scenario, search] as const))('%s', { timeout: 1_800_000 }, async (name, { set, over, goals, minimise }) => {
  const { path, text } = shippedScenarios().find((scenario) => scenario.name === name)!;
  const points = await wholeGrid({ text, set, over, goals, minimise, reps: REPS }, runMany);
  const best = Math.min(...points.filter(({ isFeasible }) => isFeasible).map(({ objective }) => objective));
  const runs = Math.floor((points.length * REPS) / 10);

  const flags = (flag: string, values: readonly string[]): string[] => values.flatMap((value) => [`--${flag}`, value]);
  const shell = stringShell({ runMany: async (tasks, options) => runMany(tasks, options) });
  const code = await dispatch(['search', path, ...flags('set', set), ...flags('over', over), ...flags('goal', goals), '--minimise', minimise, '--reps', String(REPS), '--runs', String(runs), '--json', '--quiet'], shell);
  const outcome = JSON.parse(shell.out()) as PolicyOutcome;
  const { explored } = outcome.best!;
  const found = points.find(({ values }) => values.join() === explored.values.join())!;
  const spent = outcome.runs.search + outcome.runs.confirmation;
  console.log(`${name}: ${minimise} ${found.objective.toPrecision(4)}, best of ${points.length} points ${best.toPrecision(4)}, in ${spent} runs of ${points.length * REPS}; ${outcome.status}`);

  expect([code, outcome.status]).toEqual([0, 'found']);
  expect(spent).toBeLessThanOrEqual(runs);
  expect(found.isFeasible).toBe(true);
  expect(found.objective).toBeLessThanOrEqual(best * 1.02);
});
