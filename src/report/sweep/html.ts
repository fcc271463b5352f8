/**
 * A sweep as a page: of one varied value a line for each figure, of two a map of the grid, of more a map for each combination of the
 * others; and all points as a table.
 */
import { type Estimate, estimateOf, metOf, type SweepFigure } from '../../sweep/estimates.ts';
import { type Axis, pointsOf } from '../../sweep/grid.ts';
import type { Point, Sweep } from '../../sweep/sweep.ts';
import * as format from '../format.ts';
import { type DataColumn, dataTable } from '../html/data-table.ts';
import { type Content, html, type Markup } from '../html/markup.ts';
import { commandBlock, nothing } from '../html/blocks.ts';
import { pageOf, type PageSection } from '../html/page.ts';
import { fitting, fittingEnd, px, ticks } from '../html/svg.ts';
import type { ReportOptions } from '../reporter.ts';
import { shortName } from './terminal.ts';

interface Measure {
  readonly id: string;
  readonly title: string;
  readonly figure: SweepFigure;
  readonly better: 'lower' | 'higher';
  text(value: number | null): string;
}

const MEASURES: readonly Measure[] = [
  { id: 'p99', title: 'Latency p99', figure: 'p99', better: 'lower', text: format.milliseconds },
  { id: 'errors', title: 'Errors', figure: 'errorRate', better: 'lower', text: format.percent },
  { id: 'goodput', title: 'Goodput', figure: 'goodput', better: 'higher', text: (value) => `${format.number(value)}/s` },
  { id: 'attempts', title: 'Attempts a request', figure: 'attemptsPerRequest', better: 'lower', text: format.times },
  { id: 'p50', title: 'Latency p50', figure: 'p50', better: 'lower', text: format.milliseconds },
];

export function sweepHtml(sweep: Sweep, { again }: Pick<ReportOptions, 'again'>): string {
  const { axes, points, scenario, seeds, shard, thresholds } = sweep;
  const varied = axes.filter(({ values }) => values.length > 1);
  const best = MEASURES.slice(0, 3).map((measure) => ({ measure, point: bestOf(points, measure) }));
  const ran = [`${format.count(points.length)} points${shard === null ? '' : ` (shard ${shard.index} of ${shard.of})`}`, seeds.length === 1 ? '1 replication each' : `${seeds.length} replications each`, ...thresholds.map((expr) => `threshold ${expr}`)];
  const sections: PageSection[] = [
    ...(thresholds.length > 0 && varied.length > 1 ? [{ id: 'met', title: 'Where the thresholds hold', lead: 'In how many replications all of them held.', body: mapsOf(varied, points, (facet, x, y) => metMap(facet, x, y)) }] : []),
    ...MEASURES.map((measure): PageSection => ({
      id: measure.id, title: measure.title,
      ...(varied.length === 1 ? { lead: seeds.length > 1 ? 'Means over the replications with their 95 % intervals.' : 'One replication a point.' } : {}),
      body: varied.length === 0 ? nothing('Nothing was varied.') : isSame(points, measure) ? nothing(`${measure.text(estimateOf(points[0]!, measure.figure).mean)} at every point.`) : varied.length === 1 ? lineOf(varied[0]!, points, measure) : mapsOf(varied, points, (facet, x, y) => heatMap(facet, x, y, measure, points)),
    })),
    { id: 'points', title: 'All points', body: pointTable(sweep, varied) },
  ];
  return pageOf({
    kind: 'sweep',
    name: scenario.name,
    head: html`<div class="head"><h1>${scenario.name}</h1><p class="description">${varied.length === 0 ? 'One point' : varied.map((axis) => `${axis.path}: ${axis.values.length > 6 ? `${axis.values.length} values from ${axis.values[0]} to ${axis.values.at(-1)}` : axis.values.join(', ')}`).join(' · ')}</p>
${verdictOf(sweep)}
<p class="ran">${ran.join(' · ')}</p>
${commandBlock(again)}
<dl class="tiles three">${best.map(({ measure, point }) => html`<div><dt>${measure.better === 'lower' ? 'Least' : 'Most'}: ${measure.title.toLowerCase()}</dt><dd class="value">${point === null ? format.NOTHING : measure.text(estimateOf(point, measure.figure).mean)}</dd><dd class="about">${point === null ? '' : nameOf(point, varied)}</dd></div>`)}</dl></div>`,
    sections,
    data: { charts: [] },
    end: html`<p>Made by meshsim ${sweep.meshsim} from <code>${scenario.name}</code> (sha256 <code>${scenario.sha256.slice(0, 12)}</code>). All figures of all replications are in sweep.json, means and intervals in sweep.csv.</p>`,
  });
}

function isSame(points: readonly Point[], measure: Measure): boolean {
  return new Set(points.map((point) => measure.text(estimateOf(point, measure.figure).mean))).size === 1;
}

function verdictOf({ axes, complete, points, shard, thresholds }: Sweep): Markup | null {
  if (!complete) return html`<div class="verdict unsure" role="status"><p class="word">~ Partial <span class="detail">stopped after ${format.count(points.length)} of ${format.count(pointsOf(axes, shard).length)} points; the others were not run</span></p></div>`;
  if (thresholds.length === 0) return null;
  const held = points.filter((point) => metOf(point) === point.reps.length).length;
  return html`<div class="verdict ${held === points.length ? 'pass' : held === 0 ? 'fail' : 'unsure'}" role="status"><p class="word">${held === points.length ? '✓' : held === 0 ? '✗' : '~'} ${format.count(held)} of ${format.count(points.length)} points <span class="detail">hold ${thresholds.length === 1 ? 'the threshold' : `all ${thresholds.length} thresholds`} in every replication</span></p></div>`;
}

function bestOf(points: readonly Point[], { better, figure }: Measure): Point | null {
  const sign = better === 'lower' ? 1 : -1;
  const known = points.filter((point) => point.reps.every(({ complete }) => complete) && estimateOf(point, figure).mean !== null);
  return known.reduce<Point | null>((best, point) => (best === null || sign * estimateOf(point, figure).mean! < sign * estimateOf(best, figure).mean! ? point : best), null);
}

function nameOf(point: Point, varied: readonly Axis[]): string {
  return varied.map((axis) => `${shortName(axis, varied)} ${point.values[axis.path]}`).join(', ');
}

/** Combinations of the other values that are still looked at. */
const FACETS_MAX = 12;

/** The two axes with most values make the grid; the others a map each. */
function mapsOf(varied: readonly Axis[], points: readonly Point[], draw: (facet: readonly Point[], x: Axis, y: Axis) => Markup): Content {
  const [x, y] = [...varied].sort((a, b) => b.values.length - a.values.length) as [Axis, Axis];
  const others = varied.filter((axis) => axis !== x && axis !== y);
  const facets = new Map<string, Point[]>();
  for (const point of points) {
    const name = nameOf(point, others);
    facets.set(name, [...(facets.get(name) ?? []), point]);
  }
  const shown = [...facets].slice(0, FACETS_MAX);
  return html`${shown.map(([name, facet]) => html`<figure>${name !== '' && html`<figcaption><h3>${name}</h3></figcaption>`}<div class="scroll" tabindex="0" role="region" aria-label="Map">${draw(facet, x, y)}</div></figure>`)}${facets.size > shown.length && html`<p class="note">${facets.size - shown.length} more combinations are in the table.</p>`}`;
}

const CELL_WIDTH = 92;
const CELL_HEIGHT = 38;
const LEFT = 150;
const TOP = 46;
/** Of a ramp, `step-0` to `step-8`. */
const STEPS = 8;
const DARK_FROM = 5;

interface GridCell {
  readonly look: string;
  readonly text: string;
  readonly isDark: boolean;
  readonly title: string;
}

function grid(facet: readonly Point[], x: Axis, y: Axis, title: string, cellOf: (point: Point) => GridCell): Markup {
  const width = LEFT + x.values.length * CELL_WIDTH + 8;
  const height = TOP + y.values.length * CELL_HEIGHT + 8;
  const byPlace = new Map(facet.map((point) => [`${point.values[x.path]}\n${point.values[y.path]}`, point]));
  return html`<svg class="grid-map" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${`${title} over ${x.path} and ${y.path}; the table of all points has the same.`}">
<text class="tick" x="${LEFT}" y="13">${x.path} →</text><text class="tick" x="${LEFT - 10}" y="13" text-anchor="end">${fittingEnd(y.path, LEFT - 30, 11.5)} ↓</text>
${x.values.map((value, i) => html`<text class="low" x="${LEFT + (i + 0.5) * CELL_WIDTH}" y="36" text-anchor="middle">${fitting(value, CELL_WIDTH - 6, 12)}</text>`)}
${y.values.map((row, j) => html`<text class="low" x="${LEFT - 10}" y="${TOP + (j + 0.5) * CELL_HEIGHT + 4}" text-anchor="end">${fitting(row, LEFT - 14, 12)}</text>${x.values.map((column, i) => {
    const point = byPlace.get(`${column}\n${row}`);
    if (point === undefined) return null;
    const { isDark, look, text, title: told } = cellOf(point);
    return html`<g><title>${told}</title><rect class="${look}" x="${LEFT + i * CELL_WIDTH + 1}" y="${TOP + j * CELL_HEIGHT + 1}" width="${CELL_WIDTH - 2}" height="${CELL_HEIGHT - 2}" rx="3"/><text${isDark && html` class="on"`} x="${LEFT + (i + 0.5) * CELL_WIDTH}" y="${TOP + (j + 0.5) * CELL_HEIGHT + 4}" text-anchor="middle">${text}</text></g>`;
  })}`)}</svg>`;
}

function heatMap(facet: readonly Point[], x: Axis, y: Axis, measure: Measure, all: readonly Point[]): Markup {
  // One ramp for all maps of a figure.
  const known = all.map((point) => estimateOf(point, measure.figure).mean).filter((mean) => mean !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const isLog = least > 0 && most / least > WIDE;
  const at = (value: number): number => (most === least ? 0 : isLog ? Math.log(value / least) / Math.log(most / least) : (value - least) / (most - least));
  return grid(facet, x, y, measure.title, (point) => {
    const estimate = estimateOf(point, measure.figure);
    const step = estimate.mean === null ? 0 : Math.round(at(estimate.mean) * STEPS);
    const flooded = point.reps.some(({ complete }) => !complete);
    return { look: `step-${step}`, isDark: step >= DARK_FROM, text: `${measure.text(estimate.mean)}${flooded ? ' !' : ''}`, title: `${nameOf(point, [x, y])}: ${measure.text(estimate.mean)} ${sureness(estimate)}${flooded ? '; more was in flight than a run can hold' : ''}` };
  });
}

/** Where the largest is so many times the smallest, equal steps show only the largest. */
const WIDE = 12;

function metMap(facet: readonly Point[], x: Axis, y: Axis): Markup {
  return grid(facet, x, y, 'Thresholds that hold', (point) => {
    const met = metOf(point);
    const look = met === point.reps.length ? 'all' : met === 0 ? 'none' : 'some';
    return { look: `met-${look}`, isDark: false, text: look === 'all' ? '✓ all' : look === 'none' ? '✗ none' : `~ ${met} of ${point.reps.length}`, title: `${nameOf(point, [x, y])}: held in ${met} of ${point.reps.length}` };
  });
}

function sureness({ interval, mean }: Estimate): string {
  return interval === null || mean === null || mean === 0 ? '' : format.plusMinus((interval[1] - interval[0]) / 2 / mean);
}

const WIDTH = 1000;
const HEIGHT = 260;
const MARGIN = { left: 90, right: 30, top: 14, bottom: 46 } as const;

/** Values stand at equal distances, in the order in which they were given: they need not be numbers. */
function lineOf(axis: Axis, points: readonly Point[], measure: Measure): Markup {
  const estimates = points.map((point) => estimateOf(point, measure.figure));
  const most = Math.max(...estimates.flatMap(({ interval, mean }) => [mean ?? 0, interval?.[1] ?? 0]), 1e-12) * 1.08;
  const x = (i: number): number => px(MARGIN.left + ((WIDTH - MARGIN.left - MARGIN.right) * (i + 0.5)) / points.length);
  const y = (value: number): number => px(HEIGHT - MARGIN.bottom - ((HEIGHT - MARGIN.top - MARGIN.bottom) * Math.max(0, value)) / most);
  const every = Math.ceil(points.length / LABELS_MAX);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${measure.title}"><svg class="curve" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${points.map((point, i) => `${point.values[axis.path]}: ${measure.text(estimates[i]!.mean)}`).slice(0, LABELS_MAX * 2).join(', ')}">
${ticks(0, most, 5).map((value) => html`<line class="grid" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(value)}" y2="${y(value)}"/><text class="tick" x="${MARGIN.left - 10}" y="${px(y(value) + 4)}" text-anchor="end">${measure.text(value)}</text>`)}
<polyline class="value-line" points="${estimates.map(({ mean }, i) => (mean === null ? '' : `${x(i)},${y(mean)}`)).join(' ')}"/>
${points.map((point, i) => {
    const estimate = estimates[i]!;
    const { interval, mean } = estimate;
    if (mean === null) return null;
    const flooded = point.reps.some(({ complete }) => !complete);
    return html`<g><title>${`${point.values[axis.path]}: ${measure.text(mean)} ${sureness(estimate)}`}</title>${interval !== null && html`<line class="whisker" x1="${x(i)}" x2="${x(i)}" y1="${y(interval[0])}" y2="${y(interval[1])}"/>`}<circle class="value${flooded && ' failed'}" cx="${x(i)}" cy="${y(mean)}" r="4.5"/>${i % every === 0 && html`<text class="tick" x="${x(i)}" y="${HEIGHT - 26}" text-anchor="middle">${fitting(point.values[axis.path]!, ((WIDTH - 120) / points.length) * every - 6, 11.5)}</text>`}</g>`;
  })}
<text class="tick" x="${(WIDTH + MARGIN.left - MARGIN.right) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${axis.path}</text></svg></div>`;
}

const LABELS_MAX = 24;

function pointTable({ points, thresholds }: Sweep, varied: readonly Axis[]): Markup {
  return dataTable<Point>({
    title: 'Points',
    rows: points,
    more: 'points',
    columns: [
      ...varied.map((axis): DataColumn<Point> => ({ title: shortName(axis, varied), doc: axis.path, isText: true, of: ({ values }) => ({ text: values[axis.path]!, value: values[axis.path]! }) })),
      ...MEASURES.map((measure): DataColumn<Point> => ({ title: measure.title, of: (point) => {
        const estimate = estimateOf(point, measure.figure);
        return { text: html`${measure.text(estimate.mean)} <small>${sureness(estimate)}</small>`, value: estimate.mean };
      } })),
      ...(thresholds.length === 0 ? [] : [{ title: 'Thresholds met', of: (point: Point) => {
        const met = metOf(point);
        return { text: met === point.reps.length ? '✓ all' : `✗ ${met} of ${point.reps.length}`, value: met, ...(met === point.reps.length ? {} : { tone: 'bad' as const }) };
      } }]),
      ...(points.every(({ reps }) => reps.every(({ complete }) => complete)) ? [] : [{ title: 'Flooded', doc: 'replications with more in flight than a run can hold', of: ({ reps }: Point) => ({ text: String(reps.filter(({ complete }) => !complete).length) }) }]),
    ],
  });
}
