/** How things stood at an instant of a run, as a screenful of text. */
import type { Decided } from '../model/decided.ts';
import type { Instant } from '../result/instant.ts';
import type { Result } from '../result/result.ts';
import { count, duration, milliseconds } from './format.ts';
import type { Page } from './page.ts';
import { type Section, printable } from './summary.ts';
import { waterfall } from './tail/waterfall.ts';

const ENDPOINTS = 12;
const LINES_OF_A_REQUEST = 5;

/** @param result  of the same run: it has the faults. @param width  of the page */
export function addInstant(page: Page, instant: Instant, { faults }: Pick<Result, 'faults'>, width: number): void {
  const { atMs, decisions, endpoints, oldest, underWay } = instant;
  const on = faults.filter(({ windowsMs }) => windowsMs.some(([from, to]) => from <= atMs && atMs < (to ?? Infinity))).map(({ name }) => printable(name));
  page.words(`At ${duration(atMs)}: ${count(underWay)} ${underWay === 1 ? 'request' : 'requests'} under way; ${on.length === 0 ? 'no fault is on' : `on: ${on.join(', ')}`}.`);
  page.gap();
  page.section(endpointSection(instant), { most: ENDPOINTS, what: 'endpoints', all: '--json' });
  if (endpoints.some(({ outFor }) => outFor > 0)) page.note('out of use: for so many of its callers (ejected, breaker open, unhealthy)');
  for (const request of oldest) {
    page.gap();
    page.note(`request ${count(request.request)} of ${printable(request.source)}, ${milliseconds(atMs - request.arrivedMs)} under way; ${request.outcome} after ${milliseconds(request.latencyMs)}`);
    for (const line of waterfall(request, width - 6, LINES_OF_A_REQUEST)) page.text(`  ${line}`);
  }
  page.gap();
  if (decisions.length === 0) page.words('Nothing was told to the policies after that.');
  for (const decided of decisions) if (!HOUSEKEEPING.has(decided.word)) page.text(lineOf(decided, atMs));
}

/** Each call has some of them, and they say little. */
const HOUSEKEEPING: ReadonlySet<string> = new Set(['begun', 'arm', 'disarm']);

/** Those with most to do first. */
function endpointSection({ endpoints }: Instant): Section {
  const byLoad = [...endpoints].sort((a, b) => b.busy + b.waiting - a.busy - a.waiting);
  return {
    title: 'ENDPOINT',
    columns: [
      { title: 'ENDPOINT', align: 'left', keep: Infinity },
      { title: 'at work', align: 'right', keep: Infinity },
      { title: 'waiting', align: 'right', keep: Infinity },
      { title: 'out of use', align: 'right', keep: 1 },
    ],
    rows: byLoad.map(({ busy, callers, name, outFor, waiting }) => [
      { text: printable(name) }, { text: count(busy) }, { text: count(waiting) }, { text: outFor === 0 ? '' : `${count(outFor)} of ${count(callers)}` },
    ]),
  };
}

/** What it was told, and set in what it decided. */
function lineOf({ atMs, caller, edge, isDecision, words }: Decided, fromMs: number): string {
  const place = edge === null ? '' : `   ${printable(edge)}, ${printable(caller ?? '')}`;
  return isDecision ? `    ${printable(words)}` : `+${milliseconds(atMs - fromMs)}  ${printable(words)}${place}`;
}
