/**
 * Simulator and real mesh agree on shipped scenarios (validation.md 12).
 *
 * What is compared is the table of `src/verify/figures.ts`, printed with what is left out and why. Where the machine was too busy to
 * tell, it is asked again with more repetitions and slower time; the tolerances stay. Where it still cannot be told, the long suite
 * (`npm run test:parity`) fails, and the short one, which runs on whatever machine and beside whatever else, is skipped and says so.
 *
 * The short one has its scenarios side by side first, for they mostly wait; those that do not agree then are asked again alone, and that counts.
 */
import { beforeAll, expect, test } from 'vitest';
import { PARITY_SCENARIOS, type ParityScenario } from '../../scripts/parity/scenarios.ts';
import { lineOf, verified } from '../../scripts/parity/verified.ts';
import { COMPARED, LEFT_OUT } from '../../src/verify/figures.ts';

const isFull = process.env['MESHSIM_PARITY'] === 'full';

/** Each with more repetitions than the one before, and slower. */
const TRIES = isFull ? [{ repetitions: 3, slower: 1 }, { repetitions: 5, slower: 2 }, { repetitions: 8, slower: 4 }] : [{ repetitions: 3, slower: 1 }];
const MINUTE_MS = 60_000;

const chosen = PARITY_SCENARIOS.filter(({ isShort }) => isFull || isShort);
const agreed = new Set<ParityScenario>();

beforeAll(async () => {
  say(`compared: ${COMPARED.join('; ')}`);
  say(`left out: ${LEFT_OUT.map(([what, why]) => `${what} (${why})`).join('; ')}`);
  if (isFull) return;
  await Promise.all(chosen.map(async (scenario) => {
    const verification = await verified(scenario, 3, 1);
    say(`beside others, ${lineOf(verification)}`);
    if (verification.verdict === 'agree') agreed.add(scenario);
  }));
}, 2 * MINUTE_MS);

test('there are scenarios enough', () => expect(PARITY_SCENARIOS.length).toBeGreaterThanOrEqual(12));

test.for(chosen)('$name', { timeout: 30 * MINUTE_MS }, async (scenario, { skip }) => {
  if (agreed.has(scenario)) return;
  const said: string[] = [];
  for (const { repetitions, slower } of TRIES) {
    const verification = await verified(scenario, repetitions, slower);
    said.push(lineOf(verification));
    say(said.at(-1)!);
    expect(verification.verdict, said.at(-1)).not.toBe('disagree');
    if (verification.verdict === 'agree') return;
  }
  if (isFull) expect.fail(`inconclusive on this machine, however slow: ${said.join('\n')}`);
  else skip(said.join('\n'));
});

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
