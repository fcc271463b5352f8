/**
 * From a reference case to scenarios that express it. Driven by the fields of `scenario`: a file of other
 * cases in the same form works as well. What this version of the engine has no words for becomes a reason.
 */
import { fanOut, jackson, layered, tandem } from './networks.ts';
import { pausedAtRandom } from './pauses.ts';
import type { Case, CaseScenario, ClientOfCase, LawOfCase } from './reference.ts';
import { arrivalsOf, DEFAULT_RATE, distribution, file, isRecord, type Json, type Map, ms, NotExpressible, settlingS, type Size, type Variant, variantOf } from './scenario-text.ts';
import { rateLimited, throttled } from './throttles.ts';

export interface Translation {
  readonly variants: readonly Variant[];
}

export function translate({ scenario }: Case, size: Size): Translation {
  refuseUnknown(scenario);
  const { topology } = scenario;
  if (scenario['rate_limit'] !== undefined) return { variants: [rateLimited(scenario, size)] };
  if (scenario.client?.adaptive_throttle) return { variants: [throttled(scenario, size)] };
  if (scenario.outage_s !== undefined) return { variants: [storm(scenario)] };
  if (scenario.window_s !== undefined) return { variants: stalled(scenario) };
  if (isRecord(topology) && Array.isArray(topology['routing_probabilities'])) return { variants: [jackson(scenario, topology['routing_probabilities'], size)] };
  if (typeof topology !== 'string') throw new NotExpressible('a case without a topology');
  const fan = /(?:fan-out|forks each request) to (\d+)/.exec(topology);
  if (fan !== null) return { variants: [fanOut(scenario, topology, Number(fan[1]), size)] };
  const layers = /^chain of (\d+) retrying layers/.exec(topology);
  if (layers !== null) return { variants: [layered(scenario, Number(layers[1]), size)] };
  if (scenario.service?.means_ms !== undefined) return { variants: [tandem(scenario, scenario.service.means_ms, size)] };
  if (/closed-loop users/.test(topology)) return { variants: [closed(scenario, size)] };
  if (/^client -> S\b/.test(topology)) return { variants: station(scenario, size) };
  throw new NotExpressible(`topology "${topology}"`);
}

/** Fields that stand for parts the engine does not have yet. */
function refuseUnknown({ arrivals, discipline, client, lb, topology }: CaseScenario): void {
  const process = (arrivals as { process?: string } | undefined)?.process;
  if (process?.startsWith('mmpp') && topology === undefined) throw new NotExpressible('the statistics of arrivals that switch are those of the recording that stands for them (no `mmpp` yet)');
  if (discipline === 'ps') throw new NotExpressible('requests at a station do not share its cores (`cpu`)');
  if (isRecord(client?.backoff) && client.backoff['dist'] === 'exponential') throw new NotExpressible('a backoff is fixed or uniform: no jitter has an exponential law');
  if (isRecord(lb) && String(lb['policy']).startsWith('join_idle_queue')) throw new NotExpressible('no balancer keeps a queue of idle endpoints (joinIdleQueue)');
}

// --- one service ---

function station(scenario: CaseScenario, size: Size): Variant[] {
  const { client = {}, speeds } = scenario;
  const workers = scenario.workers_per_endpoint ?? 'unlimited';
  const replicas = scenario.endpoints ?? 1;
  const { arrivals, ratePerS, readFile } = arrivalsOf(scenario.arrivals, size);
  const law = scenario.service ?? { dist: 'deterministic', mean_ms: 1 };
  const warmupS = size.warmupS ?? settlingS(scenario, ratePerS);
  const service = {
    replicas,
    concurrency: workers,
    latency: distribution(law),
    queue: { limit: scenario.queue_limit ?? 'unlimited', ...(client.queue_timeout ? { timeout: distribution(client.queue_timeout) } : {}) },
    onCancel: client.hedging ? 'stop' : onCancelOf(scenario.cancellation),
    ...(isRecord(scenario.lb) && Array.isArray(scenario.lb['weights']) ? { weights: scenario.lb['weights'] } : {}),
    ...(scenario.failure_probability === undefined ? {} : { errors: scenario.failure_probability }),
  };
  const policy = policyOf(scenario);
  const base = (changes: { readonly service?: Map; readonly policy?: Map }): string =>
    file({
      warmupS,
      durationS: warmupS + size.n / ratePerS,
      services: { S: { ...service, ...changes.service } },
      traffic: { to: 'S', ...arrivals, policy: { ...policy, ...changes.policy } },
      faults: (speeds ?? []).map((speed, i) => ({ target: `S/${i}`, latency: { multiply: 1 / speed } })),
    });
  const common = { ratePerS, warmupS, ...(readFile === undefined ? {} : { readFile }) };
  if (client.breaker) return breakerVariants(client.breaker, common, base);
  const { up_mean_ms, down_mean_ms } = scenario.pauses ?? {};
  if (up_mean_ms !== undefined && down_mean_ms !== undefined) {
    return [{ ...common, label: 'pauses drawn at random', text: base({}), change: pausedAtRandom({ up_mean_ms, down_mean_ms }) }];
  }
  if (client.timeout_ms && typeof client.retries === 'number' && client.retries > 0) {
    const stops = (metric: string): boolean => metric.includes('with_cancel');
    return [
      { ...common, label: 'no cancellation', text: base({}), only: (metric) => !stops(metric) },
      { ...common, label: 'work stops with its caller', text: base({ service: { onCancel: 'stop' } }), only: stops },
    ];
  }
  return [{ ...common, label: '', text: base({}) }];
}

/** Slots and queue of the endpoint, or the same limits on the caller's side: both must give the same numbers. */
function breakerVariants(
  { max_requests, max_pending }: NonNullable<ClientOfCase['breaker']>,
  common: Pick<Variant, 'ratePerS' | 'warmupS'>,
  base: (changes: { readonly service?: Map; readonly policy?: Map }) => string,
): Variant[] {
  const pool =
    max_pending === 0
      ? { maxRequests: max_requests, maxConnections: 'unlimited', maxPendingRequests: 'unlimited' }
      : { maxRequests: max_requests, maxConnections: max_requests, maxPendingRequests: max_pending };
  return [
    { ...common, label: 'limits at the endpoint', text: base({}) },
    { ...common, label: 'limits at the caller', text: base({ service: { queue: { limit: 'unlimited' } }, policy: { connectionPool: pool } }) },
  ];
}

function policyOf({ lb, client = {} }: CaseScenario): Map {
  const retries = client.retries ?? 0;
  if (typeof retries !== 'number') throw new NotExpressible(`retries "${retries}"`);
  const timeout = client.timeout_ms ?? null;
  const budget = budgetOf(client);
  return {
    loadBalancer: balancerOf(lb ?? 'none'),
    // At most one copy a call: a budget of 100 % never refuses it.
    ...(client.hedging ? { hedge: { after: ms(client.hedging.delay_ms), max: client.hedging.max_extra, budget: '100%' } } : {}),
    ...(retries === 0
      ? timeout === null ? {} : { timeout: ms(timeout) }
      : { retries: { attempts: retries, on: ['5xx', 'timeout'], backoff: { base: 0, jitter: 'none' }, ...(timeout === null ? {} : { perTryTimeout: ms(timeout) }), ...(budget === null ? {} : { budget }) } }),
  };
}

function budgetOf({ retry_budget, grpc_throttle, retry_token_bucket }: ClientOfCase): Map | null {
  if (retry_budget) return { ratio: retry_budget.ratio, minPerSecond: retry_budget.min_retries_per_sec, ttl: `${retry_budget.ttl_s}s` };
  if (grpc_throttle) return { maxTokens: grpc_throttle.max_tokens, tokenRatio: grpc_throttle.token_ratio };
  if (!retry_token_bucket) return null;
  // Tower's budget is the one where each success deposits, and nothing else; `quota` gives back the whole cost of a retry that helped.
  // It has no cap of its own: the balance is at most what successes deposit within the ttl.
  const { per_success, per_retry, cap } = retry_token_bucket;
  return { type: 'tower', ratio: per_success / per_retry, minPerSecond: 0, ttl: ms((1000 * cap) / (per_success * DEFAULT_RATE)) };
}

function balancerOf(lb: unknown): Json {
  if (lb === 'none' || lb === 'round_robin') return 'roundRobin';
  if (lb === 'random') return 'random';
  const policy = isRecord(lb) ? String(lb['policy']) : '';
  if (policy.startsWith('join_shortest_queue')) return { type: 'leastRequest', fullScan: true };
  if (policy === 'least_request_of_d' && isRecord(lb)) {
    const sampling = String(lb['sampling']).startsWith('with replacement') ? 'withReplacement' : 'distinct';
    return { type: 'leastRequest', choices: Number(lb['d']), sampling };
  }
  if (policy === 'weighted_random') return { type: 'random', weighted: true };
  throw new NotExpressible(`balancer ${JSON.stringify(lb)}`);
}

function onCancelOf(cancellation: string | undefined): string {
  return cancellation?.startsWith('server') ? 'dropQueued' : 'continue';
}

function closed(scenario: CaseScenario, size: Size): Variant {
  const { users, think } = scenario.arrivals as { readonly users: number; readonly think: LawOfCase };
  const service = scenario.service!;
  const workers = scenario.workers_per_endpoint as number;
  const ratePerS = Math.min((1000 * workers) / service.mean_ms!, (1000 * users) / (think.mean_ms! + service.mean_ms!));
  const warmupS = size.warmupS ?? (100 * (think.mean_ms! + users * service.mean_ms!)) / 1000;
  return variantOf(size, ratePerS, warmupS, {
    services: { S: { concurrency: workers, queue: 'unlimited', latency: distribution(service) } },
    traffic: { to: 'S', users, thinkTime: distribution(think) },
  });
}

// --- timelines ---

function storm(scenario: CaseScenario): Variant {
  const { client = {}, measure_window_s, outage_s, service, workers_per_endpoint } = scenario;
  const { rate_rps } = scenario.arrivals as { readonly rate_rps: number };
  const retries = client.retries as number;
  const budget = client.retry_budget
    // The window budget has no cap of its own: its balance is at most what ttl seconds of calls deposit.
    ? { budget: { ratio: client.retry_budget.ratio, minPerSecond: client.retry_budget.min_retries_per_sec, ttl: ms((1000 * client.retry_budget.bucket_cap!) / (client.retry_budget.ratio * rate_rps)) } }
    : {};
  const [warmupS, durationS] = measure_window_s!;
  const [fromS, toS] = outage_s!;
  return {
    label: '',
    ratePerS: rate_rps,
    warmupS,
    text: file({
      warmupS,
      durationS,
      services: { S: { concurrency: workers_per_endpoint!, queue: 'unlimited', latency: distribution(service!), onCancel: onCancelOf(scenario.cancellation) } },
      traffic: {
        name: 'client', to: 'S', rate: `${rate_rps}/s`,
        policy: { retries: { attempts: retries, on: ['timeout'], perTryTimeout: ms(client.timeout_ms!), backoff: { base: 0, jitter: 'none' }, ...budget } },
      },
      faults: [{ at: `${fromS}s`, for: `${toS - fromS}s`, target: 'client->S', partition: true }],
    }),
  };
}

/** A stall in an open loop, and the same schedule from a client that waits for each answer. */
function stalled({ arrivals, service, pauses, window_s }: CaseScenario): Variant[] {
  const { rate_rps } = arrivals as { readonly rate_rps: number };
  const workMs = service!.mean_ms!;
  // Our first paced request comes one interval after the start, so all else does as well.
  const firstS = 1 / rate_rps;
  const text = (traffic: Map): string =>
    file({
      warmupS: 0,
      durationS: window_s! + firstS,
      services: { S: { concurrency: 'unlimited', latency: ms(workMs) } },
      traffic: { to: 'S', ...traffic },
      faults: [{ at: ms(1000 * (pauses!.first_at_s! + firstS)), for: `${pauses!.length_s}s`, target: 'S', pause: true }],
    });
  const common = { ratePerS: rate_rps, warmupS: 0 };
  const naive = (metric: string): boolean => metric.startsWith('closed_loop');
  return [
    { ...common, label: 'open loop', text: text({ rate: `${rate_rps}/s`, arrivals: 'uniform' }), only: (metric) => !naive(metric) },
    { ...common, label: 'client that waits', text: text({ users: 1, thinkTime: ms(1000 / rate_rps - workMs) }), only: naive },
  ];
}
