/** Choice by weights, consistent hashing, slow start. */
import { slotsOf, slotsOfAll, ClockwiseBound, type LoadGauge, ShuffledOverflow } from '../../../src/engine/balance/bounded-load.ts';
import { EdfScheduler } from '../../../src/engine/balance/edf.ts';
import { type EndpointShares, type LocalityShare, sharesOf } from '../../../src/engine/balance/endpoint-shares.ts';
import { HashRing, layRing } from '../../../src/engine/balance/hash-ring.ts';
import { balancerKinds } from '../../../src/engine/balance/kinds.ts';
import { biasedWeight, LeastRequest, type LeastRequestOptions } from '../../../src/engine/balance/least-request.ts';
import { fillTable } from '../../../src/engine/balance/maglev-table.ts';
import { RoundRobin } from '../../../src/engine/balance/round-robin.ts';
import { SlowStart } from '../../../src/engine/balance/slow-start.ts';
import { EndpointSet } from '../../../src/engine/endpoints.ts';
import { Stream } from '../../../src/random/hash.ts';
import { murmurHash2 } from '../../../src/random/murmur-hash.ts';
import { Sequence } from '../../../src/random/sequence.ts';
import { Word64 } from '../../../src/random/word64.ts';
import { xxHash64 } from '../../../src/random/xx-hash.ts';
import { defaultsOf } from '../../support/defaults.ts';
import type { Case, Input, Topics } from '../topic.ts';

export const weights: Topics = {
  'envoy/edf_scheduler': { run: ({ initial, steps }) => scheduled(initial, steps) },
  'envoy/round_robin': { run: roundRobin },
  'envoy/least_request': { run: (input) => leastRequest[input.op as keyof typeof leastRequest](input) },
  'envoy/slow_start': { run: (input) => (input.op === 'weight' ? slowStart(input) : scheduled({ weights: input.weights, picks: 0 }, [{ pick: input.picks }])) },
  'envoy/hashing': {
    run: (input) => hashing[input.op as keyof typeof hashing](input),
    notApplicable: {
      "hash key {'address': '127.0.0.1:90', 'hostname': 'hostname', 'use_hostname': False}": 'endpoints have one name, neither host names nor metadata',
      "hash key {'address': '127.0.0.1:90', 'metadata_hash_key': 'hash_key', 'use_hostname': False}": 'endpoints have one name, neither host names nor metadata',
    },
  },
  'envoy/ring_hash': { run: envoyRing },
  'envoy/maglev': { run: maglev },
  'envoy/bounded_load': { run: (input) => boundedLoad[input.op as keyof typeof boundedLoad](input) },
  'grpc/ring_hash': { run: grpcRing },
  'grpc/least_request': {
    run: ({ active_requests, sampled_indices }) => ({ picked: sampled(active_requests, sampled_indices, { choices: sampled_indices.length, sampling: 'withReplacement' }) }),
  },
  'other/bounded_load_hash': { run: clockwise },
};

/** Gives out the numbers of a case. */
class Listed extends Sequence {
  private readonly numbers: number[] | undefined;

  constructor(numbers: readonly number[]) {
    super(new Stream(0, 'pick'), 0);
    this.numbers = [...numbers];
  }

  override word(): number {
    // A sequence turns over while it is made, before the numbers are there.
    return this.numbers?.shift() ?? 0;
  }

  override below(n: number): number {
    return this.word() % n;
  }
}

function scheduled(initial: { readonly weights: number[]; readonly picks: number }, steps: readonly Input[]): { readonly picks: readonly number[]; readonly counts: readonly number[] } {
  let { weights } = initial;
  const schedule = new EdfScheduler(weights.length);
  const rebuild = (picks: number): void => schedule.rebuild(Int32Array.from(weights, (_, i) => i), weights.length, (i) => weights[i]!, picks);
  rebuild(initial.picks);
  const picks: number[] = [];
  for (const step of steps) {
    if (step.set_weights !== undefined) weights = step.set_weights;
    if (step.rebuild !== undefined) {
      weights = step.rebuild.weights;
      rebuild(step.rebuild.picks);
    }
    for (let i = 0; i < (step.pick ?? 0); i++) picks.push(schedule.pick((entry) => weights[entry]!));
  }
  return { picks, counts: weights.map((_, i) => picks.filter((pick) => pick === i).length) };
}

function roundRobin({ seed, steps }: Input): unknown {
  const most = Math.max(...steps.map(({ hosts }: Input) => hosts));
  const set = new EndpointSet(new Array<number>(most).fill(1), 0);
  // The counter begins at the upper thirty bits of the seed.
  const balancer = new RoundRobin({ set, random: new Listed([Number(seed) << 2]) });
  const picks: number[] = [];
  for (const { pick, hosts } of steps) {
    for (let i = 0; i < most; i++) set.setReady(i, i < hosts);
    for (let i = 0; i < pick; i++) picks.push(balancer.pick(0, 0, 0));
  }
  return { picks, index_after: String(balancer.counter) };
}

const leastRequest = {
  n_choices: ({ choice_count, active, random }: Input) => ({ host: sampled(active, random, { choices: choice_count, sampling: 'withReplacement' }) }),
  full_scan: ({ active, random }: Input) => ({ host: sampled(active, random, { fullScan: true }) }),
  weight: ({ weight, active, active_request_bias }: Input) => ({ weight: biasedWeight(weight, active, active_request_bias) }),
  weighted: ({ weights, active_request_bias, seed, steps }: Input) => {
    const set = new EndpointSet(weights, 0);
    const balancer = new LeastRequest({ set, random: new Listed([seed]) }, leastRequestOptions({ activeRequestBias: active_request_bias }));
    const picks: number[] = [];
    for (const { pick = 0, set_active = [] } of steps) {
      set.active.set(set_active);
      for (let i = 0; i < pick; i++) picks.push(balancer.pick(0, 0, 0));
    }
    return { picks };
  },
};

/** One pick among equals. The first word is the seed of a schedule that is not used. */
function sampled(active: readonly number[], random: readonly number[], options: Partial<LeastRequestOptions>): number {
  const set = new EndpointSet(active.map(() => 1), 0);
  set.active.set(active);
  return new LeastRequest({ set, random: new Listed([0, ...random]) }, leastRequestOptions(options)).pick(0, 0, 0);
}

function leastRequestOptions(options: Partial<LeastRequestOptions>): LeastRequestOptions {
  return { ...(defaultsOf(balancerKinds.leastRequest.options) as unknown as LeastRequestOptions), ...options };
}

function slowStart({ weight, elapsed_ms, window_ms, aggression, min_weight_percent }: Input): unknown {
  const start = new SlowStart(new EndpointSet([weight], 0), { window: window_ms * 1e6, aggression, minWeight: min_weight_percent / 100 });
  return { weight: start.scaled(weight, 0, elapsed_ms * 1e6) };
}

const hashing = {
  xxhash64: ({ key, seed }: Input) => ({ hash: textOf(xxHash64(key, seed, new Word64())) }),
  ring_positions: ({ key, hashes }: Input) => ({ positions: positionsOf(key, hashes, 'xxHash') }),
  murmur2_ring_positions: ({ key, hashes }: Input) => ({ positions: positionsOf(key, hashes, 'murmur2') }),
};

/** Of `key_0`, `key_1` and so on; on a ring they are in the order of the hashes. */
function positionsOf(key: string, hashes: number, hashFunction: 'xxHash' | 'murmur2'): string[] {
  const onRing = positionsIn(layRing(sharesOf(Float64Array.of(1), [0]), () => key, { minRingSize: hashes, maxRingSize: hashes, hashFunction }));
  const hash = new Word64();
  const places = onRing.map((_, i) => textOf(hashFunction === 'murmur2' ? murmurHash2(`${key}_${i}`, hash) : xxHash64(`${key}_${i}`, 0, hash)));
  return places.filter((place) => onRing.includes(place));
}

interface Lookup {
  readonly hash: string;
  readonly attempt: number;
}

function envoyRing(input: Input, { expected }: Case): unknown {
  const { hosts, minimum_ring_size, maximum_ring_size, hash_function, localities } = input;
  const { lookups = [], distribution } = expected as { readonly lookups?: readonly Lookup[]; readonly distribution?: { readonly samples: number } };
  const options = { minRingSize: minimum_ring_size, maxRingSize: maximum_ring_size };
  if (balancerKinds.ringHash.check!(options) !== null) return { error: true };
  const ring = layRing(sharesOfHosts(hosts, localities), (i) => hosts[i][0], { ...options, hashFunction: hash_function === 'MURMUR_HASH_2' ? 'murmur2' : 'xxHash' });
  const hostAt = (hash: bigint, attempt: number): number => ring.owners[ring.after(ring.entryAt(...wordsOf(hash)), attempt)]!;
  const counts = countsOf(ring.owners, hosts.length);
  const { samples = 0 } = distribution ?? {};
  const step = samples === 0 ? 0n : HASH_MAX / BigInt(samples);
  return {
    size: ring.size,
    min_hashes_per_host: Math.min(...counts),
    max_hashes_per_host: Math.max(...counts),
    ring: positionsIn(ring).map((position, entry) => [position, ring.owners[entry]]),
    lookups: lookups.map(({ hash, attempt }) => ({ hash, attempt, host: hostAt(BigInt(hash), attempt) })),
    distribution: { ...distribution, counts: countsOf(Array.from({ length: samples }, (_, i) => hostAt(BigInt(i) * step, 0)), hosts.length) },
  };
}

function maglev({ hosts, table_size = 65537, localities }: Input, { expected }: Case): unknown {
  if (balancerKinds.maglev.check!({ tableSize: table_size }) !== null) return { error: true };
  const table = fillTable(sharesOfHosts(hosts, localities), (i) => hosts[i][0], table_size);
  const { lookups = [] } = expected as { readonly lookups?: readonly Lookup[] };
  return {
    table: [...table.slots],
    counts: countsOf(table.slots, hosts.length),
    lookups: lookups.map(({ hash, attempt }) => ({ hash, attempt, host: table.endpointAt(...wordsOf(BigInt(hash)), attempt) })),
  };
}

function grpcRing({ weights, min_ring_size, max_ring_size, request_keys }: Input): unknown {
  const names = Object.keys(weights).sort();
  const shares = sharesOf(Float64Array.from(names, (name) => weights[name]), names.map((_, i) => i));
  const ring = layRing(shares, (i) => names[i]!, { minRingSize: min_ring_size, maxRingSize: max_ring_size, hashFunction: 'xxHash' });
  return {
    ring_size: ring.size,
    entries_per_endpoint: Object.fromEntries(countsOf(ring.owners, names.length).map((count, i) => [names[i], count])),
    picks: request_keys.map((request_key: string) => {
      const hash = xxHash64(request_key, 0, new Word64());
      return { request_key, request_hash: textOf(hash), endpoint: names[ring.owners[ring.entryAt(hash.hi, hash.lo)]!] };
    }),
    ring: positionsIn(ring).map((hash, entry) => ({ hash, endpoint: names[ring.owners[entry]!] })),
  };
}

const boundedLoad = {
  slots: ({ cluster_active, hash_balance_factor, weight, host_active }: Input) => {
    const total_slots = slotsOfAll(cluster_active, hash_balance_factor);
    const slots = slotsOf(total_slots, weight);
    return { total_slots, slots, overload_factor: host_active / slots, overloaded: host_active / slots > 1 };
  },
  shuffle: ({ hash, hosts }: Input) => {
    const overflow = overflowOf(new Array<number>(hosts).fill(0));
    overflow.shuffle(wordsOf(BigInt(hash))[1]);
    return { order: Array.from({ length: hosts }, () => overflow.next()) };
  },
  choose: ({ hash, ring_host, overload_factors }: Input) => ({ host: overflowOf(overload_factors).choose(ring_host, wordsOf(BigInt(hash))[1]) }),
};

function overflowOf(loads: readonly number[]): ShuffledOverflow {
  const gauge: LoadGauge = { loadOf: (endpoint) => loads[endpoint]! };
  const overflow = new ShuffledOverflow(gauge, loads.length);
  overflow.share(sharesOf(Float64Array.from(loads, () => 1), [...loads.keys()]));
  return overflow;
}

function clockwise({ clockwise_order_from_hash: names, in_flight, c }: Input): unknown {
  const set = new EndpointSet(names.map(() => 1), 0);
  for (const [i, name] of names.entries()) {
    set.active[i] = in_flight[name];
    set.activeTotal += in_flight[name];
  }
  const entries = [...names.keys()];
  const bound = new ClockwiseBound(set, c);
  return { capacity: bound.capacityOf(0), picked: names[bound.from(new HashRing(entries, entries, entries), 0)] };
}

function sharesOfHosts(hosts: readonly (readonly [string, number])[], localities?: readonly (readonly [number, readonly number[]])[]): EndpointShares {
  const shares = localities?.map(([weight, endpoints]): LocalityShare => ({ weight, endpoints })) ?? null;
  return sharesOf(Float64Array.from(hosts, ([, weight]) => weight), [...hosts.keys()], shares);
}

function positionsIn(ring: HashRing): string[] {
  return Array.from({ length: ring.size }, (_, entry) => textOf({ hi: ring.hi[entry]!, lo: ring.lo[entry]! }));
}

function countsOf(owners: ArrayLike<number>, hosts: number): number[] {
  const counts = new Array<number>(hosts).fill(0);
  for (let i = 0; i < owners.length; i++) counts[owners[i]!]!++;
  return counts;
}

const HASH_MAX = 2n ** 64n - 1n;

function wordsOf(hash: bigint): [number, number] {
  return [Number(hash >> 32n), Number(hash & 0xffffffffn)];
}

function textOf({ hi, lo }: { readonly hi: number; readonly lo: number }): string {
  return String((BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0));
}
