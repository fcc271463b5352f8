/** `warmup: auto`: what is cut of runs whose start is known. */
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import { simulate } from '../../src/run/run.ts';
import { pilotOf } from '../../src/run/pilot.ts';
import { pilotSeeds, RunTooShort, warmupOf } from '../../src/run/warmup.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { planFrom } from '../support/plan-from.ts';
import type { ScenarioObject } from '../support/random-scenario.ts';

const S = 1e9;

/** A queue that fills up for some seconds: each of 400 users asks, waits, and thinks a little. */
function closed(changes: ScenarioObject = {}): Plan {
  return planFrom({
    name: 'closed', duration: '60s', warmup: 'auto', replications: 3,
    services: { s: { concurrency: 10, queue: { limit: 'unlimited' }, latency: { exponential: '100ms' } } },
    traffic: [{ to: 's', users: 400, thinkTime: { exponential: '1s' } }],
    ...changes,
  });
}

function cutS(plan: Plan): number | null {
  const { cutNs } = warmupOf(plan, pilotSeeds(plan).map((seed) => pilotOf(plan, seed)));
  return cutNs === null ? null : cutNs / S;
}

test('is about as long as the queue takes to fill', () => {
  // 400 users at 100 requests a second: in the end 300 wait, 3 s each, so latency climbs for some 4 s.
  expect(cutS(closed())).toBeGreaterThan(2);
  expect(cutS(closed())).toBeLessThan(10);
});

test('is little or nothing where the first requests are like the last', () => {
  const plan = planFrom({ name: 'idle', duration: '60s', warmup: 'auto', services: { s: { latency: { uniform: ['1ms', '3ms'] } } }, traffic: [{ to: 's', rate: '50/s', arrivals: 'uniform' }] });
  expect(cutS(plan)).toBeLessThan(1);
});

test('is the same each time, stands in the result, and counts like a written one', () => {
  const plan = closed();
  const result = simulate(plan);
  expect(result.window.warmupMs).toBe(cutS(plan)! * 1000);
  const written = simulate({ ...plan, warmupNs: result.window.warmupMs * 1e6, isWarmupAuto: false });
  expect({ ...written, env: null }).toEqual({ ...result, env: null });
});

test('does not come from the runs that are counted', () => {
  expect(pilotSeeds(closed({ replications: 20 }))).toHaveLength(5);
  expect(pilotSeeds(closed())).not.toContain(1);
});

describe('is not found', () => {
  test.each<[string, ScenarioObject, RegExp]>([
    ['in a run that only climbs', { duration: '3s' }, /no steady state.* 3 s$/],
    ['under more load than there is capacity', { traffic: [{ to: 's', rate: '150/s' }] }, /no steady state/],
    ['before a fault that comes too early', { faults: [{ name: 'bad', at: '2s', target: 's', errors: '10%' }] }, /2 s before the fault `bad`$/],
    ['before a change of rate that comes too early', { traffic: [{ to: 's', name: 'rush', rate: '300/s', profile: [{ at: '4s', rate: '300/s' }, { at: '8s', rate: '10/s' }] }] }, /4 s before the rate of `rush` changes$/],
    ['of too few requests', { traffic: [{ to: 's', rate: '1/s' }] }, /no steady state/],
  ])('%s', (_, changes, message) => {
    const plan = closed(changes);
    expect(cutS(plan)).toBeNull();
    expect(() => simulate(plan)).toThrow(RunTooShort);
    expect(() => simulate(plan)).toThrow(message);
  });
});

test('is for what comes before the first fault, which makes no difference to it', () => {
  const faults = [{ name: 'bad', at: '30s', target: 's', crash: true }];
  expect(cutS(closed({ faults }))).toBe(cutS(closed({ duration: '30s' })));
});

describe('is a contradiction', () => {
  test.each([
    ['a fault from the start', 'faults: [ { target: s, errors: 5% } ]'],
    ['a ramp from the start', 'traffic: [ { to: s, profile: [ { at: 0s, rate: 1/s }, { at: 10s, rate: 9/s } ] } ]'],
  ])('with %s', (_, line) => {
    const traffic = line.startsWith('traffic') ? '' : 'traffic: [ { to: s, rate: 1/s } ]\n';
    const { problems } = parseScenario(`duration: 20s\nwarmup: auto\nservices: { s: { latency: 1ms } }\n${traffic}${line}\n`);
    expect(problems).toMatchObject([{ code: 'contradiction', path: 'warmup', line: 2, second: { line: expect.any(Number) } }]);
  });
});
