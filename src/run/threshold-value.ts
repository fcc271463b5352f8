/**
 * The number a threshold is about.
 *
 * What each metric means, over the calls its tags select:
 *
 * - `latency`   of all calls, failed ones included; with an `endpoint` tag, of the attempts it answered
 * - `errors`    failed / requests (`rate`, `ratio`) or failed calls (`count`)
 * - `requests`  begun: `count`, or `rate` per second of the window
 * - `goodput`   ok: `rate` per second of the window, `ratio` of requests, `count`
 * - `retries`   `ratio` first attempts and retries / first attempts, so 1.08 is 8 % extra, and calls that were refused
 *               before an attempt do not hide it; `count`; `rate` per second
 * - `hedges`    attempts beside another that was waited for: `ratio` hedges / requests; `count`; `rate` per second
 * - `queue`     the wait for a slot at an endpoint
 * - `busy`      slot time used / slot time there was: of all selected endpoints together (`avg`,
 *               `ratio`), of the busiest (`max`) or idlest one (`min`)
 * - `ejected`   against a count: ejections by outlier detection, of all (`count`) or of the worst endpoint (`max`);
 *               against a ratio: caller-endpoint time out of use, by whichever policy, of all (`ratio`, `avg`) or the
 *               worst (`max`)
 * - `breaker_open` time that breakers refused calls, or would have / time there was, over all breakers on the selected
 *               edges (`avg`); how often they opened (`count`); without samples where no policy has one
 * - `recovery`  see `recovery.ts`
 */
import type { EndpointId } from '../model/ids.ts';
import type { MetricPlan } from '../model/plan.ts';
import { NS_PER_S } from '../model/units.ts';
import type { EndpointSelection, Measurements, Selection } from '../result/measurements.ts';
import type { RequestSeries } from '../result/result.ts';
import { Histogram } from '../stats/histogram.ts';
import { recoveryNs } from '../result/recovery.ts';

/** In the plan's units; null where nothing was measured. */
export function valueOf(threshold: MetricPlan, measurements: Measurements, series: RequestSeries | null): number | null {
  switch (threshold.metric) {
    case 'latency':
      if (threshold.tags.endpoint === undefined) return statOf(measurements.select(threshold.tags).latency, threshold.stat);
      return statOf(merged(endpointsOf(threshold.tags, measurements).map(({ latency }) => latency)), threshold.stat);
    case 'errors':
    case 'requests':
    case 'goodput':
    case 'retries':
    case 'hedges':
      return callValue(threshold, measurements);
    case 'queue':
    case 'busy':
    case 'ejected':
      return endpointValue(threshold, measurements);
    case 'breaker_open':
      return breakerValue(threshold, measurements);
    case 'recovery':
      return series === null ? null : recoveryNs(threshold, measurements.plan, series);
    default:
      return threshold.metric satisfies never;
  }
}

/**
 * As `valueOf`, of one replication among others that may have measured what it did not: where it had nothing to count it counted 0, and 0
 * per second.
 */
export function valueOfOne(threshold: MetricPlan, measurements: Measurements, series: RequestSeries | null): number | null {
  const value = valueOf(threshold, measurements, series);
  return value === null && isTally(threshold) && measurements.windowOf(threshold.tags.phase) > 0 ? 0 : value;
}

/** A number of calls, which there is of no calls too; not a share of them. */
export function isTally({ metric, stat }: MetricPlan): boolean {
  switch (metric) {
    case 'errors': return stat.kind === 'count';
    case 'goodput':
    case 'retries':
    case 'hedges': return stat.kind === 'count' || stat.kind === 'rate';
    default: return false;
  }
}

/** How many of the selected calls, or attempts at selected endpoints, succeeded. */
export function okOf({ tags }: MetricPlan, measurements: Measurements): number {
  if (tags.endpoint === undefined) return measurements.select(tags).ok;
  return endpointsOf(tags, measurements).reduce((sum, endpoint) => sum + endpoint.ok, 0);
}

/** An endpoint counts its attempts like a call: those of its metrics that have no retries of their own. */
type Counts = Pick<Selection, 'requests' | 'ok' | 'failed' | 'attempts' | 'retries' | 'hedges'>;

function callValue({ metric, tags, stat }: MetricPlan, measurements: Measurements): number | null {
  const counts: Counts = tags.endpoint === undefined
    ? measurements.select(tags)
    : summed(endpointsOf(tags, measurements));
  const windowNs = measurements.windowOf(tags.phase);
  if (windowNs <= 0) return null;
  const perSecond = (count: number): number => (count * NS_PER_S) / windowNs;
  if (metric === 'requests') return stat.kind === 'rate' ? perSecond(counts.requests) : counts.requests;
  if (counts.requests === 0) return null;

  const { requests, ok, failed, attempts, retries, hedges } = counts;
  switch (metric) {
    case 'errors': return pick(stat, { count: failed, rate: failed / requests, ratio: failed / requests });
    case 'goodput': return pick(stat, { count: ok, rate: perSecond(ok), ratio: ok / requests });
    case 'retries': return pick(stat, { count: retries, rate: perSecond(retries), ratio: retries === 0 ? 1 : 1 + retries / (attempts - hedges - retries) });
    case 'hedges': return pick(stat, { count: hedges, rate: perSecond(hedges), ratio: hedges / requests });
    default: return null;
  }
}

function pick(stat: MetricPlan['stat'], values: { readonly count: number; readonly rate: number; readonly ratio: number }): number | null {
  return stat.kind === 'count' || stat.kind === 'rate' || stat.kind === 'ratio' ? values[stat.kind] : null;
}

function breakerValue({ stat, tags }: MetricPlan, measurements: Measurements): number | null {
  const { count, openNs, openings } = measurements.breakers(tags);
  const wholeNs = count * measurements.windowOf(tags.phase);
  if (wholeNs <= 0) return null;
  return stat.kind === 'count' ? openings : openNs / wholeNs;
}

function endpointValue(threshold: MetricPlan, measurements: Measurements): number | null {
  switch (threshold.metric) {
    case 'queue': return statOf(merged(endpointsOf(threshold.tags, measurements).map(({ queue }) => queue)), threshold.stat);
    case 'busy': return shareValue(threshold, measurements, busyParts(threshold, measurements));
    case 'ejected':
      if (threshold.unit === 'ratio') return shareValue(threshold, measurements, ejectedParts(threshold, measurements));
      return spread(threshold.stat, endpointsOf(threshold.tags, measurements).map(({ ejections }) => ejections));
    default: return null;
  }
}

/** Time used out of the time there was, one pair an endpoint. */
interface Part {
  readonly usedNs: number;
  readonly wholeNs: number;
}

function shareValue({ stat }: MetricPlan, measurements: Measurements, parts: readonly Part[]): number | null {
  if (parts.length === 0 || measurements.windowNs <= 0) return null;
  if (stat.kind === 'max' || stat.kind === 'min') return spread(stat, parts.map(({ usedNs, wholeNs }) => usedNs / wholeNs));
  const wholeNs = parts.reduce((sum, part) => sum + part.wholeNs, 0);
  return parts.reduce((sum, part) => sum + part.usedNs, 0) / wholeNs;
}

/** Endpoints without a limit have no share of slots in use and are left out. */
function busyParts({ tags }: MetricPlan, measurements: Measurements): Part[] {
  const { windowNs } = measurements;
  return endpointIdsOf(tags, measurements).flatMap((id) => {
    const { concurrency } = serviceAt(measurements, id);
    if (!Number.isFinite(concurrency)) return [];
    return [{ usedNs: measurements.endpoint(id).busyNs, wholeNs: windowNs * concurrency }];
  });
}

/** Every caller has a view of its own on every endpoint. */
function ejectedParts({ tags }: MetricPlan, measurements: Measurements): Part[] {
  const { plan, windowNs } = measurements;
  return endpointIdsOf(tags, measurements).flatMap((id) => {
    const service = plan.services.indexOf(serviceAt(measurements, id));
    const callers = plan.edges
      .filter((edge) => edge.to === service)
      .reduce((sum, { from }) => sum + (from.kind === 'traffic' ? plan.traffic[from.index]!.clients : plan.services[from.index]!.replicas), 0);
    return callers === 0 ? [] : [{ usedNs: measurements.endpoint(id).ejectedNs, wholeNs: windowNs * callers }];
  });
}

function serviceAt({ plan }: Measurements, endpoint: number): Measurements['plan']['services'][number] {
  const service = plan.services.findLast(({ firstEndpoint }) => firstEndpoint <= endpoint);
  if (service === undefined) throw new Error(`no service owns endpoint ${endpoint}`);
  return service;
}

function endpointsOf(tags: MetricPlan['tags'], measurements: Measurements): EndpointSelection[] {
  return endpointIdsOf(tags, measurements).map((id) => measurements.endpoint(id));
}

/** Endpoints are measured over the whole window and for all callers; a narrower question has no answer. */
function endpointIdsOf(tags: MetricPlan['tags'], measurements: Measurements): readonly EndpointId[] {
  const { edge, traffic, class: requestClass, phase } = tags;
  if ([edge, traffic, requestClass, phase].some((tag) => tag !== undefined)) return [];
  return measurements.endpointsOf(tags);
}

function summed(endpoints: readonly EndpointSelection[]): Counts {
  const sum = (of: (endpoint: EndpointSelection) => number): number => endpoints.reduce((total, endpoint) => total + of(endpoint), 0);
  const requests = sum((endpoint) => endpoint.requests);
  const ok = sum((endpoint) => endpoint.ok);
  return { requests, ok, failed: requests - ok, attempts: requests, retries: 0, hedges: 0 };
}

function spread({ kind }: MetricPlan['stat'], values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const total = values.reduce((sum, value) => sum + value, 0);
  switch (kind) {
    case 'max': return Math.max(...values);
    case 'min': return Math.min(...values);
    case 'avg': return total / values.length;
    case 'count': return total;
    default: return null;
  }
}

function statOf(histogram: Histogram, stat: MetricPlan['stat']): number | null {
  if (stat.kind === 'count') return histogram.count;
  if (histogram.count === 0) return null;
  switch (stat.kind) {
    case 'percentile': return histogram.percentile(stat.p);
    case 'avg': return histogram.mean();
    case 'min': return histogram.min;
    case 'max': return histogram.max;
    default: return null;
  }
}

function merged(histograms: readonly Histogram[]): Histogram {
  const all = new Histogram(histograms[0]?.bits);
  for (const histogram of histograms) all.merge(histogram);
  return all;
}
