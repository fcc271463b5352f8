/**
 * The engine's policies against facts about the products they copy. A topic of the folder without a line in the
 * registry is listed as not applicable, and red when the folder is ours: nothing is skipped without a name.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { differences } from './compare.ts';
import { topics } from './registry.ts';
import type { Case, Topic } from './topic.ts';
import { readVectors } from './vectors.ts';

interface Tally {
  readonly name: string;
  passed: number;
  readonly failed: string[];
  readonly notApplicable: string[];
}

const IS_OWN_FOLDER: boolean = process.env['MESHSIM_VECTORS'] === undefined;
const tallies: Tally[] = [];

for (const { name, system, cases } of readVectors()) {
  const topic = topics[name];
  const tally: Tally = { name, passed: 0, failed: [], notApplicable: [] };
  tallies.push(tally);
  if (topic === undefined || typeof topic === 'string') {
    const reason = topic ?? 'no runner';
    tally.notApplicable.push(...cases.map(() => reason));
    if (topic === undefined && IS_OWN_FOLDER) it(`${name} has a runner or a reason`, () => expect.fail(reason));
    continue;
  }
  describe(name, () => {
    for (const theCase of cases) {
      const reason = topic.notApplicable?.[theCase.name];
      if (reason !== undefined) {
        tally.notApplicable.push(reason);
        it.skip(`${theCase.name}: ${reason}`);
        continue;
      }
      const dispute = topic.disputed?.[theCase.name];
      it(dispute === undefined ? theCase.name : `${theCase.name} (disputed: ${dispute})`, () => {
        const wrong = judge(topic, system, theCase);
        if (wrong.length === 0) tally.passed++;
        else tally.failed.push(`${theCase.name}: ${dispute === undefined ? '' : `disputed, ${dispute}: `}${wrong.join('; ')}`);
        if (dispute === undefined) expect(wrong, theCase.source).toEqual([]);
        else expect(wrong, 'no longer differs: take it off the list of disputed cases').not.toEqual([]);
      });
    }
  });
}

afterAll(() => console.log(tableOf(tallies)));

function judge(topic: Topic, system: string, theCase: Case): string[] {
  const { relative = system === 'envoy' ? 0 : 1e-9, absolute = 0 } = topic.tolerance ?? {};
  const tolerance = theCase.tolerance === undefined ? { relative, absolute } : { relative: 0, absolute: theCase.tolerance };
  return differences(theCase.expected, topic.run(theCase.input, theCase), tolerance);
}

function tableOf(rows: readonly Tally[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const line = (name: string, cells: readonly (string | number)[]): string => name.padEnd(width) + cells.map((cell) => String(cell).padStart(16)).join('');
  const sum = (count: (row: Tally) => number): number => rows.reduce((total, row) => total + count(row), 0);
  const [passed, failed, left] = [sum((row) => row.passed), sum((row) => row.failed.length), sum((row) => row.notApplicable.length)];
  return [
    line('topic', ['passed', 'failed', 'not applicable']),
    ...rows.flatMap((row) => [
      line(row.name, [row.passed, row.failed.length, row.notApplicable.length]),
      ...row.failed.map((text) => `${' '.repeat(width)}  failed: ${text}`),
      ...[...new Set(row.notApplicable)].map((reason) => `${' '.repeat(width)}  not applicable: ${reason}`),
    ]),
    `${passed} passed, ${failed} failed, ${left} not applicable, of ${passed + failed + left}`,
  ].join('\n');
}
