/** A run as JUnit XML: a suite for the scenario, a case for each threshold, each invariant that was broken and for each figure that was compared with a baseline. */
import { counted } from '../model/grouped.ts';
import type { Result, ThresholdResult } from '../result/result.ts';
import { comparisonCases } from './comparison/junit.ts';
import { junitXml, type TestCase } from './junit-xml.ts';
import type { Reporter } from './reporter.ts';
import { markOf, verdictsOf } from './summary.ts';
import { sentenceOn } from './threshold-text.ts';

export const junitReporter: Reporter = {
  doc: 'A test case for each threshold and compared figure, as JUnit XML.',
  file: null,
  render(result, { again, comparison }) {
    return junitXml({
      name: result.scenario.name,
      properties: propertiesOf(result, again),
      cases: [...completenessOf(result), ...invariantCases(result, again), ...result.thresholds.map((threshold) => caseOf(threshold, again)), ...(comparison === undefined ? [] : comparisonCases(comparison, again))],
    });
  },
};

function propertiesOf({ seed, reps, mode, meshsim, digest, scenario }: Result, again: string): Record<string, string> {
  return { seed: String(seed), reps: String(reps.length), command: again, mode, meshsim, 'scenario.sha256': scenario.sha256, digest };
}

/** What held until a run was stopped has not passed. */
function completenessOf(result: Result): TestCase[] {
  const [first] = verdictsOf(result);
  return result.complete ? [] : [{ name: 'the run is complete', fault: { kind: 'error', type: 'partial', message: first!.detail } }];
}

/** One for each that was broken, and one for all others: a result names no invariant that held. */
function invariantCases({ invariants }: Result, again: string): TestCase[] {
  if (invariants === undefined) return [];
  const broken = [...new Set(invariants.violations.map(({ invariant }) => invariant))];
  const held = invariants.checked - broken.length;
  return [
    ...broken.map((name): TestCase => {
      const [first, ...more] = invariants.violations.filter(({ invariant }) => invariant === name).map(({ message }) => message);
      return { name: `invariant ${name}`, fault: { kind: 'failure', type: 'invariant', message: first!, details: [...more, `again: ${again}`].join('\n') } }; // a name is that of one at least
    }),
    ...(held > 0 ? [{ name: broken.length === 0 ? 'all invariants' : 'all other invariants', note: counted(held, 'invariant') }] : []),
  ];
}

function caseOf(threshold: ThresholdResult, again: string): TestCase {
  const { expr, pass, judged } = threshold;
  const sentence = sentenceOn(threshold);
  if (!pass) return { name: expr, fault: { kind: 'failure', type: judged.replaceAll(' ', '-'), message: sentence, details: `again: ${again}` } };
  return { name: expr, ...(markOf(threshold) === 'unsure' ? { note: `~ ${sentence}` } : {}) };
}
