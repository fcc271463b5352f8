/**
 * The engine's policies against facts about the products they copy. A topic of the folder without a line in the
 * registry is listed as not applicable, and red when the folder is ours: nothing is skipped without a name.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { topics } from './registry.ts';
import { FOLDER, IS_OWN_FOLDER, readVectors } from './vectors.ts';
import { reasonNotToRun, Tally, tableOf, verdictOn } from './verdict.ts';

const tallies: Tally[] = [];

for (const file of readVectors()) {
  const { cases, name, system } = file;
  const topic = topics[name];
  const tally = new Tally(file, topic);
  tallies.push(tally);
  describe(name, () => {
    if (topic === undefined && IS_OWN_FOLDER) it('has a runner or a reason', () => expect.fail('no line in registry.ts'));
    for (const theCase of cases) {
      const reason = reasonNotToRun(topic, theCase);
      if (reason !== null) {
        tally.add(theCase, { kind: 'notApplicable', reason });
        // A fact about what meshsim does not have, for the reason that the registry gives: it stays in sight, by its name here and counted in the table, and runs once the reason is gone.
        it.skip(`${theCase.name} (not applicable: ${reason})`);
        continue;
      }
      const dispute = typeof topic === 'object' ? topic.disputed?.[theCase.name] : undefined;
      it(dispute === undefined ? theCase.name : `${theCase.name} (disputed: ${dispute})`, () => {
        const verdict = verdictOn(topic, system, theCase);
        tally.add(theCase, verdict);
        const wrong = verdict.kind === 'failed' ? verdict.wrong : [];
        if (dispute === undefined) expect(wrong, theCase.source).toEqual([]);
        else expect(wrong, 'no longer differs: take it off the list of disputed cases').not.toEqual([]);
      });
    }
  });
}

it('there are cases, and each is in one column', () => {
  expect(tallies.length, `no cases in ${FOLDER}`).toBeGreaterThan(0);
  for (const { cases, counts, name } of tallies) expect(counts.reduce((sum, count) => sum + count, 0), name).toBe(cases);
});

afterAll(() => console.log(tableOf(tallies)));
