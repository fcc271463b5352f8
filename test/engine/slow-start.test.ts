/** When slow start scales weights, and when picks go by schedule: `EdfLoadBalancerBase` in Envoy's load_balancer_impl.cc, 1.38. */
import { describe, expect, it } from 'vitest';
import { SlowStart, type SlowStartOptions } from '../../src/engine/balance/slow-start.ts';
import type { Balancer } from '../../src/engine/balance/balancer.ts';
import { balancerKinds } from '../../src/engine/balance/kinds.ts';
import { createBalancer } from '../../src/engine/balance/registry.ts';
import { EndpointSet } from '../../src/engine/endpoints.ts';
import { Stream } from '../../src/random/hash.ts';
import { Sequence } from '../../src/random/sequence.ts';
import { defaultsOf } from '../support/defaults.ts';

const S = 1e9;
const options: SlowStartOptions = { window: 60 * S, aggression: 1, minWeight: 0.1 };

function balancerOf(name: 'roundRobin' | 'leastRequest', set: EndpointSet): Balancer {
  return createBalancer({ kind: name, options: defaultsOf(balancerKinds[name].options) }, { set, random: new Sequence(new Stream(1, 'pick'), 0), slowStart: options });
}

/** As a health check does that passes again. */
function join(set: EndpointSet, endpoint: number, now: number): void {
  set.joinedAt[endpoint] = now;
  set.setReady(endpoint, true);
}

const shareOf = (balancer: Balancer, endpoint: number, now: number, picks = 2000): number => Array.from({ length: picks }, () => balancer.pick(now, 0, 0)).filter((pick) => pick === endpoint).length / picks;

describe.each(['roundRobin', 'leastRequest'] as const)('slow start under %s', (name) => {
  it('gives an endpoint that passes health checks again little, then more, then its part', () => {
    const set = new EndpointSet([1, 1, 1], 0);
    const balancer = balancerOf(name, set);
    set.setReady(2, false);
    balancer.pick(100 * S, 0, 0);
    join(set, 2, 200 * S);
    // Weights 1, 1 and 0.1; then 0.5; then 1.
    expect(shareOf(balancer, 2, 201 * S)).toBeCloseTo(0.1 / 2.1, 2);
    expect(shareOf(balancer, 2, 230 * S)).toBeCloseTo(0.5 / 2.5, 2);
    expect(shareOf(balancer, 2, 260 * S)).toBeCloseTo(1 / 3, 2);
  });

  it('does not begin anew when an ejection ends', () => {
    const set = new EndpointSet([1, 1, 1], 0);
    const balancer = balancerOf(name, set);
    set.setReady(2, false);
    balancer.pick(100 * S, 0, 0);
    set.setReady(2, true);
    expect(shareOf(balancer, 2, 201 * S)).toBeCloseTo(1 / 3, 1);
  });

  it('leaves shares alone at the start, when all are new', () => {
    const set = new EndpointSet([1, 1, 1], 0);
    expect(shareOf(balancerOf(name, set), 1, 5 * S)).toBeCloseTo(1 / 3, 2);
  });

  it('multiplies weights', () => {
    const set = new EndpointSet([1, 3], 0);
    const balancer = balancerOf(name, set);
    join(set, 1, 200 * S);
    expect(shareOf(balancer, 1, 220 * S)).toBeCloseTo(1 / 2, 2);
  });
});

describe('slow start', () => {
  it('is on from the last join that was seen to, for the whole window and its last millisecond', () => {
    const set = new EndpointSet([1, 1], 0);
    const start = new SlowStart(set, options);
    expect([0, 60, 60.0009, 60.001].map((s) => start.isOn(s * S))).toEqual([true, true, true, false]);
    join(set, 0, 100 * S);
    expect(start.isOn(101 * S)).toBe(false);
    start.refresh(101 * S);
    expect([101, 160, 161].map((s) => start.isOn(s * S))).toEqual([true, true, false]);
  });

  it('does not see to a join of an endpoint that is not ready, or of one whose window is over', () => {
    const set = new EndpointSet([1, 1], 0);
    const start = new SlowStart(set, options);
    set.joinedAt[0] = 100 * S;
    set.setReady(0, false);
    start.refresh(101 * S);
    expect(start.isOn(101 * S)).toBe(false);
    set.setReady(0, true);
    start.refresh(161 * S);
    expect(start.isOn(161 * S)).toBe(false);
  });

  it('leaves an endpoint that is not ready its whole weight, in panic', () => {
    const set = new EndpointSet([1, 1], 1);
    const start = new SlowStart(set, options);
    set.setReady(0, false);
    expect(set.panic).toBe(true);
    expect([start.scaled(4, 0, 6 * S), start.scaled(4, 1, 6 * S)]).toEqual([4, 0.4]);
  });

  it('counts an age below a millisecond as one', () => {
    const start = new SlowStart(new EndpointSet([1], 0), { window: 1 * S, aggression: 1, minWeight: 0 });
    expect(start.scaled(1, 0, 10)).toBe(0.001);
  });
});

describe('round robin', () => {
  it('keeps one place among the ready and another among all, in panic', () => {
    const set = new EndpointSet([1, 1, 1, 1], 0.5);
    const balancer = createBalancer({ kind: 'roundRobin', options: {} }, { set, random: new Sequence(new Stream(5, 'pick'), 0) });
    const first = balancer.pick(0, 0, 0);
    balancer.pick(0, 0, 0);
    for (const endpoint of [0, 1, 2]) set.setReady(endpoint, false);
    expect(set.panic).toBe(true);
    expect(balancer.pick(0, 0, 0)).toBe(first);
    for (const endpoint of [0, 1, 2]) set.setReady(endpoint, true);
    expect(balancer.pick(0, 0, 0)).toBe((first + 2) % 4);
  });
});
