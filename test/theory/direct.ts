/** Cases about one class of the engine: they drive that class, with no run around it. */
import { EndpointSet } from '../../src/engine/endpoints.ts';
import type { Balancer } from '../../src/engine/balance/balancer.ts';
import { createBalancer } from '../../src/engine/balance/registry.ts';
import { OutlierDetection } from '../../src/engine/outlier/outlier-detection.ts';
import { outlierOptions } from '../../src/engine/outlier/outlier-options.ts';
import { createBackoff } from '../../src/engine/retry/backoff.ts';
import { Ended } from '../../src/engine/retry/budget.ts';
import { ConcurrencyBudget } from '../../src/engine/retry/concurrency-budget.ts';
import { TokenBudget } from '../../src/engine/retry/token-budget.ts';
import { balancerKinds } from '../../src/engine/balance/kinds.ts';
import type { OptionValues } from '../../src/model/kind.ts';
import { defaultsOf } from '../support/defaults.ts';
import { Outcome } from '../../src/model/outcome.ts';
import { NS_PER_MS, NS_PER_S } from '../../src/model/units.ts';
import { Draw, Stream } from '../../src/random/hash.ts';
import { Sequence } from '../../src/random/sequence.ts';
import { createArrivals } from '../../src/traffic/arrivals.ts';
import { admission, spillover } from './direct-admission.ts';
import { boundedLoads, ringShares, tableSlots } from './direct-hashing.ts';
import type { Case, CaseScenario } from './reference.ts';
import type { Measured } from './tolerance.ts';
import { NotExpressible } from './scenario-text.ts';

export type Answers = Readonly<Record<string, Measured>>;

export interface DirectOptions {
  readonly seed: number;
  /** Instead of the balancer's own random numbers; for mutation tests. */
  readonly random?: Sequence;
}

/** Null for cases that need a run. */
export function answerDirectly({ scenario, expected }: Case, options: DirectOptions): Answers | null {
  const { lb } = scenario;
  if (scenario['state'] !== undefined) return frozenShares(scenario, options);
  if (scenario['active'] !== undefined) return effectiveWeights(scenario, options);
  if (lb === 'random' && scenario['requests'] !== undefined) return hitSpread(scenario, options);
  if (scenario['active_plus_pending'] !== undefined) return retryConcurrency(scenario);
  if (scenario['base_ms'] !== undefined) return backoffMeans(scenario, options);
  if (scenario['outlier'] !== undefined) return ejections(scenario, options);
  if (scenario.client?.grpc_throttle !== undefined) return throttle(scenario.client.grpc_throttle);
  if (isArrivalProcess(scenario)) return arrivalStatistics(scenario, options);
  if (scenario['overprovisioning'] !== undefined) return spillover(scenario, expected);
  if (scenario['aggression'] !== undefined) return admission(scenario, options.seed);
  if (lb === 'ring_hash') return ringShares(scenario);
  if (lb === 'maglev') return tableSlots(scenario);
  if (lb === 'bounded_load_ring_hash') return boundedLoads(scenario, options.seed);
  if (lb === 'smooth_weighted_round_robin') throw new NotExpressible("weighted round robin is Envoy's EDF here, not nginx's smooth one");
  return null;
}

// --- balancers ---

/** Picks while nothing is answered, so that the numbers in flight stay as they are. */
function frozenShares({ endpoints = 0, lb, state }: CaseScenario, options: DirectOptions): Answers {
  const [, busy, load] = /^(\d+) endpoint\(s\) hold (\d+) active requests/.exec(String(state))!;
  const picks = 100_000;
  const { d } = lb as { readonly d: number };
  const sharesWith = (sampling: string): { busy: number; idle: number } => {
    const set = setOf(Array.from({ length: endpoints }, () => 1));
    for (let i = 0; i < Number(busy); i++) set.active[i] = Number(load);
    const counts = countPicks(balancerFor('leastRequest', { choices: d, sampling }, set, options), endpoints, picks);
    const share = (from: number, to: number): number => (100 * counts.slice(from, to).reduce((sum, n) => sum + n, 0)) / picks / (to - from);
    return { busy: share(0, Number(busy)), idle: share(Number(busy), endpoints) };
  };
  const replaced = sharesWith('withReplacement');
  return {
    pick_share_busy_each_percent: { value: replaced.busy, n: picks },
    pick_share_idle_each_percent: { value: replaced.idle, n: picks },
    pick_share_busy_each_percent_if_distinct: { value: sharesWith('distinct').busy, n: picks },
  };
}

/** The schedule serves in proportion to the effective weights; the idle endpoint of weight 1 is the unit. */
function effectiveWeights(scenario: CaseScenario, options: DirectOptions): Answers {
  const weights = scenario['weights'] as readonly number[];
  const active = scenario['active'] as readonly number[];
  const set = setOf(weights);
  set.active.set(active);
  const unit = weights.findIndex((weight, i) => weight === 1 && active[i] === 0);
  const balancer = balancerFor('leastRequest', { activeRequestBias: Number(scenario['bias']) }, set, options);
  // From one turn of the unit to another, a whole number of rounds on: the ratio of turns is that of the weights.
  while (balancer.pick(0, 0, 0) !== unit);
  const counts = new Array<number>(weights.length).fill(0);
  while (counts[unit]! < 100_000) counts[balancer.pick(0, 0, 0)]!++;
  return Object.fromEntries(counts.map((count, i) => [`effective_weight_${i}`, { value: count / counts[unit]!, n: counts[unit]! }]));
}

function hitSpread({ endpoints = 0, requests }: CaseScenario, options: DirectOptions): Answers {
  const picks = Number(requests);
  const counts = countPicks(balancerFor('random', {}, setOf(Array.from({ length: endpoints }, () => 1)), options), endpoints, picks);
  const mean = picks / endpoints;
  return { hits_stddev: { value: Math.sqrt(counts.reduce((sum, n) => sum + (n - mean) ** 2, 0) / endpoints), n: picks } };
}

function countPicks(balancer: Balancer, endpoints: number, picks: number): number[] {
  const counts = new Array<number>(endpoints).fill(0);
  for (let i = 0; i < picks; i++) counts[balancer.pick(0, 0, 0)]!++;
  return counts;
}

function setOf(weights: readonly number[], panicThreshold = 0): EndpointSet {
  return new EndpointSet(weights, panicThreshold);
}

function balancerFor(kind: keyof typeof balancerKinds, options: OptionValues, set: EndpointSet, { seed, random }: DirectOptions): Balancer {
  return createBalancer({ kind, options: { ...defaultsOf(balancerKinds[kind].options), ...options } }, { set, random: random ?? new Sequence(new Stream(seed, 'pick'), 0) });
}

// --- retries ---

function retryConcurrency(scenario: CaseScenario): Answers {
  const load = { set: setOf([1]), pending: 0, elsewhere: 0, asking: 1, retries: 0 };
  const budget = new ConcurrencyBudget(Number(scenario['budget_percent']) / 100, Number(scenario['min_retry_concurrency']), load);
  // The one that asks is active too.
  load.set.activeTotal = Number(scenario['active_plus_pending']) - 1;
  while (budget.withdraw(0)) load.retries++;
  return { concurrent_retries_allowed: { value: load.retries, n: 1 } };
}

function backoffMeans(scenario: CaseScenario, { seed }: DirectOptions): Answers {
  const [baseMs, capMs, exponent, retries] = ['base_ms', 'cap_ms', 'first_exponent', 'retries'].map((name) => Number(scenario[name])) as [number, number, number, number];
  const draws = 100_000;
  // Our first retry has exponent 0: a later start is a larger base.
  const doubling = { baseNs: baseMs * NS_PER_MS * 2 ** exponent, maxNs: capMs * NS_PER_MS };
  const waits = (jitter: string, limits: { baseNs: number; maxNs: number }): { mean: number; sd: number }[] => {
    const backoff = createBackoff({ ...limits, jitter, multiplier: 2, jitterRatio: 0 });
    const stream = new Stream(seed, `backoff-${jitter}`);
    const draw = new Draw();
    const sums = Array.from({ length: retries }, () => ({ sum: 0, squares: 0 }));
    for (let call = 0; call < draws; call++) {
      let previous = 0;
      for (let retry = 0; retry < retries; retry++) {
        draw.seek(stream, call, retry);
        previous = backoff.waitNs(retry, previous, draw);
        sums[retry]!.sum += previous / NS_PER_MS;
        sums[retry]!.squares += (previous / NS_PER_MS) ** 2;
      }
    }
    return sums.map(({ sum, squares }) => ({ mean: sum / draws, sd: Math.sqrt(squares / draws - (sum / draws) ** 2) }));
  };
  const full = waits('full', doubling);
  const uncapped = { baseNs: baseMs * NS_PER_MS, maxNs: 2 ** 52 };
  return {
    full_jitter_mean_each_ms: { value: full.map(({ mean }) => mean), n: draws },
    full_jitter_sd_each_ms: { value: full.map(({ sd }) => sd), n: draws },
    full_jitter_mean_total_ms: { value: full.reduce((sum, { mean }) => sum + mean, 0), n: draws },
    equal_jitter_mean_each_ms: { value: waits('equal', doubling).map(({ mean }) => mean), n: draws },
    decorrelated_mean_each_ms_if_cap_not_hit: { value: waits('decorrelated', uncapped).map(({ mean }) => mean), n: draws },
  };
}

function throttle({ max_tokens, token_ratio }: { readonly max_tokens: number; readonly token_ratio: number }): Answers {
  const budget = new TokenBudget(max_tokens, token_ratio);
  let failures = 0;
  for (; budget.withdraw(0); failures++) budget.ended(Ended.retriable);
  // At the edge, one failure is made up for by so many successes: the failure rate at which tokens stand still.
  budget.ended(Ended.well);
  budget.ended(Ended.retriable);
  let successes = 0;
  for (; !budget.withdraw(0); successes++) budget.ended(Ended.well);
  return {
    failures_in_a_row_before_disabled: { value: failures, n: 1 },
    critical_attempt_failure_rate: { value: 1 / (1 + successes), n: 1 },
  };
}

// --- ejection ---

/** Random picks over endpoints of which some always fail, until nothing more happens; no sweep comes. */
function ejections(scenario: CaseScenario, options: DirectOptions): Answers {
  const { endpoints = 0 } = scenario;
  const bad = Number(scenario['always_failing']);
  const given = scenario['outlier'] as { readonly max_ejection_percent: number; readonly always_eject_one_host: boolean };
  const set = setOf(Array.from({ length: endpoints }, () => 1), Number(scenario['panic_threshold_percent']) / 100);
  const balancer = balancerFor('random', {}, set, options);
  let ejected = 0;
  const target = {
    eject: (endpoint: number): void => {
      ejected++;
      set.setReady(endpoint, false);
    },
    uneject: (endpoint: number): void => void set.setReady(endpoint, true),
  };
  const own = { maxEjectionPercent: given.max_ejection_percent / 100, alwaysEjectOneHost: given.always_eject_one_host };
  const detection = new OutlierDetection(endpoints, { ...defaultsOf(outlierOptions), ...own }, new Sequence(new Stream(options.seed, 'outlier'), 0), target);
  const fails = (endpoint: number): boolean => endpoint < bad;
  for (let i = 0; i < 10_000; i++) {
    const endpoint = balancer.pick(0, 0, 0);
    detection.record(endpoint, fails(endpoint) ? Outcome.error : Outcome.ok, fails(endpoint) ? 500 : 200, 0);
  }
  const requests = 100_000;
  let errors = 0;
  for (let i = 0; i < requests; i++) if (fails(balancer.pick(0, 0, 0))) errors++;
  return {
    ejected: { value: ejected, n: requests },
    panic: { value: set.panic, n: requests },
    error_rate: { value: errors / requests, n: requests },
    load_factor_on_remaining: { value: set.size / set.count, n: requests },
  };
}

// --- arrivals ---

function isArrivalProcess({ arrivals, topology, service, client, ...others }: CaseScenario): boolean {
  const { process } = (arrivals ?? {}) as { readonly process?: string };
  return process === 'poisson' && topology === undefined && service === undefined && client === undefined && Object.keys(others).length === 0;
}

function arrivalStatistics({ arrivals }: CaseScenario, { seed }: DirectOptions): Answers {
  const { rate_rps } = arrivals as { readonly rate_rps: number };
  const profile = [{ atNs: 0, ratePerS: rate_rps, step: false }];
  const source = createArrivals({ kind: 'open', profile, arrivals: { kind: 'poisson' } }, new Stream(seed, 'arrival'), 0)!;
  const windowNs = NS_PER_S / 50;
  const n = 100_000;
  const gaps: number[] = [];
  const windows: number[] = [];
  for (let previous = 0; gaps.length < n; source.advance()) {
    const at = source.nextAt;
    const window = Math.floor(at / windowNs);
    while (windows.length <= window) windows.push(0);
    windows[window]!++;
    gaps.push(at - previous);
    previous = at;
  }
  windows.pop();
  const [gapMean, gapVariance] = momentsOf(gaps);
  const [countMean, countVariance] = momentsOf(windows);
  const lagged = gaps.slice(1).reduce((sum, gap, i) => sum + (gap - gapMean) * (gaps[i]! - gapMean), 0) / (n - 1);
  return {
    idc_any_window: { value: countVariance / countMean, n: windows.length },
    gap_cv2: { value: gapVariance / gapMean ** 2, n },
    lag1_gap_correlation: { value: lagged / gapVariance, n },
  };
}

function momentsOf(values: readonly number[]): readonly [mean: number, variance: number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)];
}
