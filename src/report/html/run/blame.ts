/** Tail blame: where the slowest 1 % of the requests spent their time, against those around the median. */
import type { Result, TailAmplifier, TailGroup, TailPart, TailPlace, TailResult } from '../../../result/result.ts';
import * as format from '../../format.ts';
import { dataTable } from '../data-table.ts';
import { html, type Markup } from '../markup.ts';
import { nothing } from '../blocks.ts';
import type { PageSection } from '../page.ts';
import { px, textWidth } from '../svg.ts';
import { PART_WORDS, PARTS } from './tail-parts.ts';

const ABOUT = { id: 'tail', title: 'Where the slowest 1 % spent their time' } as const;

export const NOT_TRACED = 'This run was not traced, so there is nothing to say about single requests.';

export function blameSection({ reps, tail }: Result): PageSection {
  if (tail === undefined) return { ...ABOUT, body: nothing(NOT_TRACED) };
  if (tail.slow.requests === 0) return { ...ABOUT, body: nothing('No request was measured.') };
  const most = PARTS.map((part) => ({ part, more: (tail.parts[part]?.slowMs ?? 0) - (tail.parts[part]?.medianMs ?? 0) })).reduce((one, other) => (other.more > one.more ? other : one));
  const worst = tail.places.find(({ part }) => part === most.part);
  return {
    ...ABOUT,
    lead: html`A slow request took ${format.milliseconds(tail.slow.meanMs)} on average, one around the median ${format.milliseconds(tail.median.meanMs)}. ${most.more > 0 && html`Most of the difference, <strong>${format.milliseconds(most.more)}</strong>, is <strong>${PART_WORDS[most.part]}</strong>${worst !== undefined && `, above all on ${worst.edge}`}.`}${reps.length > 1 && ' Of the first replication.'}`,
    body: html`${bars(tail)}${placesTable(tail)}${amplifiersTable(tail)}`,
  };
}

const WIDTH = 1000;
const LABEL = 120;
const BAR = 34;

function bars(tail: TailResult): Markup {
  const most = Math.max(tail.slow.meanMs, tail.median.meanMs, 1e-9);
  const parts = PARTS.filter((part) => (tail.parts[part]?.slowMs ?? 0) + (tail.parts[part]?.medianMs ?? 0) > 0);
  const row = (label: string, { examined, fromMs, meanMs, requests, toMs }: TailGroup, y: number, of: 'slowMs' | 'medianMs'): Markup => {
    let x = LABEL;
    return html`<text class="name" x="0" y="${y + 15}">${label}</text><text class="tick" x="0" y="${y + 31}">${format.milliseconds(meanMs)}</text>${parts.map((part) => {
      const ms = tail.parts[part]?.[of] ?? 0;
      const width = ((WIDTH - LABEL) * ms) / most;
      const left = x;
      x += width;
      return width < 0.4 ? null : html`<g><title>${`${PART_WORDS[part]}: ${format.milliseconds(ms)} of ${format.milliseconds(meanMs)}`}</title><rect class="part-${part}" x="${px(left)}" y="${y}" width="${px(width)}" height="${BAR}"/>${textOn(part, ms, width, left + 8, y + 21)}</g>`;
    })}<title>${`${format.count(requests)} requests from ${format.milliseconds(fromMs)} to ${format.milliseconds(toMs)}, estimated from ${format.count(examined)} that took as long`}</title>`;
  };
  return html`<ul class="legend">${parts.map((part) => html`<li><svg width="18" height="12" aria-hidden="true"><rect class="part-${part}" width="18" height="12" rx="2"/></svg> ${PART_WORDS[part]}</li>`)}</ul>
<div class="scroll" tabindex="0" role="region" aria-label="Mean time of a request by part"><svg class="blame" viewBox="0 0 ${WIDTH} ${BAR * 2 + 26}" role="img" aria-label="Mean time of a request by part; the table below has the same."><g>${row('slowest 1 %', tail.slow, 2, 'slowMs')}</g><g>${row('median', tail.median, BAR + 20, 'medianMs')}</g></svg></div>
<details><summary>The same as a table</summary>${dataTable<TailPart>({ title: 'Time by part', rows: parts, columns: [
    { title: 'Part', isText: true, of: (part) => ({ text: PART_WORDS[part] }) },
    { title: 'Slowest 1 % ms', of: (part) => timeCell(tail.parts[part]?.slowMs ?? 0) },
    { title: 'Median ms', of: (part) => timeCell(tail.parts[part]?.medianMs ?? 0) },
  ] })}</details>`;
}

/** As much as there is room for. */
function textOn(part: TailPart, ms: number, width: number, x: number, y: number): Markup | null {
  const text = [`${PART_WORDS[part]} ${format.milliseconds(ms)}`, format.milliseconds(ms)].find((one) => textWidth(one, 13) + 16 < width);
  return text === undefined ? null : html`<text class="on-part" x="${px(x)}" y="${y}">${text}</text>`;
}

function timeCell(ms: number): { text: string; value: number } {
  return { text: format.number(ms), value: ms };
}

const PLACES_SHOWN = 12;

function placesTable({ places }: TailResult): Markup | null {
  if (places.length === 0) return null;
  return html`<h3>By place</h3>${dataTable<TailPlace>({ title: 'Time by place', rows: places.slice(0, PLACES_SHOWN), columns: [
    { title: 'Waited for', isText: true, of: ({ part }) => ({ text: html`<svg class="key" width="12" height="12" aria-hidden="true"><rect class="part-${part}" width="12" height="12" rx="2"/></svg> ${PART_WORDS[part]}`, value: PART_WORDS[part] }) },
    { title: 'Edge', isText: true, of: ({ edge }) => ({ text: edge }) },
    { title: 'Service', isText: true, of: ({ service }) => ({ text: service }) },
    { title: 'Slowest 1 % ms', of: ({ slowMs }) => timeCell(slowMs) },
    { title: 'Median ms', of: ({ medianMs }) => timeCell(medianMs) },
    { title: 'More ms', of: ({ medianMs, slowMs }) => timeCell(slowMs - medianMs) },
  ] })}`;
}

function amplifiersTable({ amplifiers }: TailResult): Markup | null {
  if (amplifiers.length === 0) return null;
  return html`<h3>Who amplified</h3>${dataTable<TailAmplifier>({ title: 'Attempts on the way', rows: amplifiers, columns: [
    { title: 'Edge', isText: true, of: ({ edge }) => ({ text: edge }) },
    { title: 'Calls a slow request', of: ({ slow }) => timeCell(slow.calls) },
    { title: 'Attempts', of: ({ slow }) => timeCell(slow.attempts) },
    { title: 'Retries', of: ({ slow }) => timeCell(slow.retries) },
    { title: 'Hedges', of: ({ slow }) => timeCell(slow.hedges) },
    { title: 'Given up', of: ({ slow }) => timeCell(slow.abandoned) },
    { title: 'Attempts, median', of: ({ median }) => timeCell(median.attempts) },
    { title: 'Attempts a call, from the source on', isText: true, of: ({ chain }) => ({ text: chain.map(({ attemptsPerCall, edge }) => `${edge} ${format.times(attemptsPerCall)}`).join('  ·  ') }) },
  ] })}`;
}
