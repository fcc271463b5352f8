/** Priorities, localities, splits, and the balancers that go by estimated latency. */
import { PeakEwma, type PeakEwmaOptions } from '../../../src/engine/balance/peak-ewma.ts';
import { hintNsOf, isPenalised } from '../../../src/engine/balance/failure-hint.ts';
import { EndpointSet } from '../../../src/engine/endpoints.ts';
import type { RandomWords } from '../../../src/engine/locality/locality-choice.ts';
import { LocalityWeights } from '../../../src/engine/locality/locality-weights.ts';
import { PreviousPriorities } from '../../../src/engine/locality/previous-priorities.ts';
import { type HostCounts, PriorityLoad, type Shares, choosePriority } from '../../../src/engine/locality/priority-load.ts';
import { ZoneAware, ZoneRouting } from '../../../src/engine/locality/zone-aware.ts';
import { AvailableSplit } from '../../../src/engine/route/split.ts';
import { NONE } from '../../../src/model/ids.ts';
import { NS_PER_MS } from '../../../src/model/units.ts';
import { Stream } from '../../../src/random/hash.ts';
import { Sequence } from '../../../src/random/sequence.ts';
import type { Case, Input, Topics } from '../topic.ts';

export const locality: Topics = {
  'envoy/priority_load': { run: (input) => (input.op === 'choose' ? chosen(input) : loads(input)) },
  'envoy/retry_priority_previous': { run: avoiding, awaits: 'retries that choose their priority' },
  'envoy/locality_weighted': { run: weighted },
  'envoy/zone_aware': { run: zoneAware },
  'linkerd/peak_ewma': { run: (input) => ({ loads_ms: ewmaLoads(input, 'tower').map((ns) => ns / NS_PER_MS) }) },
  'linkerd/load_biaser': { run: (input) => ({ loads_ms: ewmaLoads(input, 'penalize').map((ns) => ns / NS_PER_MS) }) },
  'other/finagle_peak_ewma': { run: (input) => ({ loads_ns: ewmaLoads(input, 'finagle') }) },
  'linkerd/weighted_backends': { run: splitOverBackends },
};

/** Counts as they are, or the states of hosts with weights. */
function countsOf(priority: Input): { readonly counts: HostCounts; readonly weights: HostCounts } {
  if (priority.weights === undefined) return { counts: priority, weights: priority };
  const hosts = priority.weights as readonly (readonly [number, string])[];
  const sum = (of: (weight: number) => number, state?: string): number => hosts.reduce((total, [weight, is]) => total + (state === undefined || is === state ? of(weight) : 0), 0);
  const all = (of: (weight: number) => number): HostCounts => ({ hosts: sum(of), excluded: sum(of, 'excluded'), healthy: sum(of, 'healthy'), degraded: sum(of, 'degraded') });
  return { counts: all(() => 1), weights: all((weight) => weight) };
}

function loadOf(input: Input): PriorityLoad {
  const factors = [input.overprovisioning_factor].flat() as readonly number[];
  const load = new PriorityLoad(input.priorities.map((_: Input, i: number) => factors[i] ?? factors[0]), input.panic_threshold);
  for (const [i, priority] of input.priorities.entries()) {
    const { counts, weights } = countsOf(priority);
    if (input.weighted_priority_health === true) load.setHosts(i, counts, weights);
    else load.setHosts(i, counts);
  }
  load.rebalance();
  return load;
}

function loads(input: Input): unknown {
  const load = loadOf(input);
  return {
    health: [...load.healthyAvailability],
    degraded_health: [...load.degradedAvailability],
    healthy_load: [...load.healthy],
    degraded_load: [...load.degraded],
    panic: [...load.panic].map((on) => on === 1),
  };
}

function chosen(input: Input): unknown {
  const shares = { healthy: Int32Array.from(input.healthy_load), degraded: Int32Array.from(input.degraded_load) };
  const choice = choosePriority(Number(input.value), shares);
  const count = shares.healthy.length;
  return { priority: choice % count, availability: choice < count ? 'healthy' : 'degraded' };
}

function avoiding(input: Input): unknown {
  const load = loadOf({ overprovisioning_factor: 140, panic_threshold: 50, ...input });
  const previous = new PreviousPriorities(input.priorities.length, input.update_frequency);
  const seen = (): unknown => {
    const { healthy, degraded }: Shares = previous.shares(load);
    return { healthy: [...healthy], degraded: [...degraded] };
  };
  return {
    loads: [
      seen(),
      ...input.attempted_priorities.map((priority: number) => {
        previous.attempted(priority);
        return seen();
      }),
    ],
  };
}

function weighted(input: Input): unknown {
  const localities = input.localities as readonly Input[];
  const choice = new LocalityWeights(localities.map(({ weight }) => weight), input.overprovisioning_factor);
  const words = wordsOf([input.seed ?? 0]);
  choice.rebuild(localities.map(({ hosts, excluded }) => hosts - excluded), localities.map(({ eligible }) => eligible), words);
  if (input.op === 'effective') return { weights: [...choice.effective] };
  const picks = Array.from({ length: input.picks }, () => choice.choose());
  if (input.op === 'picks') return { picks: picks.map((locality) => (locality === NONE ? null : locality)) };
  return { counts: localities.map((_, i) => picks.filter((locality) => locality === i).length) };
}

function zoneAware(input: Input, { expected }: Case): unknown {
  const local = input.local as readonly (readonly [string, number])[];
  const upstream = input.upstream as readonly (readonly [string, number])[];
  const zones = [...new Set([...local, ...upstream].map(([zone]) => zone))];
  const callers = zones.map((zone) => local.find(([name]) => name === zone)?.[1] ?? 0);
  const options = { routingEnabled: 1, minClusterSize: input.min_cluster_size, forceLocalZone: input.force_local_zone_min_size ?? Infinity };
  const choice = new ZoneAware(callers, zones.indexOf(local[0]![0]), upstream.map(([zone]) => zones.indexOf(zone)), options);
  choice.rebuild(upstream.map(([, hosts]) => hosts));
  const { callerShares, hostShares, localShare, residual, routing } = choice;
  return {
    state: routing === ZoneRouting.direct ? 'direct' : routing === ZoneRouting.residual ? 'residual' : 'none',
    counter: routing === ZoneRouting.tooSmall ? 'lb_zone_cluster_too_small' : null,
    percentages: [...callerShares].map((share, i) => [share, hostShares[i]]),
    local_percent_to_route: localShare,
    residual_capacity: [...residual],
    // The random values stand beside the answers.
    routes: ((expected as Input).routes ?? []).map(({ random }: Input) => ({ random, locality: choice.choose(wordsOf(random)) })),
  };
}

function ewmaLoads(input: Input, estimator: PeakEwmaOptions['estimator']): number[] {
  const { decay_ms, default_rtt_ms = 0, max_retry_after_ms = 0, penalty_ms = 0 } = input.config ?? input;
  const ns = (ms: number): number => Math.round(ms * NS_PER_MS);
  const set = new EndpointSet([1], 0);
  const random = new Sequence(new Stream(1, 'pick'), 0);
  const balancer = new PeakEwma({ set, random }, { estimator, decay: ns(decay_ms), defaultRtt: ns(default_rtt_ms), penalty: ns(penalty_ms), maxRetryAfter: ns(max_retry_after_ms) });
  const sentAt = new Map<number, number>();
  const loadsNs: number[] = [];
  for (const { t_ms, op, id, status, grpc_status = NONE, retry_after_s, pushback_ms } of input.ops) {
    const now = ns(t_ms);
    if (op === 'load') loadsNs.push(balancer.load(0, now));
    else if (op === 'start') {
      sentAt.set(id, now);
      set.active[0]!++;
    } else {
      set.active[0]!--;
      const hint = (ms: number | undefined): number => (ms === undefined ? NONE : ns(ms));
      if (op === 'fail' && isPenalised(status, grpc_status)) {
        balancer.failed(0, sentAt.get(id)!, hintNsOf(status, grpc_status, hint(retry_after_s === undefined ? undefined : retry_after_s * 1000), hint(pushback_ms)), now);
      } else balancer.learner?.finished(0, sentAt.get(id)!, false, now);
    }
  }
  return loadsNs;
}

function splitOverBackends(input: Input): unknown {
  const backends = input.backends as readonly Input[];
  const draws = [...(input.draws as readonly number[])];
  const tried: string[] = [];
  const picked = new AvailableSplit(backends.map(({ weight }) => weight)).choose(
    { below: () => draws.shift()! },
    {
      isReady: (backend) => {
        tried.push(backends[backend].name);
        return backends[backend].ready;
      },
    },
  );
  return { picked: picked === NONE ? null : backends[picked].name, draws_used: input.draws.length - draws.length, tried };
}

function wordsOf(values: readonly number[]): RandomWords {
  const left = [...values];
  return { word: () => left.shift()! };
}
