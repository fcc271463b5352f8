/** The worker's side of the live page, with a clock of the test's. What it gives in a browser, `test/html/live.test.ts` holds to the command line. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Answer, Simulation } from '../../src/playground/simulation.ts';
import { simulate } from '../../src/run/run.ts';
import { parseScenario } from '../../src/scenario/parse.ts';

const TEXT = readFileSync('scenarios/quickstart.yaml', 'utf8');
const NO_RETRIES = { 'careful.attempts': 0 };

/** @param stepMs  from one look at the clock to the next */
function simulation(stepMs: number): Simulation {
  let now = 0;
  return new Simulation(() => (now += stepMs));
}

test('what a run shows on its way changes nothing of its end', () => {
  const told: Answer[] = [];
  const { sides: [side] } = simulation(500).answerTo({ text: TEXT, sides: [{}] }, (soFar) => told.push(soFar));
  const { plan, resolved } = parseScenario(TEXT);
  const { digest, totals } = simulate(plan!, { resolved });
  expect(side).toMatchObject({ state: 'done', progress: 1, text: TEXT, result: { complete: true, digest, totals } });
  const progress = told.map(({ sides: [one] }) => one!.progress);
  expect(progress.length).toBeGreaterThan(1);
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
  expect(told.map(({ sides: [one] }) => [one!.state, one!.result!.complete])).toEqual(progress.map(() => ['running', false]));
});

test('of two sides the one that waits is told as waiting, and one that is known is not run again', () => {
  const told: Answer[] = [];
  const once = simulation(500);
  const first = once.answerTo({ text: TEXT, sides: [NO_RETRIES, {}] }, (soFar) => told.push(soFar));
  expect(told[0]!.sides.map(({ state }) => state)).toEqual(['running', 'waiting']);
  expect(told.at(-1)!.sides.map(({ state }) => state)).toEqual(['done', 'running']);
  const again = once.answerTo({ text: TEXT, sides: [{}, NO_RETRIES] }, () => expect.unreachable());
  expect(again.sides).toEqual([...first.sides].reverse());
});

test('a run that takes too long ends with what it has measured', () => {
  const { sides: [side] } = simulation(15_000).answerTo({ text: TEXT, sides: [{}] });
  expect(side).toMatchObject({ state: 'done', result: { complete: false } });
  expect(side!.progress).toBeGreaterThan(0);
  expect(side!.progress).toBeLessThan(1);
});

test('a warm-up that cannot be found, or not in time, is told', () => {
  const auto = TEXT.replace('duration: 30s', 'duration: 30s\nwarmup: auto');
  expect(simulation(61_000).answerTo({ text: auto, sides: [{}] }).sides[0]).toMatchObject({ state: 'refused', result: null, problems: expect.stringContaining('takes more than 60 s') });
  const short = auto.replace('rate: 500/s', 'rate: 1/s');
  expect(simulation(1).answerTo({ text: short, sides: [{}] }).sides[0]).toMatchObject({ state: 'refused', problems: expect.stringContaining('found no steady state') });
});
