import { expect, test } from 'vitest';
import { parseScenario } from '../../src/scenario/parse.ts';
import { differingPaths } from '../../src/scenario/identity.ts';

const TEXT = `
name: shop
duration: 5s
services: { web: { latency: 1ms, policy: p } }
policies: { p: { loadBalancer: roundRobin } }
traffic: [{ to: web, rate: 10/s }]
`;

function resolved(text: string, set: Readonly<Record<string, string>> = {}): unknown {
  return parseScenario(text, { set: Object.entries(set).map(([path, value]) => ({ path, value })) }).resolved;
}

test('names, seeds, replications, thresholds and comments make no other system', () => {
  expect(differingPaths(resolved(TEXT), resolved(`# other\n${TEXT}thresholds: [errors rate < 1%]\n`, { name: 'other', seed: '7', replications: '9', description: 'x' }))).toEqual([]);
});

test('what differs is named by its path in the file, and one of another type as a whole', () => {
  expect(differingPaths(resolved(TEXT), resolved(TEXT, { 'policies.p.loadBalancer': 'random', 'traffic[0].rate': '20/s', duration: '6s' })))
    .toEqual(['duration', 'policies.p.loadBalancer', 'traffic[0].rate']);
});

test('what only one has is named, too', () => {
  expect(differingPaths({ a: 1, b: [1, 2] }, { b: [1], c: { d: 1 } })).toEqual(['a', 'b[1]', 'c']);
});
