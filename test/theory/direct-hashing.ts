/** Consistent hashing: rings, tables and bounded loads, driven by themselves. */
import { balancerKinds } from '../../src/engine/balance/kinds.ts';
import { type EndpointShares, sharesOf } from '../../src/engine/balance/endpoint-shares.ts';
import { layRing } from '../../src/engine/balance/hash-ring.ts';
import { fillTable } from '../../src/engine/balance/maglev-table.ts';
import { createBalancer } from '../../src/engine/balance/registry.ts';
import { EndpointSet } from '../../src/engine/endpoints.ts';
import { Stream } from '../../src/random/hash.ts';
import { Sequence } from '../../src/random/sequence.ts';
import { defaultsOf } from '../support/defaults.ts';
import { lehmer } from '../support/lehmer.ts';
import type { Answers } from './direct.ts';
import type { CaseScenario } from './reference.ts';

/** Shares of the key space, over rings that differ by the names of their endpoints. */
export function ringShares(scenario: CaseScenario): Answers {
  const { endpoints = 0 } = scenario;
  const entries = endpoints * Number(scenario['virtual_nodes_per_endpoint']);
  const rings = entries > endpoints ? 400 : 20_000;
  const shares = Array.from({ length: rings }, (_, ring) => {
    const laid = layRing(equal(endpoints), (endpoint) => `10.${ring}.0.${endpoint}:80`, { minRingSize: entries, maxRingSize: entries, hashFunction: 'xxHash' });
    const own = new Array<number>(endpoints).fill(0);
    // An entry has what lies between the one before and itself; the first one has what is beyond the last as well.
    const place = (entry: number): number => laid.hi[entry]! / 2 ** 32 + laid.lo[entry]! / 2 ** 64;
    for (let entry = 0; entry < laid.size; entry++) own[laid.owners[entry]!]! += entry === 0 ? 1 + place(0) - place(laid.size - 1) : place(entry) - place(entry - 1);
    return own;
  });
  const all = shares.flat();
  const mean = all.reduce((sum, share) => sum + share, 0) / all.length;
  const deviation = Math.sqrt(all.reduce((sum, share) => sum + (share - mean) ** 2, 0) / all.length);
  return {
    mean_share: { value: mean, n: all.length },
    share_rel_sd: { value: deviation / mean, n: all.length },
    expected_max_over_mean: { value: shares.reduce((sum, own) => sum + Math.max(...own), 0) / rings / mean, n: rings },
  };
}

export function tableSlots(scenario: CaseScenario): Answers {
  const { endpoints = 0 } = scenario;
  const size = Number(scenario['table_size']);
  const slots = new Array<number>(endpoints).fill(0);
  for (const endpoint of fillTable(equal(endpoints), (endpoint) => `10.0.0.${endpoint}:80`, size).slots) slots[endpoint]!++;
  const most = Math.max(...slots);
  return {
    min_slots: { value: Math.min(...slots), n: size },
    max_slots: { value: most, n: size },
    backends_with_max: { value: slots.filter((count) => count === most).length, n: size },
  };
}

/** Filled up by one key, and by many; then one request goes and another comes. The rule as published: Envoy's lets an endpoint that is just full have one more. */
export function boundedLoads(scenario: CaseScenario, seed: number): Answers {
  const { endpoints = 0 } = scenario;
  const inFlight = Number(scenario['in_flight_including_this']);
  const changes = 10_000;
  let most = 0;
  for (const keys of [1, 3, 1000]) {
    const set = new EndpointSet(new Array<number>(endpoints).fill(1), 0);
    const options = { ...defaultsOf(balancerKinds.ringHash.options), boundedLoad: Number(scenario['balance_factor']), overflow: 'clockwise' };
    const balancer = createBalancer({ kind: 'ringHash', options }, { set, random: new Sequence(new Stream(seed, 'pick'), 0) });
    const random = lehmer(seed);
    const busy: number[] = [];
    for (let i = 0; i < inFlight + changes; i++) {
      if (busy.length === inFlight) {
        const [endpoint] = busy.splice(Math.floor(random() * inFlight), 1);
        set.active[endpoint!]!--;
        set.activeTotal--;
      }
      const endpoint = balancer.pick(0, 1 + Math.floor(random() * keys), 0);
      busy.push(endpoint);
      set.activeTotal++;
      most = Math.max(most, ++set.active[endpoint]!);
    }
  }
  return { max_in_flight_any_endpoint: { value: most, n: inFlight + changes } };
}

function equal(endpoints: number): EndpointShares {
  return sharesOf(new Float64Array(endpoints).fill(1), Array.from({ length: endpoints }, (_, i) => i));
}
