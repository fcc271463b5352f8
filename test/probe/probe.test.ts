/** What a probe makes of runs that do not agree. */
import { expect, test } from 'vitest';
import { NS_PER_S } from '../../src/model/units.ts';
import type { Finding } from '../../src/probe/finding.ts';
import { probe } from '../../src/probe/probe.ts';
import { type ProbeReport, reportOf } from '../../src/probe/report.ts';
import type { Trial } from '../../src/probe/trial.ts';
import { figuresOf, verdictOf } from '../../src/report/probe/terminal.ts';
import { planFrom } from '../support/plan-from.ts';

const plan = planFrom({
  name: 'two-minds', duration: '60s', services: { web: { latency: '10ms' } }, traffic: [{ to: 'web', rate: '100/s' }],
  faults: [{ name: 'cut', at: '10s', for: '5s', target: 'web', crash: true }],
});
const limits = { triggers: [{ kind: 'fault', fault: 0 } as const], shortestNs: 0.1 * NS_PER_S, longestNs: 60 * NS_PER_S, lookNs: 60 * NS_PER_S, watchNs: 300 * NS_PER_S };

/** @param downAfter  of the five runs of a trial, how many stay down */
function probed(downAfter: (trial: Trial) => number): ProbeReport {
  const search = probe(plan, limits);
  for (let step = search.next(); ; ) {
    if (step.done === true) return reportOf(step.value, { plan, sha256: '', runs: 5, watchNs: limits.watchNs, longestNs: limits.longestNs });
    step = search.next(step.value.map((trial): Finding => ({ runs: 5, down: downAfter(trial), draining: 0, downBefore: 0, recoveryNs: NS_PER_S, lateShare: 1, attempts: [1] })));
  }
}

const isLong = ({ lengthNs, trigger }: Trial): boolean => trigger.kind !== 'none' && lengthNs >= 10 * NS_PER_S;

test('a push from which two of five runs stay down is not recovered from, and is told as that', () => {
  const report = probed((trial) => (isLong(trial) ? 2 : 0));
  expect(report).toMatchObject({ verdict: 'metastable', pushes: [{ down: 2 }], load: { safeUpTo: null, downFrom: null } });
  // Wilson's for 2 of 5.
  expect(verdictOf(report)).toMatchObject({ word: 'METASTABLE', detail: expect.stringMatching(/and it stays down, 2 of 5 runs \(12 to 77 %\)$/) });
});

test('where all runs agree nothing is said of them', () => {
  expect(verdictOf(probed((trial) => (isLong(trial) ? 5 : 0))).detail).toMatch(/after that is over$/);
  expect(verdictOf(probed(() => 0)).word).toBe('RECOVERS');
});

test('a load at which one run falls over by itself is no load that it stands', () => {
  const report = probed(({ load }) => (load > 1.5 ? 1 : 0));
  expect(report).toMatchObject({ verdict: 'recovers', load: { downThere: 1 } });
  expect(figuresOf(report)[1]!.versions[0]).toMatch(/falls over by itself, 1 of 5 runs \(4 to 62 %\)$/);
  expect(verdictOf(probed(() => 1))).toMatchObject({ word: 'DOWN', detail: '1 of 5 runs (4 to 62 %): down at 100/s even without a trigger' });
});
