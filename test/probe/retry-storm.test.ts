/**
 * The retry-storm family of `test/reference/resilience.json` (Bronson et al., Metastable Failures in Distributed Systems, HotOS
 * 2021): a database of 300/s, one retry on a timeout of 1 s, a partition of 10 s.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import { NS_PER_S } from '../../src/model/units.ts';
import { type Finding, findingOf, staysDown } from '../../src/probe/finding.ts';
import { figuresOf, planOf, queueTimesOf, type Trial } from '../../src/probe/trial.ts';
import { perform } from '../../src/run/perform.ts';
import { replicationSeeds } from '../../src/run/task.ts';
import { parseScenario } from '../../src/scenario/parse.ts';

const RUNS = 3;
const PARTITION: Trial = { trigger: { kind: 'fault', fault: 0 }, lengthNs: 10 * NS_PER_S, load: 1, watchNs: 300 * NS_PER_S, withoutRetries: [] };

function stormAt(rate: string, changes: Readonly<Record<string, string>> = {}): Plan {
  const set = Object.entries({ 'traffic.0.rate': rate, ...changes }).map(([path, value]) => ({ path, value }));
  const { plan, problems } = parseScenario(readFileSync('scenarios/retry-storm.yaml', 'utf8'), { set });
  if (plan === null) throw new Error(JSON.stringify(problems));
  return plan;
}

async function push(plan: Plan, trial: Trial): Promise<Finding> {
  const job = { plan: planOf(plan, trial), resolved: null, sha256: '' };
  const answers = await Promise.all(replicationSeeds(plan.seed, RUNS).map((seed) => perform({ job, seed, want: { kind: 'metrics', metrics: figuresOf(plan), queuesAt: queueTimesOf(plan, trial) } })));
  return findingOf(answers.map(({ queued, values }) => ({ figures: values, queued })));
}

describe('a partition of 10 s', () => {
  test('is recovered from at 140/s: twice that is less than the database can do', async () => {
    const finding = await push(stormAt('140/s'), PARTITION);
    expect(finding).toMatchObject({ down: 0, downBefore: 0 });
  });

  test.each(['160/s', '280/s'])('is the end at %s: twice that is more', async (rate) => {
    const finding = await push(stormAt(rate), PARTITION);
    expect(finding).toMatchObject({ down: RUNS, downBefore: 0 });
    expect(finding.lateShare).toBeLessThan(0.05);
    expect(finding.attempts[0]).toBeGreaterThan(1.9);
  });

  test('is recovered from at 260/s with a retry budget of 10 %', async () => {
    const finding = await push(stormAt('260/s', { 'policies.impatient.retries.budget': '{ ratio: 0.1, minPerSecond: 0 }' }), PARTITION);
    expect(finding).toMatchObject({ down: 0, downBefore: 0 });
  });

  test('is recovered from at 280/s where the edge may not retry, though it drains for long', async () => {
    const finding = await push(stormAt('280/s'), { ...PARTITION, withoutRetries: [0] });
    expect(staysDown(finding)).toBe(false);
  });

  test('leaves a queue that grows shorter, which is not down', async () => {
    const finding = await push(stormAt('280/s'), { ...PARTITION, watchNs: 60 * NS_PER_S, withoutRetries: [0] });
    expect(finding).toMatchObject({ down: 0, draining: RUNS });
  });
});

test('load that is too much for a while is a push, too', async () => {
  const spike: Trial = { ...PARTITION, trigger: { kind: 'load', times: 5 }, watchNs: 60 * NS_PER_S };
  expect(staysDown(await push(stormAt('280/s'), spike))).toBe(true);
  expect(staysDown(await push(stormAt('100/s'), { ...spike, lengthNs: 1 * NS_PER_S }))).toBe(false);
});
