import { describe, expect, it } from 'vitest';
import type { EdgePlan, Plan } from '../../src/model/plan.ts';
import { parseScenario } from '../../src/scenario/parse.ts';

function planOf(services: object, traffic: object = { to: 'web', name: 'users', rate: '300/s' }, policies: object = {}): { readonly plan: Plan; readonly messages: readonly string[] } {
  const { plan, problems } = parseScenario(JSON.stringify({ duration: '60s', zones: ['a', 'b'], services, policies, traffic: [traffic] }));
  if (plan === null) throw new Error(problems.map(({ message }) => message).join('\n'));
  return { plan, messages: problems.map(({ message }) => message) };
}

const edgeNamed = ({ edges }: Plan, name: string): EdgePlan => edges.find((edge) => edge.name === name)!;
const backendsOf = (plan: Plan, name: string): unknown => edgeNamed(plan, name).split?.backends.map(({ edge, weight }) => [plan.edges[edge]!.name, weight]);

describe('a split', () => {
  const route = [{ split: { web: 90, canary: 10 } }];

  it('makes an edge to each backend, of the same callers and under its own policy', () => {
    const { plan } = planOf({ web: { latency: '1ms', routes: route, policy: 'slow' }, canary: { latency: '1ms', policy: 'quick' } }, undefined, { slow: { split: 'available', timeout: '1s' }, quick: { timeout: '1ms' } });
    expect(backendsOf(plan, 'users->web')).toEqual([['users->web', 90], ['users->canary', 10]]);
    expect(edgeNamed(plan, 'users->web').split!.mode).toBe('available');
    expect(edgeNamed(plan, 'users->canary')).toMatchObject({ from: { kind: 'traffic', index: 0 }, split: null, policy: { name: 'quick' }, callerZones: [0] });
  });

  it('shares an edge with calls that are made to the backend anyway', () => {
    const { plan } = planOf({ web: { latency: '1ms', calls: ['cart', 'next'] }, cart: { latency: '1ms', routes: [{ split: { next: 1 } }] }, next: { latency: '1ms' } });
    expect(plan.edges.map(({ name }) => name)).toEqual(['users->web', 'web->cart', 'web->next']);
    expect(backendsOf(plan, 'web->cart')).toEqual([['web->next', 1]]);
    expect(edgeNamed(plan, 'web->cart').policy.split).toBe('fixed');
  });

  it('is not split again where a backend has one of its own', () => {
    const { plan } = planOf({ web: { latency: '1ms', routes: route }, canary: { latency: '1ms', routes: [{ split: { last: 1 } }] }, last: { latency: '1ms' } });
    expect(edgeNamed(plan, 'users->canary').split).toBeNull();
    expect(plan.edges).toHaveLength(2);
  });

  it('sends the load to the backends', () => {
    const slow = { latency: '10ms', concurrency: 1 };
    expect(planOf({ web: { ...slow, routes: [{ split: { web: 1, canary: 2 } }] }, canary: slow }).messages).toContain('`canary` is offered more work than it can do: 200/s x 10ms = 2 slots busy, and there are 1 x 1 = 1');
  });

  it('has one route that counts', () => {
    expect(planOf({ web: { latency: '1ms', routes: [...route, ...route] }, canary: { latency: '1ms' } }).messages).toContain('the route before it takes all calls');
  });
});

describe('callers', () => {
  it('have their zones on each edge', () => {
    const { plan } = planOf({ web: { latency: '1ms', replicas: 3, calls: ['cart'] }, cart: { latency: '1ms', zones: ['b'] } }, { to: 'web', name: 'users', rate: '1/s', clients: 2, zones: ['b'] });
    expect(plan.edges.map(({ name, callerZones }) => [name, callerZones])).toEqual([['users->web', [1, 1]], ['web->cart', [0, 1, 0]]]);
  });
});
