/** Requests on sockets are followed like simulated ones: as trees whose times add up. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CallTrace } from '../../src/result/result.ts';
import { perform } from '../../src/run/perform.ts';
import type { TraceLine } from '../../src/trace/sample.ts';
import { planFrom } from '../support/plan-from.ts';
import { temporaryFolder } from '../support/scenario-files.ts';

test('a real mesh is traced', async () => {
  const plan = planFrom({
    duration: '1200ms', drain: '1s',
    services: { web: { replicas: 2, latency: '2ms', concurrency: 'unlimited', calls: ['cart'] }, cart: { replicas: 2, latency: '20ms', concurrency: 'unlimited', policy: { retries: { attempts: 1, on: '5xx', backoff: { base: '5ms', jitter: 'none' } } } } },
    traffic: [{ name: 'users', to: 'web', rate: '100/s' }],
    faults: [{ at: '500ms', for: '300ms', target: 'cart/0', errors: { rate: '100%', after: 0 } }],
  });
  const file = join(temporaryFolder(), 'trace.ndjson');
  const { tail, totals } = await perform({ job: { plan, resolved: null, sha256: '' }, seed: 1, mode: { kind: 'real', timeScale: 1 }, trace: { file, share: 1 }, want: { kind: 'result' } });
  expect(tail!.requests).toBe(totals.requests);
  expect(tail!.services['cart']!.medianMs).toBeGreaterThan(15);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as TraceLine);
  expect(lines).toHaveLength(totals.requests);
  const attempts = ({ attempts: own }: CallTrace): CallTrace['attempts'] => own.flatMap((attempt) => [attempt, ...attempt.calls.flatMap(attempts)]);
  for (const { call, latencyMs, parts } of lines) {
    expect(Object.values(parts).reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(latencyMs, 6);
    // Sockets take time, and both services work.
    expect(Math.min(parts.network!, parts.service!)).toBeGreaterThan(0);
    for (const { answeredMs, arrivedMs, sentMs, startedMs, toMs } of attempts(call)) {
      const times = [sentMs, arrivedMs!, startedMs!, answeredMs!, toMs!];
      expect([...times].sort((one, other) => one - other)).toEqual(times);
    }
  }
  expect(lines.filter(({ parts }) => (parts.backoff ?? 0) > 0).length).toBe(totals.requests === 0 ? 0 : lines.filter(({ call }) => attempts(call).some(({ kind }) => kind === 'retry')).length);
});
