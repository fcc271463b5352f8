/** Runs a plan and reads the metrics of the reference files off what it measured. */
import { Outcome } from '../../src/model/outcome.ts';
import type { Plan } from '../../src/model/plan.ts';
import { NS_PER_MS, secondsOf } from '../../src/model/units.ts';
import { type Figures, figuresOf } from '../../src/result/build.ts';
import { RunCounts } from '../../src/result/counts.ts';
import type { Measurements } from '../../src/result/measurements.ts';
import { RunMeasurements } from '../../src/result/selections.ts';
import { createSimWorld } from '../../src/run/worlds.ts';
import type { Histogram } from '../../src/stats/histogram.ts';
import type { Case } from './reference.ts';
import { exactPercentile, fullestWindow, requestsOf, type Settled, type Window } from './requests.ts';

export interface Run {
  readonly plan: Plan;
  /** As the result file has them. */
  readonly figures: Figures;
  /** The same at full grain: histograms of waits, counts of answers. */
  readonly measured: Measurements;
  /** One by one, where they are asked for. */
  readonly requests: readonly Settled[] | null;
}

export function run(plan: Plan, seed: number, keepsRequests: boolean = false): Run {
  const world = createSimWorld(plan, seed, []);
  const requests = keepsRequests ? requestsOf(world.recorder) : null;
  world.run(() => true, 2 ** 30);
  world.finish();
  const measured = new RunMeasurements(plan, new RunCounts(plan, world.recorder, world.stations, world.log, world.now));
  return { plan, measured, requests, figures: figuresOf(measured, world.faults.targets) };
}

/** Undefined where neither the result nor the measurements behind it hold the metric. */
export function metricOf(name: string, run: Run, { scenario, mean_field_limit }: Case): number | boolean | readonly number[] | Window | undefined {
  const { figures, measured, plan } = run;
  const { totals } = figures;
  const bare = name.replace(/^(?:measured_|open_loop_|closed_loop_naive_)?(?:sojourn_)?/, '');
  const latency = measured.select({}).okLatency;
  const quantile = /^p(\d+(?:\.\d+)?)_ms$/.exec(bare);
  if (quantile !== null && run.requests !== null) return exactPercentile(run.requests, Number(quantile[1]) / 100) / NS_PER_MS;
  if (quantile !== null) return latency.percentile(Number(quantile[1]) / 100) / NS_PER_MS;
  const endpoints = plan.services.length === 1 ? Object.values(figures.endpoints) : [];
  const wait = figures.services['S']?.queueMs;
  switch (bare) {
    case 'mean_ms':
      return totals.okLatencyMs.mean!;
    case 'var_ms2':
      return totals.okLatencyMs.stddev! ** 2;
    case 'mean_over_mean_field_limit':
      return totals.okLatencyMs.mean! / mean_field_limit!.sojourn_mean_ms;
    case 'wait_mean_ms':
      return wait!.mean!;
    case 'wait_var_ms2':
      return wait!.stddev! ** 2;
    case 'wait_p99_ms':
      return wait!.p99!;
    case 'p_wait':
    case 'sigma':
      return waitedShare(run);
    case 'p_no_wait':
      return 1 - waitedShare(run);
    case 'mean_in_system':
    case 'mean_in_flight':
      return sum(endpoints.map(({ meanBusy, meanQueue }) => meanBusy + meanQueue));
    case 'p_reject':
      return totals.failed / totals.requests;
    case 'p_abandon':
      return (totals.causes.rejected ?? 0) / totals.requests;
    case 'p_timeout':
      return (totals.causes.timeout ?? 0) / totals.requests;
    case 'p_dropped_before_start':
      return droppedShare(run);
    case 'p_started_but_late':
      return (totals.causes.timeout ?? 0) / totals.requests - droppedShare(run);
    case 'goodput_fraction':
    case 'goodput_fraction_after':
    case 'success_rate':
    case 'user_success_rate':
      return totals.ok / totals.requests;
    case 'goodput_rps':
    case 'carried_rps':
    case 'throughput_rps':
    case 'throughput_bound_rps':
      return totals.goodput;
    case 'offered_attempts_rps_after':
      return totals.rps * totals.amplification!;
    case 'attempts_per_request':
      return totals.amplification!;
    case 'attempts_upper_bound':
      return boundedAttempts(run, scenario);
    case 'retries_at_20pct_failure_steady_state_per_request':
      return totals.retries / totals.requests;
    case 'mean_rate_rps':
      return totals.rps;
    case 'p_empty':
      return 1 - figures.services['S']!.busy!;
    case 'admit_fraction':
      return 1 - (totals.causes.rateLimited ?? 0) / totals.requests;
    case 'admitted_rps':
    case 'accepted_rps':
      return totals.goodput;
    case 'sent_rps':
      return totals.rps * totals.amplification!;
    case 'max_admitted_in_window_t':
      return fullestWindow(run.requests!, (scenario['rate_limit'] as { readonly refill_rps: number }).refill_rps);
    case 'client_reject_probability': {
      // What the caller refuses is never sent.
      const shares = Object.values(figures.traffic).map(({ attempts, requests }) => 1 - attempts / requests);
      return shares.length === 1 ? shares[0] : shares;
    }
    case 'backend_rejects_per_accept':
      return (totals.attempts - totals.ok) / totals.ok;
    case 'sent_over_accepted':
      return totals.attempts / totals.ok;
    case 'limited':
      return sum(Object.values(figures.edges).map(({ budgetRefusals }) => budgetRefusals)) > 0;
    case 'hedge_fraction':
      return totals.hedges / totals.requests;
    case 'work_with_cancel_over_no_hedge':
      return (sum(endpoints.map(({ meanBusy }) => meanBusy)) * 1000) / totals.rps / scenario.service!.mean_ms!;
    case 'p_latency_gt_hedged_fast':
      return shareAbove(latency, (scenario.client!.hedging!.delay_ms + Number(scenario.service!['fast_ms'])) * NS_PER_MS);
    case 'leaf_attempts_per_user_request':
      return figures.edges[plan.edges.find(({ to }) => plan.services[to]!.name === 'leaf')!.name]!.attempts / totals.requests;
    case 'attempt_timeout_probability':
      // Every retry follows a timeout, and so does the end of a call that ran out of retries.
      return (totals.retries + (totals.causes.timeout ?? 0)) / totals.attempts;
    case 'mean_time_to_outcome_ms':
      return totals.latencyMs.mean!;
    case 'server_work_per_request_no_cancel_ms':
    case 'server_work_per_request_with_cancel_ms':
      return (sum(endpoints.map(({ meanBusy }) => meanBusy)) * 1000) / totals.rps;
    case 'share_to_fast':
    case 'share_of_first':
      return figures.endpoints['S/0']!.share!;
    case 'utilisation':
      return figures.services['S']?.busy ?? stationsOf(run).map(({ busy }) => busy!);
    case 'visits_per_request':
      return stationsOf(run).map(({ requests }) => requests / totals.requests);
    case 'p_request_slow':
      return shareAbove(latency, 1000 * NS_PER_MS);
    default:
      return undefined;
  }
}

/** Why a metric has no value, for the table. */
export const UNMEASURED: Readonly<Record<string, string>> = {
  wasted_work_fraction: 'the result counts work after the caller gave up, not all work of late requests',
  var_in_flight: 'the result has time averages of requests in flight, not their law',
  'p_in_flight_gt_1.5x_mean': 'the result has time averages of requests in flight, not their law',
  decay_rate_of_queue_tail: 'the result has time averages of the queue, not their law',
  mean_slowdown: 'the result does not relate latency to own work',
  leaf_quantile_for_request_p99: 'a formula about no part of the engine',
};

/** S1, S2, ... of a network. */
function stationsOf({ figures }: Run): Figures['services'][string][] {
  return Object.entries(figures.services).filter(([name]) => /^S\d+$/.test(name)).map(([, metrics]) => metrics);
}

function waitedShare({ measured }: Run): number {
  const counts = measured.endpointsOf({ service: 'S' }).map((endpoint) => {
    const { queue } = measured.endpoint(endpoint);
    return { all: queue.count, waited: shareAbove(queue, 0) * queue.count };
  });
  return sum(counts.map(({ waited }) => waited)) / sum(counts.map(({ all }) => all));
}

/** Requests that left the queue because their caller had gone. */
function droppedShare({ measured, figures }: Run): number {
  const dropped = measured.endpointsOf({ service: 'S' }).map((endpoint) => measured.endpoint(endpoint).outcomes[Outcome.unfinished]!);
  return sum(dropped) / figures.totals.requests;
}

/** Attempts per request, less what the budget may hold when the window begins and the chance of the arrivals in 1 + ratio + min / rate. */
function boundedAttempts({ figures: { totals }, measured }: Run, scenario: Case['scenario']): number {
  const { min_retries_per_sec: perS, ttl_s = 10 } = scenario.client!.retry_budget!;
  const { rate_rps } = scenario.arrivals as { readonly rate_rps: number };
  const reserve = perS * ttl_s + totals.rps * scenario.client!.retry_budget!.ratio * ttl_s;
  const windowS = secondsOf(measured.windowNs);
  return (totals.attempts - reserve - perS * (windowS - totals.requests / rate_rps)) / totals.requests;
}

/** Share of values above a limit; buckets are taken whole, by their lower end. */
function shareAbove(histogram: Histogram, limit: number): number {
  const { subBucketsPerOctave: parts, indexes, counts } = histogram.toData();
  const above = counts.filter((_, i) => 2 ** Math.floor(indexes[i]! / parts) * (1 + (indexes[i]! % parts) / parts) - 1 > limit);
  return sum(above) / histogram.count;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
