/** Endpoints and edges over time, out of the readings at the ends of the steps. */
import { budgetIsBounded } from '../engine/retry/budget.ts';
import type { Plan } from '../model/plan.ts';
import type { EdgeSeries, EndpointSeries, Series } from './result.ts';
import { EdgeReading, EndpointReading, endpointsRead, Reading } from './step-reading.ts';

/** Endpoints shown. */
const ENDPOINTS_MAX = 64;

/** @param readings  one a step, of one run or summed over several */
export function placeSeriesOf(plan: Plan, readings: readonly Float64Array[]): Pick<Series, 'endpoints' | 'endpointsLeftOut' | 'edges'> {
  const endpoints = plan.services.flatMap(({ concurrency, name, replicas }) => Array.from({ length: replicas }, (_, i) => ({ name: `${name}/${i}`, slots: concurrency })));
  const read = endpoints.slice(0, endpointsRead(plan)).map((endpoint, i) => ({ ...endpoint, at: Reading.endpoints + i * EndpointReading.length, i }));
  const last = readings.at(-1)!; // a series has a step
  const load = (at: number): number => last[at + EndpointReading.busyNs]! + last[at + EndpointReading.queuedNs]!;
  const shown = [...read].sort((one, other) => load(other.at) - load(one.at) || one.i - other.i).slice(0, ENDPOINTS_MAX).sort((one, other) => one.i - other.i);
  const firstEdge = Reading.endpoints + read.length * EndpointReading.length;
  return {
    endpoints: Object.fromEntries(shown.map(({ at, name, slots }) => [name, endpointSeries(readings, at, slots)])),
    endpointsLeftOut: endpoints.length - shown.length,
    edges: Object.fromEntries(plan.edges.map(({ name, policy }, edge) => {
      const budget = policy.retries?.budget ?? null;
      return [name, edgeSeries(readings, firstEdge + edge * EdgeReading.length, budget === null ? null : budgetIsBounded(budget))];
    })),
  };
}

function endpointSeries(readings: readonly Float64Array[], at: number, slots: number): EndpointSeries {
  const times = differences(readings, Reading.time);
  const average = (field: number): (number | null)[] => differences(readings, at + field).map((ns, step) => (times[step]! > 0 ? ns / times[step]! : null));
  return {
    attempts: differences(readings, at + EndpointReading.attempts),
    busy: average(EndpointReading.busyNs).map((busy) => (busy === null || !Number.isFinite(slots) ? null : rounded(busy / slots))),
    queue: average(EndpointReading.queuedNs).map((queue) => (queue === null ? null : rounded(queue))),
  };
}

/** @param isBounded  of its budget; null without */
function edgeSeries(readings: readonly Float64Array[], at: number, isBounded: boolean | null): EdgeSeries {
  const mean = (field: number, of: number): (number | null)[] => readings.map((row) => (row[of]! > 0 ? rounded(row[at + field]! / row[of]!) : null));
  return {
    calls: differences(readings, at + EdgeReading.calls),
    attempts: differences(readings, at + EdgeReading.attempts),
    ejected: mean(EdgeReading.ejected, Reading.runs).map((pairs) => pairs ?? 0),
    ...(isBounded === null ? {} : { budgetIsShare: isBounded, budget: mean(EdgeReading.budgetLeft, at + EdgeReading.budgets) }),
  };
}

function differences(readings: readonly Float64Array[], place: number): number[] {
  return readings.map((row, step) => row[place]! - (readings[step - 1]?.[place] ?? 0));
}

/** Four digits are more than a picture shows, and a third of the bytes. */
function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
