import { expect, test } from 'vitest';
import { onPresentMesh } from '../../src/check/kept.ts';
import type { ScenarioDocument } from '../../src/scenario/document.ts';

const FILE: ScenarioDocument = {
  duration: '10s',
  services: { web: { replicas: 3, latency: '5ms', calls: ['cart', 'ads'] }, cart: { replicas: 2, latency: '5ms' }, ads: { latency: '5ms' } },
  policies: { default: { retries: 2 } },
  traffic: [{ to: 'web', name: 'browse', rate: '100/s' }],
  thresholds: ['errors rate < 1%'],
};
const KEPT: ScenarioDocument = {
  ...FILE,
  services: { web: { replicas: 2, latency: '5ms', calls: 'cart' }, cart: { latency: '9ms' } },
  faults: [{ target: 'web/1', crash: true }],
};

test('services and policies are those of the file, load and faults those that were kept', () => {
  expect(onPresentMesh({ ...KEPT, policies: {} }, FILE)).toEqual({
    ...KEPT,
    services: { web: { replicas: 3, latency: '5ms', calls: 'cart' }, cart: { replicas: 2, latency: '5ms' } },
    policies: { default: { retries: 2 } },
  });
});

test.each<readonly [string, ScenarioDocument['services']]>([
  ['removed', { web: { replicas: 3, latency: '5ms' } }],
  ['renamed', { web: { replicas: 3, latency: '5ms', calls: 'basket' }, basket: { replicas: 2, latency: '5ms' } }],
])('a failure of a service that was %s since is outdated', (_, services) => {
  expect(onPresentMesh(KEPT, { ...FILE, services })).toBeNull();
});

test('and so is that of a threshold that is not asked for any more', () => {
  expect(onPresentMesh(KEPT, { ...FILE, thresholds: ['errors rate < 2%'] })).toBeNull();
});
