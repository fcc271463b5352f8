/** Why two runs under one seed treat a request differently, where only one thing can be the reason. */
import { describe, expect, test } from 'vitest';
import { runWhy } from '../../src/run/why.ts';
import type { Why } from '../../src/result/why.ts';
import { planFrom } from '../support/plan-from.ts';

const ERRORS = [{ name: 'sick', at: '2s', for: '5s', target: 's/0', errors: { rate: '60%', after: 0 } }];

/** One service under two policies. With one replica, or with hashes, nobody's picks shift those of others. */
function why(one: object, other: object, { faults = ERRORS, replicas = 1 }: { readonly faults?: readonly object[]; readonly replicas?: number } = {}): Omit<Why, 'sides'> {
  const plan = (policy: object) => planFrom({
    duration: '10s',
    services: { s: { replicas, latency: { exponential: '5ms' }, concurrency: 'unlimited', policy } },
    traffic: [{ name: 'c', to: 's', rate: '300/s', requests: [{ name: 'r', key: 'user-{{number.int({"max":1000})}}' }] }],
    faults,
  });
  return runWhy([plan(one), plan(other)], 1)!; // such runs do not end early
}

const RETRIES = { retries: { attempts: 2, on: '5xx', backoff: { base: '5ms', jitter: 'none' } } };

describe('the first decision that differs', () => {
  test('under one policy there is none', () => {
    const { causes, differing, examined, requests } = why(RETRIES, RETRIES);
    expect([causes, differing, examined]).toEqual([[], 0, requests]);
    expect(requests).toBeGreaterThan(2800);
  });

  test('is a retry that one side does not have', () => {
    const { causes, differing, examples } = why(RETRIES, {});
    expect(causes[0]).toMatchObject({ kind: 'notRetried', on: 1, edge: 'c->s', gained: 0 });
    expect(causes[0]!.detail).toBeUndefined();
    expect(causes[0]!.lost).toBeGreaterThan(0.5 * causes[0]!.requests);
    expect(causes[0]!.share).toBeGreaterThan(0.9);
    expect(causes.reduce((sum, { requests }) => sum + requests, 0)).toBe(differing);
    expect(examples[0]!.reference.call.attempts.length).toBeGreaterThan(examples[0]!.other.call.attempts.length);
  });

  test('or that its budget refused', () => {
    const { causes } = why(RETRIES, { retries: { ...RETRIES.retries, budget: { ratio: 0.01, minPerSecond: 0 } } });
    expect(causes[0]).toMatchObject({ kind: 'notRetried', on: 1, edge: 'c->s', detail: 'budget' });
  });

  test('is an endpoint that the other side kept away from', () => {
    const policy = { loadBalancer: { type: 'ringHash' } };
    const { causes } = why(policy, { ...policy, outlierDetection: { consecutive5xx: 3, interval: '200ms', baseEjectionTime: '10s', maxEjectionPercent: '50%' } }, { replicas: 4 });
    expect(causes[0]).toMatchObject({ kind: 'avoided', on: 1, edge: 'c->s', endpoint: 's/0', lost: 0 });
    expect(causes[0]!.gained).toBeGreaterThan(50);
  });

  test('is what the balancer picked', () => {
    const { causes } = why({ loadBalancer: 'roundRobin' }, { loadBalancer: 'random' }, { replicas: 4, faults: [{ at: '1s', for: '8s', target: 's/0', latency: { multiply: 10 } }] });
    for (const { kind, on } of causes) expect([kind, on]).toEqual(['picked', null]);
    expect(causes[0]).toMatchObject({ endpoint: 's/0' });
    expect(causes[0]!.changeMs).toBeLessThan(-20);
  });

  test('is a refusal', () => {
    const { causes } = why({}, { rateLimit: { rate: '100/s', burst: 1 } });
    expect(causes.find(({ kind }) => kind === 'refused')).toMatchObject({ on: 1, edge: 'c->s', detail: 'rateLimited', gained: 0 });
  });

  test('is a hedge, which side has it', () => {
    const hedged = { hedge: { after: '10ms', budget: '100%' } };
    expect(why(hedged, {}, { faults: [] }).causes[0]).toMatchObject({ kind: 'notHedged', on: 1, edge: 'c->s' });
    const { causes } = why({}, hedged, { faults: [] });
    expect(causes[0]).toMatchObject({ kind: 'notHedged', on: 0, edge: 'c->s' });
    expect(causes[0]!.changeMs).toBeLessThan(0);
  });

  test('is patience', () => {
    const { causes } = why({ timeout: '100ms' }, { timeout: '15ms' }, { faults: [] });
    expect(causes[0]).toMatchObject({ kind: 'gaveUpEarlier', on: 1, edge: 'c->s', gained: 0 });
    expect(causes[0]!.changeMs).toBeLessThan(0);
  });

  test('lies in the call where it was taken', () => {
    const plan = (policy: object) => planFrom({
      duration: '10s',
      services: { web: { latency: '1ms', concurrency: 'unlimited', calls: ['mid'] }, mid: { latency: '1ms', concurrency: 'unlimited', calls: [{ service: 's', policy }] }, s: { latency: '5ms', concurrency: 'unlimited' } },
      traffic: [{ name: 'c', to: 'web', rate: '300/s' }],
      faults: ERRORS,
    });
    const { causes } = runWhy([plan({}), plan(RETRIES)], 1)!;
    expect(causes[0]).toMatchObject({ kind: 'notRetried', on: 0, edge: 'mid->s#1', lost: 0 });
  });
});
