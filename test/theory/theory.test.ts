/**
 * The engine against values that do not come from it. `npm test` runs about a third of the cases with fewer
 * requests (tolerances widen by their own law); `npm run test:theory` runs all with at least a million where
 * the tolerance says so.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { type Case, readFamilies, type Tolerance } from './reference.ts';
import { check, REPLICATIONS, type Report } from './suite.ts';

const IS_FULL: boolean = process.env['MESHSIM_THEORY'] === 'full';
const SEED = Number(process.env['MESHSIM_THEORY_SEED'] ?? 1);
const reports: Report[] = [];
let left = 0;

for (const { family, cases } of readFamilies()) {
  describe(`reference values: ${family}`, () => {
    for (const [index, theCase] of cases.entries()) {
      if (!IS_FULL && !isQuick(theCase, index)) {
        left++;
        continue;
      }
      it(theCase.name, { timeout: 600_000 }, (context) => {
        const report = check(theCase, { n: requestsFor(theCase), seed: SEED });
        reports.push(report);
        expect(report.failures).toEqual([]);
        if (report.status === 'not expressible') context.skip(report.unjudged.join('; '));
      });
    }
  });
}

afterAll(() => console.log(`${tableOf(reports)}${left === 0 ? '' : `; ${left} cases left to npm run test:theory`}`));

/** What is cheap, and every third of the others. */
function isQuick(theCase: Case, index: number): boolean {
  const { scenario } = theCase;
  const isCheap = scenario.topology === undefined && scenario.outage_s === undefined;
  return isCheap || (index % 3 === 0 && requestsBehind(theCase) <= 8e6 && !theCase.expected.every(({ tolerance }) => needsMillion(tolerance)));
}

function needsMillion(tolerance: Tolerance): boolean {
  return 'why' in tolerance && /n >= 1e6/.test(tolerance.why ?? '');
}

/** Requests behind a value that another simulation measured; 0 for theory. */
function requestsBehind({ expected }: Case): number {
  const stated = expected.map(({ tolerance }) => /(\d+) x (\d+) requests/.exec('why' in tolerance ? (tolerance.why ?? '') : ''));
  return Math.max(0, ...stated.map((found) => (found === null ? 0 : Number(found[1]) * Number(found[2]))));
}

/** Recorded in each run. */
function requestsFor(theCase: Case): number {
  const { scenario } = theCase;
  if (IS_FULL && requestsBehind(theCase) > 0) return requestsBehind(theCase) / REPLICATIONS;
  const leaves = Number(/to (\d+) (?:idle )?leaves/.exec(String(scenario.topology))?.[1] ?? 1);
  const n = IS_FULL ? 1_050_000 : 150_000;
  // Every request fails in the same way.
  if (scenario.failure_probability === 1) return 10_000;
  // Tolerances of fan-outs follow n, so they can be short: each request is as many calls as there are leaves.
  return leaves === 1 ? n : Math.ceil((IS_FULL ? 10 : 1) * (2_000_000 / leaves));
}

function tableOf(rows: readonly Report[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const count = (status: Report['status']): number => rows.filter((row) => row.status === status).length;
  const lines = rows.flatMap(({ name, status, passed, failures, unjudged, wallMs }) => [
    `${name.padEnd(width)}  ${status.padEnd(15)}  ${status === 'not expressible' ? unjudged.join('; ') : `${passed} metrics, ${(wallMs / 1000).toFixed(1)} s`}`,
    ...failures.map((text) => `${' '.repeat(width)}  ${'failed'.padEnd(15)}  ${text}`),
    ...(status === 'not expressible' ? [] : unjudged.map((text) => `${' '.repeat(width)}  ${'not judged'.padEnd(15)}  ${text}`)),
  ]);
  return [...lines, `${count('passed')} passed, ${count('failed')} failed, ${count('not expressible')} not expressible, of ${rows.length}`].join('\n');
}
