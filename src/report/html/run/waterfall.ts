/** The slowest requests one by one: each call a row, each attempt on it a bar, cut into the way, the queue and the work. */
import type { AttemptTrace, CallTrace, RequestTrace, Result } from '../../../result/result.ts';
import { CAUSE_WORDS } from '../../causes.ts';
import * as format from '../../format.ts';
import type { Pattern } from '../chart.ts';
import { html, type Markup } from '../markup.ts';
import { nothing } from '../blocks.ts';
import type { PageSection } from '../page.ts';
import { fitting, px, ticks } from '../svg.ts';
import { NOT_TRACED } from './blame.ts';
import { PART_WORDS, PARTS } from './tail-parts.ts';

const ABOUT = { id: 'slowest', title: 'Slowest requests' } as const;

export function waterfallSection({ reps, tail }: Result): PageSection {
  if (tail === undefined) return { ...ABOUT, body: nothing(NOT_TRACED) };
  if (tail.slowest.length === 0) return { ...ABOUT, body: nothing('No request was measured.') };
  return {
    ...ABOUT,
    lead: `Each from its arrival on${reps.length > 1 ? ', of the first replication' : ''}. A row is an attempt: thin on its way, hatched in a queue, full on a slot, hollow where it waits for calls of its own, dotted where nobody waits for it any more.`,
    body: html`${spanLegend()}${tail.typical.length > 0 && html`<h3>Typical of the slowest 1 %</h3>${tail.typical.map(({ edge, part, request, share }, i) => html`<p class="note">${format.wholePercent(share)} of the slow requests waited most for ${PART_WORDS[part]} on ${edge}:</p>${requestOf(request, i === 0)}`)}`}<h3>The ${tail.slowest.length} slowest</h3>${tail.slowest.map((request, i) => requestOf(request, tail.typical.length === 0 && i === 0))}`,
  };
}

export function spanLegend(): Markup {
  const item = (span: Span, text: string): Markup => html`<li><svg width="22" height="12" aria-hidden="true"><path class="span-${span}" stroke-width="${SPANS[span].thickness}" d="M0 6h22"/>${SPANS[span].over !== undefined && html`<path stroke="url(#p-${SPANS[span].over})" stroke-width="${SPANS[span].thickness}" d="M0 6.01h22"/>`}</svg> ${text}</li>`;
  return html`<ul class="legend">${item('way', 'on its way')}${item('queue', 'in the queue')}${item('work', 'on a slot')}${item('waste', 'work that nobody waits for')}${item('wait', 'backoff, hedge wait, connection')}</ul>`;
}

/** @param scaleMs  the least that its axis covers, for requests side by side */
export function requestOf({ arrivedMs, call, class: kind, latencyMs, leftOut, outcome, parts, request, source }: RequestTrace, isOpen: boolean, scaleMs = 0): Markup {
  const told = PARTS.flatMap((part) => (parts[part] === undefined || parts[part] < latencyMs / 1000 ? [] : [`${PART_WORDS[part]} ${format.milliseconds(parts[part])}`]));
  const mostly = PARTS.reduce((one, other) => ((parts[other] ?? 0) > (parts[one] ?? 0) ? other : one));
  return html`<details class="request"${isOpen && html` open`}><summary><strong>${format.milliseconds(latencyMs)}</strong> <span class="${outcome === 'ok' ? 'good' : 'bad'}">${outcome === 'ok' ? '✓ ok' : `✗ ${CAUSE_WORDS[outcome]}`}</span> <span>${source}${kind !== source && kind !== '' && ` · ${kind}`} #${format.count(request)}, at ${format.duration(arrivedMs)}</span> <em>mostly ${PART_WORDS[mostly]}</em></summary>
<p class="note">${told.join(' · ')}</p>
${drawing(call, latencyMs, scaleMs)}${leftOut > 0 && html`<p class="note">${leftOut} calls and attempts are left out.</p>`}</details>`;
}

interface Row {
  readonly depth: number;
  readonly label: string;
  readonly attempt: AttemptTrace | null;
  /** What came before it since the attempt before. */
  readonly waits: CallTrace['waits'];
}

function rowsOf(call: CallTrace, depth: number): Row[] {
  const { attempts, edge, outcome, service } = call;
  if (attempts.length === 0) return [{ depth, label: `${service}${outcome === undefined || outcome === 'ok' ? '' : `: ${CAUSE_WORDS[outcome]}`}`, attempt: null, waits: call.waits }];
  return attempts.flatMap((attempt, i) => [
    { depth, label: `${attempt.kind === 'first' ? '' : attempt.kind === 'retry' ? '↻ ' : '⇉ '}${attempt.endpoint === '' ? edge : attempt.endpoint}`, attempt, waits: call.waits.filter(({ fromMs }) => (i === 0 || fromMs >= attempts[i - 1]!.sentMs) && (i === attempts.length - 1 || fromMs < attempt.sentMs)) },
    ...attempt.calls.flatMap((own) => rowsOf(own, depth + 1)),
  ]);
}

/** Rows that a person still follows; the deepest leave first. */
const ROWS_MAX = 32;

function shownOf(rows: readonly Row[]): readonly Row[] {
  if (rows.length <= ROWS_MAX) return rows;
  const depths = rows.map(({ depth }) => depth).sort((a, b) => a - b);
  const deepest = depths[ROWS_MAX - 1]!;
  let room = ROWS_MAX - rows.filter(({ depth }) => depth < deepest).length;
  return rows.filter(({ depth }) => depth < deepest || (depth === deepest && room-- > 0));
}

const WIDTH = 1000;
const LABEL = 210;
const RIGHT = 116;
const ROW = 20;
const TOP = 22;
const INDENT = 14;

/** How thick each kind of bar is; a pattern over those whose colour is not to say it alone. */
type Span = 'way' | 'wait' | 'queue' | 'work' | 'inner' | 'waste';
const SPANS: Readonly<Record<Span, { readonly thickness: number; readonly over?: Pattern }>> = {
  way: { thickness: 2 },
  wait: { thickness: 4 },
  queue: { thickness: 10, over: 'rising' },
  work: { thickness: 10 },
  inner: { thickness: 6 },
  waste: { thickness: 10, over: 'dots' },
};

/** All bars of a kind are one path: a request of many attempts is some kilobytes, and there are many requests. */
function drawing(call: CallTrace, latencyMs: number, scaleMs: number): Markup {
  const all = rowsOf(call, 0);
  const rows = shownOf(all);
  const lastMs = Math.max(latencyMs, scaleMs, ...rows.map(({ attempt }) => overMs(attempt)), 1e-6);
  const at = (ms: number): number => px(LABEL + ((WIDTH - LABEL - RIGHT) * Math.min(ms, lastMs)) / lastMs);
  const height = TOP + rows.length * ROW + 6;
  const bars: Record<Span, string> = { way: '', wait: '', queue: '', work: '', inner: '', waste: '' };
  for (const [i, row] of rows.entries()) {
    const middle = TOP + i * ROW + ROW / 2;
    for (const [span, fromMs, toMs] of barsOf(row, lastMs)) if (toMs > fromMs) bars[span] += `M${at(fromMs)} ${middle}h${px(Math.max(0.8, at(toMs) - at(fromMs)))}`;
  }
  const kinds = (Object.keys(SPANS) as Span[]).filter((span) => bars[span] !== '');
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Waterfall"><svg class="waterfall" viewBox="0 0 ${WIDTH} ${height}" role="group" aria-label="${all.length} attempts over ${format.milliseconds(lastMs)}">
${ticks(0, lastMs, 6).map((ms) => html`<path class="grid" d="M${at(ms)} ${TOP - 6}V${height}"/><text class="tick" x="${at(ms)}" y="11" text-anchor="middle">${format.milliseconds(ms)}</text>`)}
<path class="end" d="M${at(latencyMs)} ${TOP - 6}V${height}"/>
${kinds.map((span) => html`<path class="span-${span}" stroke-width="${SPANS[span].thickness}" d="${bars[span]}"/>${SPANS[span].over !== undefined && html`<path stroke="url(#p-${SPANS[span].over})" stroke-width="${SPANS[span].thickness}" d="${bars[span]}"/>`}`)}
${rows.map((row, i) => textOf(row, TOP + i * ROW + ROW / 2 + 4, at))}
</svg></div>${all.length > rows.length && html`<p class="note">${all.length - rows.length} more attempts, further down, are in result.json.</p>`}`;
}

/** Its endpoint left, how long it took right of its bar. */
function textOf({ attempt, depth, label }: Row, y: number, at: (ms: number) => number): Markup {
  const x = 4 + Math.min(depth, 8) * INDENT;
  const failed = attempt?.outcome !== undefined && attempt.outcome !== 'ok';
  return html`<text${failed && html` class="bad"`} x="${x}" y="${y}">${failed && '✗ '}${fitting(label, LABEL - x - 18, 12)}</text>${attempt !== null && attempt.toMs !== null && html`<text class="tick" x="${px(at(overMs(attempt)) + 5)}" y="${y}">${format.number(attempt.toMs - attempt.sentMs)}${failed && ` ${CAUSE_WORDS[attempt.outcome!]}`}</text>`}`;
}

/** From when nobody waited for it, or from when it got a slot after that. */
function wasteFrom({ startedMs }: AttemptTrace, endMs: number): number {
  return Math.max(endMs, startedMs ?? endMs);
}

function overMs(attempt: AttemptTrace | null): number {
  return attempt === null || attempt.toMs === null ? 0 : wasteFrom(attempt, attempt.toMs) + (attempt.wastedMs ?? 0);
}

type Bar = readonly [span: Span, fromMs: number, toMs: number];

function barsOf({ attempt, waits: own }: Row, lastMs: number): Bar[] {
  const waits = own.map(({ fromMs, toMs }): Bar => ['wait', fromMs, toMs]);
  if (attempt === null) return waits;
  const { answeredMs, arrivedMs, calls, sentMs, startedMs, toMs, wastedMs } = attempt;
  const endMs = toMs ?? lastMs;
  return [
    ...waits,
    ['way', sentMs, endMs],
    ...(arrivedMs === undefined ? [] : [['queue', arrivedMs, startedMs ?? endMs] as const]),
    ...(startedMs === undefined ? [] : [['work', startedMs, Math.min(Math.max(answeredMs ?? endMs, startedMs), endMs)] as const, ...calls.map((call): Bar => ['inner', Math.max(startedMs, call.fromMs), Math.min(call.toMs ?? endMs, endMs)])]),
    ...(wastedMs === undefined ? [] : [['waste', wasteFrom(attempt, endMs), wasteFrom(attempt, endMs) + wastedMs] as const]),
  ];
}
