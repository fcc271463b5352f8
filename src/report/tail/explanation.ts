/** Tail blame as a screenful of text. */
import type { TailAmplifier, TailPlace, TailResult, TailTimes, TypicalRequest } from '../../result/result.ts';
import { count, milliseconds, number, times, wholePercent } from '../format.ts';
import { Page } from '../page.ts';
import type { Look } from '../style.ts';
import { printable } from '../summary.ts';
import type { Cell } from '../table.ts';
import { adviceOf, outstandingOf, PART_WORDS } from './advice.ts';
import { waterfall } from './waterfall.ts';

export interface ExplanationOptions extends Look {
  readonly width: number;
  /** Of the scenario. */
  readonly name: string;
  readonly seed: number;
}

const PLACES = 8;
const AMPLIFIERS = 3;
const LINES_OF_A_REQUEST = 6;
const BAR = 12;
/** Less of the difference than this is not worth a line. */
const LEAST_SHARE = 0.005;

export function explanation(tail: TailResult, { name, seed, ...look }: ExplanationOptions): string {
  const page = new Page(look);
  const { median, requests, slow } = tail;
  page.title(printable(name), [`seed ${seed}`, `slowest ${count(slow.requests)} of ${count(requests)} requests · seed ${seed}`]);
  page.words(`The slowest 1 % took ${milliseconds(slow.fromMs)} to ${milliseconds(slow.toMs)}, ${milliseconds(slow.meanMs)} on average${slow.failed > 0 ? `, and ${wholePercent(slow.failed)} of them failed` : ''}; those around the median took ${milliseconds(median.meanMs)}.`);
  page.gap();
  addPlaces(page, tail);
  if (slow.examined < slow.requests || median.examined < median.requests) page.note(`times are estimated from ${count(slow.examined)} of the slowest and ${count(median.examined)} around the median`);
  page.gap();
  if (tail.amplifiers.length > 0) {
    page.section({ title: 'WHO AMPLIFIED', columns: AMPLIFIER_COLUMNS, rows: tail.amplifiers.slice(0, AMPLIFIERS).map(amplifierRow) });
    page.gap();
  }
  for (const one of tail.typical) addTypical(page, one, look);
  const advice = adviceOf(tail);
  for (const text of advice.length > 0 ? advice : ['the slow requests wait for the same things as the others, only longer: nothing stands out']) page.lines.push(...page.warningLines(printable(text), 3));
  return `${page.lines.join('\n')}\n`;
}

function addPlaces(page: Page, tail: TailResult): void {
  const { median, slow } = tail;
  const difference = slow.meanMs - median.meanMs;
  const worth = byLabel(tail.places).filter((place, i) => i < PLACES && Math.max(Math.abs(excess(place)) / Math.max(difference, 1e-9), place.slowMs / slow.meanMs) >= LEAST_SHARE);
  const rest = (of: (times: TailTimes) => number, total: number): number => total - worth.reduce((sum, place) => sum + of(place), 0);
  const others: TailTimes = { slowMs: rest(({ slowMs }) => slowMs, slow.meanMs), medianMs: rest(({ medianMs }) => medianMs, median.meanMs) };
  const row = (label: string, { medianMs, slowMs }: TailTimes): Cell[] => {
    const share = difference > 0 ? (slowMs - medianMs) / difference : 0;
    return [
      { text: label }, { text: milliseconds(tidy(slowMs)) }, { text: milliseconds(tidy(medianMs)) },
      { text: share >= LEAST_SHARE ? wholePercent(share) : '', tone: 'warn' as const }, { text: '█'.repeat(Math.max(0, Math.round(share * BAR))) },
    ];
  };
  page.section({
    title: 'WHERE THE TIME WENT',
    columns: [
      { title: 'WHERE THE TIME WENT', align: 'left', keep: Infinity },
      { title: 'slowest 1 %', align: 'right', keep: Infinity },
      { title: 'median', align: 'right', keep: 2 },
      { title: 'of the difference', align: 'right', keep: 1 },
      { title: '', align: 'left', keep: 0 },
    ],
    rows: [
      ...worth.map((place) => row(labelOf(place), place)),
      ...(others.slowMs > slow.meanMs * LEAST_SHARE ? [row('other', others)] : []),
      row('total', { slowMs: slow.meanMs, medianMs: median.meanMs }),
    ],
  });
  const [worst] = tail.places;
  const endpoint = worst === undefined ? null : outstandingOf(tail, worst.service);
  const held = endpoint === null ? undefined : tail.endpoints[endpoint];
  if (held !== undefined) page.note(`${printable(endpoint!)} alone has ${milliseconds(held.slowMs)} of it, and ${milliseconds(held.medianMs)} of the median`);
}

/** What a service's endpoints are waited for goes by the service, whoever calls it. */
function byLabel(places: readonly TailPlace[]): TailPlace[] {
  const sums = new Map<string, TailPlace>();
  for (const place of places) {
    const label = labelOf(place);
    const { slowMs, medianMs } = sums.get(label) ?? { slowMs: 0, medianMs: 0 };
    sums.set(label, { ...place, slowMs: slowMs + place.slowMs, medianMs: medianMs + place.medianMs });
  }
  return [...sums.values()].sort((one, other) => excess(other) - excess(one));
}

function labelOf({ edge, part, service }: TailPlace): string {
  const place = part === 'queue' || part === 'service' ? service : edge;
  return printable(`${PART_WORDS[part]} ${part === 'timedOut' ? service : place}`);
}

const AMPLIFIER_COLUMNS = [
  { title: 'WHO AMPLIFIED', align: 'left', keep: Infinity },
  { title: 'attempts a call', align: 'right', keep: Infinity },
  { title: 'median', align: 'right', keep: 2 },
  { title: 'reach it', align: 'right', keep: 3 },
  { title: 'median', align: 'right', keep: 1 },
  { title: 'down the chain', align: 'left', keep: 0 },
] as const;

function amplifierRow({ chain, edge, median, slow }: TailAmplifier): Cell[] {
  const perCall = ({ attempts, calls }: TailAmplifier['slow']): string => (calls === 0 ? '' : times(attempts / calls));
  return [
    { text: printable(edge) }, { text: perCall(slow), tone: 'warn' }, { text: perCall(median) },
    { text: number(slow.attempts) }, { text: number(median.attempts) },
    { text: chain.length > 1 ? chain.map(({ attemptsPerCall }) => times(attemptsPerCall)).join(' · ') : '' },
  ];
}

function addTypical(page: Page, { request, share, ...place }: TypicalRequest, look: Look & { readonly width: number }): void {
  const outcome = request.outcome === 'ok' ? '' : ` · ${request.outcome}`;
  page.words(`request ${count(request.request)} of ${printable(request.source)}   ${milliseconds(request.latencyMs)}${outcome}   like ${wholePercent(share)} of the slow ones: ${labelOf({ ...place, slowMs: 0, medianMs: 0 })}`);
  for (const line of waterfall(request, look.width - 4, LINES_OF_A_REQUEST)) page.text(`  ${line}`);
  page.gap();
}

function excess({ medianMs, slowMs }: TailTimes): number {
  return slowMs - medianMs;
}

/** What a sum leaves over is nothing. */
function tidy(ms: number): number {
  return ms < 0.0005 ? 0 : ms;
}
