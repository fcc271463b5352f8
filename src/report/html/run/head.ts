/** The first screen: what ran, how it was judged and why, the figures that matter, and what to look at next. */
import { CAUSE_WORDS, causesOf } from '../../causes.ts';
import * as format from '../../format.ts';
import type { Result } from '../../../result/result.ts';
import { styleOf } from '../../style.ts';
import { summaryOf } from '../../summary.ts';
import { html, type Content, type Markup } from '../markup.ts';
import { commandBlock } from '../blocks.ts';
import { sparkline } from '../svg.ts';
import { perSecond } from '../../rate.ts';
import { windowsOf } from './time.ts';

const SIGNS = styleOf({ color: false, unicode: true });

export function headOf(result: Result, again: string): Markup {
  const { ran, verdicts } = summaryOf(result, 'compact');
  // What failed, or what was judged: those before it are about how the run went.
  const verdict = verdicts.findLast(({ mark }) => mark === 'fail') ?? verdicts.find(({ mark }) => mark !== 'warn') ?? verdicts[0]!;
  const description = (result.scenario.resolved as { readonly description?: unknown } | null)?.description;
  return html`<div class="head">
<h1>${result.scenario.name}</h1>
${typeof description === 'string' && description !== '' && html`<p class="description">${description}</p>`}
<div class="verdict ${verdict.mark}" role="status">
<p class="word"><span class="sign" aria-hidden="true">${SIGNS.mark(verdict.mark)}</span> ${sentenceCase(verdict.word)} <span class="detail">${verdict.detail}</span></p>
${verdicts.filter((other) => other !== verdict).map(({ detail, word }) => html`<p class="also"><strong>${sentenceCase(word)}</strong> ${detail}</p>`)}
${reasonsOf(result)}
</div>
<p class="ran">${ran.join(' · ')}</p>
${commandBlock(again)}
${tilesOf(result)}
${lookAt(result)}
</div>`;
}

function sentenceCase(word: string): string {
  return word.charAt(0) + word.slice(1).toLowerCase();
}

const REASONS_MAX = 3;

/** The thresholds that failed, in their own words. */
function reasonsOf(result: Result): Markup | null {
  const section = summaryOf(result, 'compact').thresholds;
  const failed = (section?.rows ?? []).filter((_, i) => section!.marks![i] === 'fail');
  if (failed.length === 0) return null;
  const rest = failed.length - REASONS_MAX;
  return html`<ul class="reasons">${failed.slice(0, REASONS_MAX).map(([expr, actual, , against]) => html`<li><code>${expr!.text}</code> <span>was <strong>${actual!.text}</strong>${against!.text !== '' && `, ${against!.text}`}</span></li>`)}${rest > 0 && html`<li><a href="#thresholds">and ${rest} more</a></li>`}</ul>`;
}

interface Tile {
  readonly title: string;
  readonly value: string;
  readonly about: Content;
  readonly spark?: Markup;
  readonly tone?: 'bad' | 'warn';
}

/** @param before  to be compared with, where there is something */
export function tilesOf(result: Result, before: Result | null = null): Markup {
  const was = before === null ? [] : tilesIn(before).map(({ value }) => value);
  return html`<dl class="tiles">${tilesIn(result).map(({ about, spark: line, title, tone, value }, i) => {
    const [number, unit] = splitUnit(value);
    return html`<div${tone !== undefined && html` class="${tone}"`}><dt>${title}</dt><dd class="value">${number}${unit !== '' && html`<small>${unit}</small>`}</dd>${was[i] !== undefined && was[i] !== value && html`<dd class="was">was ${was[i]}</dd>`}<dd class="about">${about}</dd>${line ?? null}</div>`;
  })}</dl>${result.reps.length > 1 ? html`<p class="note">± is half of the 95 % interval over ${result.reps.length} replications.</p>` : null}`;
}

function tilesIn(result: Result): Tile[] {
  const { series, totals } = result;
  const { latencyMs } = totals;
  const length = series.requests.length * series.stepMs;
  const shaded = windowsOf(result).map(({ fromMs, toMs }): [number, number] => [fromMs / length, Math.min(1, toMs / length)]);
  const spark = (values: readonly (number | null)[], color: string): Markup => sparkline(values, { color, shaded });
  const { causes } = causesOf(totals);
  const p99 = intervalText(result, 'totals.latencyMs.p99', latencyMs.p99);
  return [
    {
      title: 'Goodput', value: `${format.number(totals.goodput)}/s`, spark: spark(perSecond(series.ok, result), 'good'),
      about: `of ${format.number(totals.rps)}/s offered`,
      ...(totals.rps > 0 && totals.goodput < totals.rps / 2 ? { tone: 'bad' } : {}),
    },
    {
      title: 'Errors', value: totals.errorRate === null ? format.NOTHING : format.percent(totals.errorRate), spark: spark(perSecond(series.failed, result), 'bad'),
      about: totals.failed === 0 ? `none of ${format.count(totals.requests)} requests` : `${format.count(totals.failed)} of ${format.count(totals.requests)} requests, most by ${CAUSE_WORDS[causes[0]!.outcome]}`,
      ...(totals.failed > 0 ? { tone: (totals.errorRate ?? 0) > MANY_ERRORS ? 'bad' : 'warn' } : {}),
    },
    {
      title: 'Latency p99', value: format.milliseconds(latencyMs.p99), spark: spark(series.p99Ms, 'p99'),
      about: [p99 === '' ? null : `${p99} · `, `p50 ${format.number(latencyMs.p50)} · p99.9 ${format.number(latencyMs.p999)} · max ${format.milliseconds(latencyMs.max)}`],
    },
    extraWork(result, spark),
    busiest(result),
  ];
}

const MANY_ERRORS = 0.01;

function extraWork(result: Result, spark: (values: readonly (number | null)[], color: string) => Markup): Tile {
  const { edges, series, totals } = result;
  const worst = Object.entries(edges).reduce<readonly [string, number] | null>((most, [name, { amplification }]) => (amplification !== null && amplification > (most?.[1] ?? 1) ? [name, amplification] : most), null);
  const abandoned = totals.abandonedShare === null || totals.abandonedShare === 0 ? '' : `; ${format.percent(totals.abandonedShare)} of work abandoned`;
  return {
    title: 'Attempts a call', value: format.times(worst?.[1] ?? totals.amplification),
    about: worst === null ? `on every edge${abandoned}` : `on ${worst[0]}${abandoned}`,
    spark: spark(perSecond(series.attempts, result), 'attempts'),
    ...(worst !== null && worst[1] > MUCH_EXTRA ? { tone: 'warn' } : {}),
  };
}

const MUCH_EXTRA = 1.5;

function busiest({ endpoints, series, services }: Result): Tile {
  const most = Object.entries(endpoints).reduce<readonly [string, number] | null>((worst, [name, { busy }]) => (busy !== null && busy > (worst?.[1] ?? -1) ? [name, busy] : worst), null);
  if (most === null) return { title: 'Busiest endpoint', value: format.NOTHING, about: 'no endpoint has a limit' };
  const service = most[0].slice(0, most[0].lastIndexOf('/'));
  const over = series.endpoints[most[0]]?.busy;
  return {
    title: 'Busiest endpoint', value: format.wholePercent(most[1]),
    about: `${most[0]}; all of ${service} ${format.wholePercent(services[service]?.busy ?? null)}`,
    ...(over === undefined ? {} : { spark: sparkline(over, { color: 'accent' }) }),
    ...(most[1] >= SATURATED ? { tone: 'warn' } : {}),
  };
}

const SATURATED = 0.95;

export function intervalText({ intervals }: Result, path: string, value: number | null): string {
  const interval = intervals[path];
  return interval === undefined || value === null || value === 0 ? '' : format.plusMinus((interval[1] - interval[0]) / 2 / value);
}

/** `212 ms` as `212` and `ms`, `500/s` as `500` and `/s`. */
function splitUnit(text: string): readonly [string, string] {
  const parts = /^([\d.,]+)(.*)$/.exec(text);
  return parts === null ? [text, ''] : [parts[1]!, parts[2]!];
}

function lookAt({ warnings }: Result): Markup | null {
  if (warnings.length === 0) return null;
  return html`<div class="look"><h2>What stands out</h2><ul>${warnings.map(({ message }) => html`<li>${message}</li>`)}</ul></div>`;
}

