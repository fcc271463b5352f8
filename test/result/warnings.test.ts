/** What a reader is told before the figures. */
import { describe, expect, test } from 'vitest';
import type { Result } from '../../src/result/result.ts';
import { simulate } from '../../src/run/run.ts';
import { planFrom } from '../support/plan-from.ts';

describe('good answers after the end of arrivals', () => {
  /** Three times what it can do: the last of its 3,000 requests are answered 20 s after arrivals have ended. */
  const backlog = (more: object): Result => simulate(planFrom({
    name: 'late', duration: '10s', drain: '60s',
    services: { a: { concurrency: 1, queue: { limit: 'unlimited' }, latency: '10ms' } },
    traffic: [{ to: 'a', rate: '300/s', arrivals: 'uniform', policy: { timeout: '60s' } }],
    ...more,
  }));
  const told = ({ warnings }: Result): string | undefined => warnings.find(({ code }) => code === 'late-answers')?.message;

  test('are a share of all', () => {
    expect(told(backlog({}))).toMatch(/^67 % of the good answers/);
  });

  test('are those to requests that were measured, as goodput is', () => {
    expect(told(backlog({ warmup: '9.5s' }))).toMatch(/^100 % of the good answers/);
  });

  test('are none where requests of the warm-up are answered late and the others not at all', () => {
    const impatient = backlog({ warmup: '9.5s', traffic: [{ to: 'a', rate: '300/s', arrivals: 'uniform', policy: { timeout: '15s' } }] });
    expect(impatient.totals.ok).toBe(0);
    expect(told(impatient)).toBeUndefined();
  });
});
