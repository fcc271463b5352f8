/**
 * A comparison as a page: the verdict, every row of the table, both sides on one axis a metric, and the changes with their intervals on an
 * axis of their own. With a run of each side at hand, also what happened when, side by side.
 */
import type { Change, Comparison, Row } from '../../compare/comparison.ts';
import { isFailure } from '../../compare/failure.ts';
import { SAME_WITHIN } from '../../compare/verdict.ts';
import type { WhyCause } from '../../result/why.ts';
import * as format from '../format.ts';
import { chartFigure } from '../html/chart.ts';
import { dataTable } from '../html/data-table.ts';
import { html, type Markup } from '../html/markup.ts';
import { commandBlock } from '../html/blocks.ts';
import { pageOf, type PageSection } from '../html/page.ts';
import { requestOf, spanLegend } from '../html/run/waterfall.ts';
import { fitting, px, ticks } from '../html/svg.ts';
import { printable } from '../summary.ts';
import { lengthOf } from '../text.ts';
import { changeText, changeUncertainty, uncertaintyText, valueText } from './amount.ts';
import { courseCharts } from './courses.ts';
import type { ComparisonReporter } from './reporter.ts';
import { detailOf, headOf, methodOf, metricText, remarksOf, resolutionOf, type Titles, titlesOf } from './view.ts';
import { causeWords, whySentence } from './why.ts';

export const comparisonHtml: ComparisonReporter = {
  doc: 'A page for people, `report.html`: one file that needs no network.',
  file: 'report.html',
  render(comparison, options) {
    const { legend, titles } = namesOf(comparison);
    const { about, name, ran } = headOf(comparison, titles, options.subject);
    const charts = courseCharts(options.courses ?? [], titles);
    const sections: PageSection[] = [
      { id: 'verdicts', title: 'Verdicts', lead: leadOf(comparison), body: verdictTable(comparison, titles) },
      { id: 'changes', title: 'Differences', lead: 'Left of the line less, right of it more than the reference; the bar is the 95 % interval. What lies within the shaded band is too little to matter.', body: changePanels(comparison, titles) },
      { id: 'sides', title: 'Sides', lead: 'Each metric on an axis of its own, all sides on it; bars are 95 % intervals.', body: sidePanels(comparison, titles) },
      ...(charts.length === 0 ? [] : [{ id: 'courses', title: 'What happened when', lead: 'One run of each side, under the same seed: the same requests at the same times, with the same work.', body: charts.map(({ figure }) => chartFigure(figure)) }]),
      ...whySections(comparison),
      { id: 'method', title: 'How it was judged', body: methodBlock(comparison) },
    ];
    return pageOf({
      kind: 'comparison',
      name,
      head: html`<div class="head"><h1>${name}</h1>${about !== '' && html`<p class="description">${about}</p>`}
${banner(comparison)}
${legend.length > 0 && html`<ul class="sides">${legend.map((line) => html`<li>${line}</li>`)}</ul>`}
<p class="ran">${ran.join(' · ')}</p>
${commandBlock(options.again)}
${comparison.caveats.length + remarksOf(comparison).length > 0 && html`<div class="look"><h2>To bear in mind</h2><ul>${[...comparison.caveats, ...remarksOf(comparison)].map((caveat) => html`<li>${caveat}</li>`)}</ul></div>`}
</div>`,
      sections,
      data: { charts: charts.map(({ chart }) => chart) },
      end: html`<p>Made by meshsim ${comparison.meshsim}. All figures are in comparison.json.</p>`,
    });
  },
};

/** What the sides decided differently with the same requests, and some of these on both. */
function whySections({ why = [] }: Comparison): PageSection[] {
  return why.map((one, i): PageSection => ({
    id: `why-${i + 1}`,
    title: why.length > 1 ? `Why: ${one.sides[1]}` : 'Why',
    lead: whySentence(one).replace(/^Why: o/, 'O'),
    body: html`${one.causes.length > 0 && dataTable<WhyCause>({
      title: 'What was decided differently',
      rows: one.causes,
      columns: [
        { title: 'First difference', isText: true, of: (cause) => ({ text: causeWords(cause, one.sides) }) },
        { title: 'Requests', of: ({ requests }) => ({ text: format.count(requests), value: requests }) },
        { title: 'Of those that differ', of: ({ share }) => ({ text: format.percent(share), value: share }) },
        { title: 'Latency', of: ({ changeMs }) => ({ text: `${changeMs > 0 ? '+' : ''}${format.milliseconds(changeMs)}`, value: changeMs, tone: changeMs > 0 ? 'bad' : 'dim' }) },
        { title: 'Saved', doc: 'answered well on the other side only', of: ({ gained }) => ({ text: format.count(gained), value: gained }) },
        { title: 'Lost', doc: 'answered well on the reference only', of: ({ lost }) => ({ text: format.count(lost), value: lost, ...(lost > 0 ? { tone: 'bad' as const } : {}) }) },
      ],
    })}${one.otherCauses > 0 && html`<p class="note">${format.count(one.otherCauses)} requests differ in other ways.</p>`}${one.examples.length > 0 && spanLegend()}${one.examples.map(({ cause, other, reference }) => html`<h3>${causeWords(one.causes[cause]!, one.sides)}</h3><p class="note">${one.sides[0]}</p>${requestOf(reference, true, other.latencyMs)}<p class="note">${one.sides[1]}</p>${requestOf(other, true, reference.latencyMs)}`)}`,
  }));
}

/** A page has room for longer names than a terminal. */
const LONGEST_NAME = 40;

function namesOf(comparison: Comparison): Titles {
  const labels = comparison.sides.map(({ label }) => printable(label));
  return new Set(labels).size === labels.length && labels.every((label) => lengthOf(label) <= LONGEST_NAME) ? { titles: labels, legend: [] } : titlesOf(comparison);
}

/** Also where it stands apart from the row that it is a part of. */
function rowTitle(row: Row): string {
  return row.cause !== null && row.metric !== 'errors' ? `errors: ${metricText(row)}` : metricText(row);
}

function wordOf({ tolerated, verdict }: Change): string {
  if (tolerated !== null) return `! ${tolerated}, allowed`;
  return verdict === null ? '-' : WORDS[verdict];
}

const WORDS = { better: '✓ better', worse: '✗ worse', same: '≈ same', inconclusive: '~ inconclusive' } as const;

function banner(comparison: Comparison): Markup {
  const { counts, rows, sides } = comparison;
  const judged = rows.some(({ changes }) => changes.some(({ verdict }) => verdict !== null));
  const look = isFailure(comparison) ? 'fail' : !judged ? 'unsure' : counts.worse > 0 ? 'warn' : counts.better > 0 ? 'pass' : 'unsure';
  const word = !judged ? '~ Not judged' : counts.worse > 0 && counts.better > 0 ? '✗ Better and worse' : counts.worse > 0 ? '✗ Worse' : counts.better > 0 ? '✓ Better' : counts.inconclusive > 0 ? '~ No difference shown' : '≈ The same';
  const told = rows.flatMap((row) => row.changes.flatMap((change, i) => (change.verdict === 'better' || change.verdict === 'worse' ? [{ row, change, side: sides[i + 1]!.label }] : []))).sort((a, b) => Number(a.change.verdict === 'better') - Number(b.change.verdict === 'better'));
  return html`<div class="verdict ${look}" role="status"><p class="word">${word} <span class="detail">${judged ? `better ${counts.better} · same ${counts.same} · worse ${counts.worse} · inconclusive ${counts.inconclusive}${counts.tolerated > 0 ? ` · within tolerance ${counts.tolerated}` : ''}` : 'too few replications for a verdict'}</span></p>
${told.length > 0 && html`<ul class="reasons">${told.slice(0, REASONS_MAX).map(({ change, row, side }) => html`<li><span class="${change.verdict === 'better' ? 'good' : 'bad'}">${change.verdict === 'better' ? '✓' : '✗'}</span> <strong>${rowTitle(row)}</strong> <span>${changeText(change, row.unit)} ${changeUncertainty(change, row.unit)}${sides.length > 2 && `, ${side}`}</span></li>`)}${told.length > REASONS_MAX && html`<li><a href="#verdicts">and ${told.length - REASONS_MAX} more</a></li>`}</ul>`}</div>`;
}

const REASONS_MAX = 5;

function leadOf(comparison: Comparison): string {
  return comparison.sides.length === 2 ? 'Values with their 95 % intervals, the change, and what to think of it.' : 'The reference, and each side as a change from it.';
}

function verdictTable(comparison: Comparison, titles: readonly string[]): Markup {
  const { minEffect, rows } = comparison;
  const isPair = titles.length === 2;
  return html`<div class="data"><div class="scroll" tabindex="0" role="region" aria-label="Verdicts"><table><caption>Verdicts</caption>
<thead><tr><th scope="col" class="text">Metric</th>${titles.map((title, i) => html`<th scope="col">${title}${i === 0 && html`<br><small>reference</small>`}</th>`)}${titles.slice(1).map((title) => html`<th scope="col">Change${!isPair && ` ${title}`}</th><th scope="col" class="text">Verdict</th>`)}${isPair && html`<th scope="col" class="text"></th>`}<th scope="col">n</th></tr></thead>
<tbody>${rows.map((row) => html`<tr><th scope="row" class="text">${rowTitle(row)}</th>${row.cells.map((cell) => html`<td data-v="${cell.mean}">${valueText(cell, row.unit)} <small>${uncertaintyText(cell, row.unit)}</small></td>`)}${row.changes.map((change) => html`<td data-v="${change.estimate}">${changeText(change, row.unit)} <small>${changeUncertainty(change, row.unit)}</small></td><td class="text ${lookOf(change)}">${wordOf(change)}</td>`)}${isPair && html`<td class="text dim">${detailOf(row.changes[0]!, row.unit, minEffect)}</td>`}<td>${row.changes[0]?.n ?? 0}</td></tr>
`)}</tbody></table></div></div>`;
}

function lookOf({ verdict }: Change): string {
  return verdict === 'better' ? 'good' : verdict === 'worse' ? 'bad' : 'dim';
}

const WIDTH = 1000;
const LABEL = 210;
const VALUES = 150;
const ROW = 34;
const TOP = 30;

/** Ratios share one axis, on which twice and half are as far from none; differences of shares another. */
function changePanels({ minEffect, rows }: Comparison, titles: readonly string[]): Markup {
  const all = rows.flatMap((row) => row.changes.map((change, i) => ({ row, change, side: titles[i + 1]! }))).filter(({ change }) => change.estimate !== null);
  const ratios = all.filter(({ change }) => change.kind === 'ratio');
  const shares = all.filter(({ change, row }) => change.kind === 'difference' && row.unit === 'share');
  const others = all.filter(({ change, row }) => change.kind === 'difference' && row.unit !== 'share');
  const within = minEffect ?? SAME_WITHIN;
  return html`<ul class="legend"><li><svg width="16" height="12" aria-hidden="true"><path class="mark better" d="M8 1L14 11H2Z"/></svg> better</li><li><svg width="16" height="12" aria-hidden="true"><path class="mark worse" d="M3 1L13 11M13 1L3 11"/></svg> worse</li><li><svg width="16" height="12" aria-hidden="true"><circle class="mark" cx="8" cy="6" r="4.5"/></svg> the same, or no difference shown</li></ul>
${ratios.length > 0 && forest(ratios, titles, { title: 'Relative change', at: Math.log1p, back: Math.expm1, text: (value) => `${value > 0 ? '+' : ''}${Number((value * 100).toPrecision(3))}%`, within, steps: RATIO_STEPS })}
${shares.length > 0 && forest(shares, titles, { title: 'Change in percentage points', at: (value) => value, back: (value) => value, text: (value) => `${value > 0 ? '+' : ''}${Number((value * 100).toPrecision(3))} pt`, within: 0, steps: null })}
${others.length > 0 && html`<p class="note">${others.map(({ change, row }) => `${rowTitle(row)}: ${changeText(change, row.unit)}`).join(' · ')} (a zero among the values, so there is no ratio).</p>`}`;
}

/** Changes that people think in. */
const RATIO_STEPS: readonly number[] = [-0.99, -0.95, -0.9, -0.75, -0.5, -0.25, -0.1, -0.05, -0.01, 0, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 3, 9, 19, 99];

interface ForestAxis {
  readonly title: string;
  /** Where a change lies, and what lies there. */
  readonly at: (change: number) => number;
  readonly back: (place: number) => number;
  readonly text: (change: number) => string;
  readonly within: number;
  readonly steps: readonly number[] | null;
}

interface ForestRow {
  readonly row: Row;
  readonly change: Change;
  readonly side: string;
}

function forest(rows: readonly ForestRow[], titles: readonly string[], { at, steps, text, title, within }: ForestAxis): Markup {
  const places = rows.flatMap(({ change: { estimate, high, low } }) => [estimate!, low ?? estimate!, high ?? estimate!]).map((value) => at(Math.max(value, -0.999)));
  const reach = Math.max(...places.map(Math.abs), at(within) * 1.3, 1e-4) * 1.08;
  const right = WIDTH - VALUES;
  const x = (value: number): number => px(LABEL + ((right - LABEL) * (at(Math.max(value, -0.999)) + reach)) / (2 * reach));
  const height = TOP + rows.length * ROW + 8;
  const marks = apart((steps ?? ticks(-reach, reach, 6)).filter((value) => Math.abs(at(value)) <= reach), x);
  return html`<h3>${title}</h3><div class="scroll" tabindex="0" role="region" aria-label="${title}"><svg class="forest" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${`${title}; the table of verdicts has the same in words.`}">
${within > 0 && html`<rect class="band" x="${x(-within)}" y="${TOP - 6}" width="${px(x(within) - x(-within))}" height="${rows.length * ROW + 6}"/>`}
${marks.map((value) => html`<line class="${value === 0 ? 'zero' : 'grid'}" x1="${x(value)}" x2="${x(value)}" y1="${TOP - 6}" y2="${height - 8}"/><text class="tick" x="${x(value)}" y="14" text-anchor="middle">${text(value)}</text>`)}
${rows.map(({ change, row, side }, i) => {
    const y = TOP + i * ROW + ROW / 2;
    const name = titles.length > 2 ? `${rowTitle(row)} · ${side}` : rowTitle(row);
    return html`<g><title>${`${name}: ${changeText(change, row.unit)} ${changeUncertainty(change, row.unit)}${change.verdict === null ? '' : `, ${wordOf(change)}`}`}</title><text x="${LABEL - 14}" y="${y + 4}" text-anchor="end">${fitting(name, LABEL - 18, 12.5)}</text>${change.low !== null && change.high !== null && html`<line class="whisker ${lookOf(change)}" x1="${x(change.low)}" x2="${x(change.high)}" y1="${y}" y2="${y}"/>`}${markOf(change, x(change.estimate!), y)}<text class="figure" x="${right + 18}" y="${y + 4}">${changeText(change, row.unit)} ${changeUncertainty(change, row.unit)}</text></g>`;
  })}
</svg></div>`;
}

/** Those that would stand in each other's way are left out, none last. */
function apart(values: readonly number[], x: (value: number) => number): number[] {
  const kept: number[] = [];
  for (const value of [...values].sort((a, b) => Math.abs(a) - Math.abs(b))) if (kept.every((other) => Math.abs(x(other) - x(value)) >= TICK_ROOM)) kept.push(value);
  return kept;
}

const TICK_ROOM = 58;

function markOf({ verdict }: Change, x: number, y: number): Markup {
  if (verdict === 'better') return html`<path class="mark better" d="M${x} ${y - 6}L${px(x + 6.5)} ${y + 5}H${px(x - 6.5)}Z"/>`;
  if (verdict === 'worse') return html`<path class="mark worse" d="M${px(x - 5)} ${y - 5}L${px(x + 5)} ${y + 5}M${px(x + 5)} ${y - 5}L${px(x - 5)} ${y + 5}"/>`;
  return html`<circle class="mark" cx="${x}" cy="${y}" r="5"/>`;
}

const SIDE_ROW = 22;
const AXIS = 22;

/** From zero, so that lengths can be compared. */
function sidePanels({ rows }: Comparison, titles: readonly string[]): Markup {
  return html`<div class="panels">${rows.filter(({ cells }) => cells.some(({ mean }) => mean !== null)).map((row) => {
    const most = Math.max(...row.cells.flatMap(({ high, mean }) => [mean ?? 0, high ?? 0]), 1e-12) * 1.06;
    const width = 480;
    const left = 120;
    const x = (value: number): number => px(left + ((width - left - 96) * Math.max(0, value)) / most);
    const height = titles.length * SIDE_ROW + AXIS;
    return html`<figure class="panel"><figcaption><h3>${rowTitle(row)}</h3><p>${row.better === 'lower' ? 'lower is better' : 'higher is better'}</p></figcaption><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${titles.map((title, i) => `${title} ${valueText(row.cells[i]!, row.unit)}`).join(', ')}">
${ticks(0, most, 4).map((value) => html`<line class="grid" x1="${x(value)}" x2="${x(value)}" y1="0" y2="${height - AXIS}"/><text class="tick" x="${x(value)}" y="${height - 6}" text-anchor="middle">${valueText({ mean: value }, row.unit)}</text>`)}
${row.cells.map((cell, i) => {
      const y = i * SIDE_ROW + SIDE_ROW / 2;
      return html`<g><text x="${left - 10}" y="${y + 4}" text-anchor="end">${fitting(titles[i]!, left - 14, 12)}</text>${cell.mean !== null && html`<rect class="side side-${(i % SIDE_COLORS) + 1}" x="${left}" y="${y - 6}" width="${px(Math.max(1, x(cell.mean) - left))}" height="12" rx="2"/>${i > 0 && html`<rect fill="url(#p-${SIDE_PATTERNS[(i - 1) % SIDE_PATTERNS.length]!})" x="${left}" y="${y - 6}" width="${px(Math.max(1, x(cell.mean) - left))}" height="12"/>`}${cell.low !== null && cell.high !== null && html`<line class="whisker" x1="${x(cell.low)}" x2="${x(cell.high)}" y1="${y}" y2="${y}"/>`}`}<text class="figure" x="${px(Math.max(x(cell.mean ?? 0), x(cell.high ?? 0)) + 8)}" y="${y + 4}">${valueText(cell, row.unit)}</text></g>`;
    })}</svg></figure>`;
  })}</div>`;
}

const SIDE_COLORS = 8;
const SIDE_PATTERNS = ['rising', 'dots', 'falling', 'grid'] as const;

function methodBlock(comparison: Comparison): Markup {
  const lines = [methodOf(comparison), resolutionOf(comparison)].filter((line) => line !== null);
  return html`<div class="prose">${lines.map((line) => html`<p>${line}</p>`)}</div>
<div class="data"><div class="scroll" tabindex="0" role="region" aria-label="Sides"><table><caption>Sides</caption><thead><tr><th scope="col" class="text">Side</th><th scope="col" class="text">Scenario</th><th scope="col">Replications</th><th scope="col">Seed</th><th scope="col" class="text">Set against the reference</th><th scope="col" class="text">System</th></tr></thead><tbody>${comparison.sides.map(({ label, pairing, replications, scenario, seed, sha256 }) => html`<tr><th scope="row" class="text">${label}</th><td class="text">${scenario}</td><td>${replications}</td><td>${seed}</td><td class="text">${pairing === 'paired' ? 'pair by pair, seed by seed' : pairing === 'unpaired' ? 'as a sample of its own' : 'is the reference'}</td><td class="text"><code>${sha256.slice(0, 12)}</code></td></tr>`)}</tbody></table></div></div>`;
}
