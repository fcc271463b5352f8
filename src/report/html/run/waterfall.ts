/** The slowest requests one by one: each call a row, each attempt on it a bar, cut into the way, the queue and the work. */
import type { AttemptTrace, CallTrace, RequestTrace, Result } from '../../../result/result.ts';
import { CAUSE_WORDS } from '../../causes.ts';
import * as format from '../../format.ts';
import { type Content, html, Markup } from '../markup.ts';
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
    body: html`${legend()}${tail.typical.length > 0 && html`<h3>Typical of the slowest 1 %</h3>${tail.typical.map(({ edge, part, request, share }, i) => html`<p class="note">${format.wholePercent(share)} of the slow requests waited most for ${PART_WORDS[part]} on ${edge}:</p>${requestOf(request, i === 0)}`)}`}<h3>The ${tail.slowest.length} slowest</h3>${tail.slowest.map((request, i) => requestOf(request, tail.typical.length === 0 && i === 0))}`,
  };
}

function legend(): Markup {
  const item = (name: string, text: string): Markup => html`<li><svg width="22" height="12" aria-hidden="true"><rect class="span-${name}" y="${name === 'way' ? 5 : 1}" width="22" height="${name === 'way' ? 2 : 10}"/>${name in OVER && html`<rect fill="url(#p-${OVER[name]!})" y="1" width="22" height="10"/>`}</svg> ${text}</li>`;
  return html`<ul class="legend">${item('way', 'on its way')}${item('queue', 'in the queue')}${item('work', 'on a slot')}${item('waste', 'work that nobody waits for')}${item('wait', 'backoff, hedge wait, connection')}</ul>`;
}

function requestOf({ arrivedMs, call, class: kind, latencyMs, leftOut, outcome, parts, request, source }: RequestTrace, isOpen: boolean): Markup {
  const told = PARTS.flatMap((part) => (parts[part] === undefined || parts[part] < latencyMs / 1000 ? [] : [`${PART_WORDS[part]} ${format.milliseconds(parts[part])}`]));
  const mostly = PARTS.reduce((one, other) => ((parts[other] ?? 0) > (parts[one] ?? 0) ? other : one));
  return html`<details class="request"${isOpen && html` open`}><summary><strong>${format.milliseconds(latencyMs)}</strong> <span class="${outcome === 'ok' ? 'good' : 'bad'}">${outcome === 'ok' ? '✓ ok' : `✗ ${CAUSE_WORDS[outcome]}`}</span> <span>${source}${kind !== source && kind !== '' && ` · ${kind}`} #${request}, at ${format.duration(arrivedMs)}</span> <em>mostly ${PART_WORDS[mostly]}</em></summary>
<p class="note">${told.join(' · ')}</p>
${drawing(call, latencyMs)}${leftOut > 0 && html`<p class="note">${leftOut} calls and attempts are left out.</p>`}</details>`;
}

interface Row {
  readonly depth: number;
  readonly label: string;
  readonly call: CallTrace;
  readonly attempt: AttemptTrace | null;
  /** The first row of its call, which shows what came between attempts. */
  readonly isFirst: boolean;
}

function rowsOf(call: CallTrace, depth: number): Row[] {
  const { attempts, edge, outcome, service } = call;
  if (attempts.length === 0) return [{ depth, label: `${service}${outcome === undefined || outcome === 'ok' ? '' : `: ${CAUSE_WORDS[outcome]}`}`, call, attempt: null, isFirst: true }];
  return attempts.flatMap((attempt, i) => [
    { depth, label: `${attempt.kind === 'first' ? '' : attempt.kind === 'retry' ? '↻ ' : '⇉ '}${attempt.endpoint === '' ? edge : attempt.endpoint}`, call, attempt, isFirst: i === 0 },
    ...attempt.calls.flatMap((own) => rowsOf(own, depth + 1)),
  ]);
}

/** Patterns over bars whose colour is not to say it alone. */
const OVER: Readonly<Record<string, string>> = { queue: 'rising', waste: 'dots' };

const WIDTH = 1000;
const LABEL = 210;
const ROW = 20;
const TOP = 22;
const INDENT = 14;

function drawing(call: CallTrace, latencyMs: number): Markup {
  const rows = rowsOf(call, 0);
  const lastMs = Math.max(latencyMs, ...rows.map(({ attempt }) => (attempt === null ? 0 : (attempt.toMs ?? 0) + (attempt.wastedMs ?? 0))), 1e-6);
  const at = (ms: number): number => px(LABEL + ((WIDTH - LABEL - 20) * Math.min(ms, lastMs)) / lastMs);
  const height = TOP + rows.length * ROW + 6;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Waterfall"><svg class="waterfall" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${rows.map(inWords).join('; ')}">
${ticks(0, lastMs, 6).map((ms) => html`<line class="grid" x1="${at(ms)}" x2="${at(ms)}" y1="${TOP - 6}" y2="${height}"/><text class="tick" x="${at(ms)}" y="11" text-anchor="middle">${format.milliseconds(ms)}</text>`)}
<line class="end" x1="${at(latencyMs)}" x2="${at(latencyMs)}" y1="${TOP - 6}" y2="${height}"/>
${rows.map((row, i) => rowOf(row, TOP + i * ROW, at, lastMs))}
</svg></div>`;
}

function inWords({ attempt, label }: Row): string {
  return attempt === null ? label : `${label} from ${format.milliseconds(attempt.sentMs)} to ${format.milliseconds(attempt.toMs)}${attempt.outcome === undefined ? '' : `, ${CAUSE_WORDS[attempt.outcome]}`}`;
}



function rowOf(row: Row, y: number, at: (ms: number) => number, lastMs: number): Markup {
  const { attempt, call, depth, isFirst, label } = row;
  const x = 4 + Math.min(depth, 8) * INDENT;
  const middle = y + ROW / 2;
  const bar = (name: string, fromMs: number, toMs: number, thickness: number): Content =>
    toMs > fromMs ? [`class="span-${name}"`, ...(name in OVER ? [`fill="url(#p-${OVER[name]!})"`] : [])].map((look) => html`<rect ${new Markup(look)} x="${at(fromMs)}" y="${px(middle - thickness / 2)}" width="${px(Math.max(0.8, at(toMs) - at(fromMs)))}" height="${thickness}"/>`) : null;
  const failed = attempt?.outcome !== undefined && attempt.outcome !== 'ok';
  return html`<g class="row${failed && ' bad'}"><title>${inWords(row)}</title><text x="${x}" y="${middle + 4}">${failed && '✗ '}${fitting(label, LABEL - x - 18, 12)}</text>${isFirst && call.waits.map(({ fromMs, kind, toMs }) => html`<g><title>${`${PART_WORDS[kind]} ${format.milliseconds(toMs - fromMs)}`}</title>${bar('wait', fromMs, toMs, 4)}</g>`)}${attempt !== null && barsOf(attempt, bar, lastMs)}</g>`;
}

function barsOf(attempt: AttemptTrace, bar: (name: string, fromMs: number, toMs: number, thickness: number) => Content, lastMs: number): Markup {
  const { answeredMs, arrivedMs, calls, sentMs, startedMs, toMs, wastedMs } = attempt;
  const endMs = toMs ?? lastMs;
  const leftMs = Math.max(answeredMs ?? endMs, startedMs ?? 0);
  return html`${bar('way', sentMs, endMs, 2)}${arrivedMs !== undefined && bar('queue', arrivedMs, startedMs ?? endMs, 10)}${startedMs !== undefined && bar('work', startedMs, Math.min(leftMs, endMs), 10)}${startedMs !== undefined && calls.map((call) => bar('inner', Math.max(startedMs, call.fromMs), Math.min(call.toMs ?? endMs, endMs), 6))}${wastedMs !== undefined && bar('waste', endMs, endMs + wastedMs, 10)}`;
}
