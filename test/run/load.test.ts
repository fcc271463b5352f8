import { expect, test } from 'vitest';
import { Stream } from '../../src/random/hash.ts';
import { withLoad } from '../../src/run/load.ts';
import { createArrivals } from '../../src/traffic/arrivals.ts';
import type { LoadPlan, Plan } from '../../src/model/plan.ts';
import { planFrom } from '../support/plan-from.ts';

const traffic = [
  { to: 'web', name: 'steady', rate: '100/s' },
  { to: 'web', name: 'rising', profile: [{ at: '0s', rate: '10/s' }, { at: '2s', rate: '50/s' }] },
  { to: 'web', name: 'people', users: 5, thinkTime: '1s' },
];
const plan = planFrom({ duration: '4s', services: { web: { latency: '1ms' } }, traffic });

function arrivalsOf({ traffic: sources }: Plan, source: number, count: number): number[] {
  const arrivals = createArrivals(sources[source]!.load, new Stream(1, 'arrivals'), source)!;
  return Array.from({ length: count }, () => {
    const at = arrivals.nextAt;
    arrivals.advance();
    return at;
  });
}

test('the n-th request of an open loop comes from the same draws, only sooner', () => {
  const before = arrivalsOf(plan, 0, 50);
  for (const [i, at] of arrivalsOf(withLoad(plan, 2.5), 0, 50).entries()) expect(Math.abs(at - before[i]! / 2.5)).toBeLessThanOrEqual(1);
});

test('each point of a profile is scaled, users are rounded, recordings are played faster', () => {
  const { traffic: [, rising, people] } = withLoad(plan, 1.1);
  expect((rising!.load as Extract<LoadPlan, { kind: 'open' }>).profile.map(({ ratePerS }) => Math.round(ratePerS))).toEqual(plan.traffic[1]!.load.kind === 'open' ? plan.traffic[1]!.load.profile.map(({ ratePerS }) => Math.round(ratePerS * 1.1)) : []);
  expect(people!.load).toMatchObject({ users: 6 });
  expect(withLoad(plan, 0.01).traffic[2]!.load).toMatchObject({ users: 1 });
  const recorded: Plan = { ...plan, traffic: [{ ...plan.traffic[0]!, load: { kind: 'recorded', offsetsNs: [0, 1000, 5000], classes: [0, 0, 0] } }] };
  expect(withLoad(recorded, 2).traffic[0]!.load).toMatchObject({ offsetsNs: [0, 500, 2500] });
});

test('users of several sources are as many together as they should be', () => {
  const crowd = { ...plan, traffic: [7, 7, 7].map((users) => ({ ...plan.traffic[2]!, load: { ...(plan.traffic[2]!.load as Extract<LoadPlan, { kind: 'closed' }>), users } })) };
  const usersAt = (factor: number): number[] => withLoad(crowd, factor).traffic.map(({ load }) => (load.kind === 'closed' ? load.users : 0));
  for (let all = 3; all < 60; all++) expect(usersAt(all / 21).reduce((sum, users) => sum + users)).toBe(all);
  expect(usersAt(0.01)).toEqual([1, 1, 1]);
});

test('sources that are not meant stay as they are', () => {
  const { traffic: [steady, ...others] } = withLoad(plan, 3, ({ name }) => name === 'steady');
  expect(others).toEqual(plan.traffic.slice(1));
  expect(steady!.load).toMatchObject({ profile: [{ ratePerS: 300 }] });
});
