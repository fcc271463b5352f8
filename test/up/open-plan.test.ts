/** Every service of a mesh that is up can be called, under the policy that its callers have. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseScenario } from '../../src/scenario/parse.ts';
import { ClassMatch } from '../../src/up/class-match.ts';
import { openPlan, withIngress } from '../../src/up/open-plan.ts';
import { planFrom } from '../support/plan-from.ts';

const shipped = readdirSync('scenarios').filter((name) => name.endsWith('.yaml'));

describe.each(shipped)('%s', (file) => {
  const { plan, resolved } = parseScenario(readFileSync(`scenarios/${file}`, 'utf8'), { file });
  const opened = parseScenario(withIngress(resolved, plan!), { file }).plan!;

  test('keeps what it has, and has a source for each service', () => {
    const byName = new Map(opened.edges.map((edge) => [edge.name, edge]));
    for (const { name, policy } of plan!.edges) expect(byName.get(name)!.policy).toEqual(policy);
    expect(opened.services).toMatchObject(plan!.services.map(({ name, replicas }) => ({ name, replicas })));
    expect(opened.traffic.slice(0, plan!.traffic.length)).toMatchObject(plan!.traffic.map(({ classes, load, name }) => ({ classes, load, name })));
    for (const service of opened.services.keys()) {
      const sources = opened.traffic.filter(({ edge }) => opened.edges[edge]!.to === service);
      expect(sources.length).toBeGreaterThan(0);
      const usual = plan!.edges.find(({ name, to }) => to === service && !name.includes('#'));
      if (usual !== undefined) expect(opened.edges[sources[0]!.edge]!.policy).toEqual(usual.policy);
    }
  });

  test('sends nothing of itself unless told to', () => {
    const quiet = openPlan(opened, { traffic: false, faults: false });
    expect(quiet.traffic.every(({ load }) => load.kind === 'recorded' && load.offsetsNs.length === 0)).toBe(true);
    expect(quiet.faults.map(({ name, windows }) => [name, windows])).toEqual(plan!.faults.map(({ name }) => [name, []]));
    expect([quiet.durationNs, quiet.thresholds]).toEqual([Infinity, []]);
    const loud = openPlan(opened, { traffic: true, faults: true });
    expect([loud.traffic, loud.faults]).toEqual([opened.traffic, opened.faults]);
  });
});

test('a name that is taken is given to no source', () => {
  const scenario = { duration: '1s', services: { web: { latency: '1ms' }, 'ingress-web': { latency: '1ms' } }, traffic: [{ to: 'ingress-web', name: 'users', rate: '1/s' }] };
  const { resolved } = parseScenario(JSON.stringify(scenario));
  expect(parseScenario(withIngress(resolved, planFrom(scenario))).plan!.traffic.map(({ name }) => name)).toEqual(['users', 'ingress-web-']);
});

describe('the class of a request from outside', () => {
  const plan = planFrom({
    duration: '1s',
    services: { web: { latency: '1ms' }, other: { latency: '1ms' } },
    traffic: [
      { to: 'other', name: 'elsewhere', rate: '1/s', requests: [{ name: 'list', path: '/list' }] },
      { to: 'web', name: 'people', rate: '1/s', requests: [{ name: 'list', path: '/list' }, { name: 'buy', method: 'POST', path: '/orders/{{string.uuid}}/items' }, { name: 'find', path: '/find?q=a.b' }] },
      { to: 'web', name: 'robots', rate: '1/s', requests: [{ name: 'post', method: 'POST', path: '/list' }, { name: 'any', path: '/{{string.uuid}}{{string.uuid}}' }] },
    ],
  });
  const classes = new ClassMatch(plan, 0);

  test.each([
    ['GET', '/list', 'people list'],
    ['GET', '/list?page=2', 'people list'],
    ['POST', '/list', 'robots post'],
    ['POST', '/orders/1b4e28ba/items', 'people buy'],
    ['DELETE', '/orders/1b4e28ba/items?x=1', 'people buy'],
    ['POST', '/orders/a/b/items', 'people list'],
    ['GET', '/find?q=a.b', 'people find'],
    ['GET', '/find?q=a-b', 'robots any'],
    ['GET', '/', 'people list'],
    ['PUT', '/nothing/like/it', 'people list'],
  ])('%s %s is %s', (method, path, expected) => {
    const { requestClass, source } = classes.of(method, path);
    expect(`${plan.traffic[source]!.name} ${plan.traffic[source]!.classes[requestClass]!.name}`).toBe(expected);
  });
});
