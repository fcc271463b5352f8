import { expect, test } from 'vitest';
import { simulate } from '../../src/run/run.ts';
import { parseScenario } from '../../src/scenario/parse.ts';

test('a threshold with `abort` ends a run at the next simulated second, however few events there are', () => {
  const { plan } = parseScenario(`
duration: 300s
services: { s: { latency: 1ms, errors: 100% } }
traffic: [ { to: s, rate: 2/s } ]
thresholds: [ { expr: errors rate < 10%, abort: true, after: 5s } ]
`);
  const { complete, window, thresholds } = simulate(plan!);
  expect(complete).toBe(false);
  expect(window.endMs).toBe(5000);
  expect(thresholds[0]!.judged).toBe('fail');
});
