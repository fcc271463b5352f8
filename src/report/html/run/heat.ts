/** Which replica was how busy when: rows of endpoints over time. */
import type { Result } from '../../../result/result.ts';
import { html } from '../markup.ts';
import { nothing } from '../blocks.ts';
import type { PageSection } from '../page.ts';
import { packed } from '../packed.ts';
import type { HeatData, HeatMeasure } from '../page-data.ts';

export function heatOf({ endpoints: all, series }: Result): HeatData | null {
  const endpoints = Object.entries(series.endpoints);
  if (endpoints.length === 0) return null;
  const measure = (label: string, unit: HeatMeasure['unit'], values: readonly (readonly (number | null)[])[]): HeatMeasure | null => {
    const known = values.flat().filter((value) => value !== null);
    if (known.length === 0) return null;
    const highest = known.reduce((most, value) => Math.max(most, value), 0);
    const most = label === 'busy' ? (FULL.find((share) => share >= highest) ?? 1) : highest;
    return { label, unit, most, values: values.map((row) => packed(row, most)) };
  };
  // Of a service that is not all in the series, nobody's share is known.
  const leftOut = new Set(Object.keys(all).filter((name) => series.endpoints[name] === undefined).map(serviceOf));
  const sums = new Map<string, number[]>();
  for (const [name, { attempts }] of endpoints) {
    const sum = sums.get(serviceOf(name)) ?? new Array<number>(attempts.length).fill(0);
    sums.set(serviceOf(name), sum.map((value, i) => value + attempts[i]!));
  }
  const measures = [
    measure('busy', 'share', endpoints.map(([, { busy }]) => busy)),
    measure('queue', 'count', endpoints.map(([, { queue }]) => queue)),
    measure('share', 'share', endpoints.map(([name, { attempts }]) => attempts.map((count, i) => {
      const sum = sums.get(serviceOf(name))![i]!;
      return sum === 0 || leftOut.has(serviceOf(name)) ? null : count / sum;
    }))),
  ].filter((one) => one !== null);
  return { stepMs: series.stepMs, rows: endpoints.map(([name]) => name), measures };
}

/** A mesh that is never more than a tenth busy would be one colour. */
const FULL = [0.1, 0.25, 0.5, 1];

function serviceOf(endpoint: string): string {
  return endpoint.slice(0, endpoint.lastIndexOf('/'));
}

export function heatSection({ series }: Result, heat: HeatData | null): PageSection {
  const about = { id: 'replicas', title: 'Replicas over time' };
  if (heat === null) return { ...about, body: nothing('This result has no series of its endpoints.') };
  return {
    ...about,
    lead: 'A row for each endpoint, the stronger the colour the more: share of its slots in use, requests waiting, or its share of the service’s attempts.',
    body: html`<div class="heat" id="heat"><p class="nothing no-js">The heat map is drawn by a script; the table of replicas above has the whole run.</p></div>${series.endpointsLeftOut > 0 && html`<p class="note">The ${heat.rows.length} endpoints that had most to do; ${series.endpointsLeftOut} more are in the table above.</p>`}`,
  };
}
