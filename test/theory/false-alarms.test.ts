/**
 * A scenario against itself under other seeds: nothing differs but luck, so every row that is called better or worse is a false alarm.
 * At most 5 % of such tables may have one. `npm test` draws 100 tables, `npm run test:theory` 1,000.
 */
import { expect, test } from 'vitest';
import { compareSides } from '../../src/compare/compare.ts';
import type { Side } from '../../src/compare/side.ts';
import { planFrom } from '../support/plan-from.ts';
import { replicated, seedBlock } from '../support/replicated.ts';

const IS_FULL: boolean = process.env['MESHSIM_THEORY'] === 'full';
const TABLES = IS_FULL ? 1000 : 100;
const REPLICATIONS = 20;

/** Something of everything in 400 requests: a queue, failures of three kinds, retries, an uneven load. Short, because a run pays for each step of its series. */
const PLAN = planFrom({
  duration: '50ms',
  services: { web: { replicas: 2, concurrency: 2, queue: { limit: 3 }, latency: { exponential: '350us' }, errors: '3%', policy: 'standard' } },
  policies: { standard: { loadBalancer: 'random', timeout: '3ms', retries: { attempts: 1, on: '5xx', backoff: 0, budget: '20%' } } },
  traffic: [{ to: 'web', rate: '8000/s' }],
});

/** With the seeds of another, so that they are paired although they share no luck. */
function seededAs(side: Side, other: Side): Side {
  return { ...side, replications: side.replications.map((replication, i) => ({ ...replication, seed: other.replications[i]!.seed })) };
}

test(`of ${TABLES} tables without a difference at most one in twenty shows one`, { timeout: 1_800_000 }, () => {
  const alarms = { paired: 0, unpaired: 0 };
  const rows = new Map<string, number>();
  for (let table = 0; table < TABLES; table++) {
    const a = replicated('a', PLAN, seedBlock(2 * table, REPLICATIONS));
    const b = replicated('b', PLAN, seedBlock(2 * table + 1, REPLICATIONS));
    for (const [pairing, other] of [['paired', seededAs(b, a)], ['unpaired', b]] as const) {
      const comparison = compareSides([a, other], { minEffect: null });
      expect(comparison.sides[1]!.pairing).toBe(pairing);
      const alarmed = comparison.rows.filter(({ changes }) => changes[0]!.verdict === 'better' || changes[0]!.verdict === 'worse');
      if (alarmed.length > 0) alarms[pairing]++;
      for (const { metric } of alarmed) rows.set(`${pairing} ${metric}`, (rows.get(`${pairing} ${metric}`) ?? 0) + 1);
    }
  }
  console.log(`tables with a false alarm, of ${TABLES}: paired ${alarms.paired}, unpaired ${alarms.unpaired}; ${[...rows].map(([row, count]) => `${row} ${count}`).join(', ')}`);
  expect(alarms.paired).toBeLessThanOrEqual(TABLES / 20);
  expect(alarms.unpaired).toBeLessThanOrEqual(TABLES / 20);
});
