/** A sweep on a terminal: a row for each point. */
import { estimateOf, metOf, type Estimate } from '../../sweep/estimates.ts';
import { type Axis, pointsOf } from '../../sweep/grid.ts';
import type { Point, Sweep } from '../../sweep/sweep.ts';
import * as format from '../format.ts';
import { Page } from '../page.ts';
import type { ReportOptions } from '../reporter.ts';
import { printable, type Section } from '../summary.ts';

/** Rows that a person still reads. */
const ROWS = 60;

export function renderSweep(sweep: Sweep, options: Pick<ReportOptions, 'width' | 'color' | 'unicode' | 'files' | 'again'>): string {
  const page = new Page(options);
  const { axes, complete, points, scenario, seeds, shard } = sweep;
  const ran = [`${points.length === 1 ? '1 point' : `${format.count(points.length)} points`}${shard === null ? '' : ` (shard ${shard.index} of ${shard.of})`}`, seeds.length === 1 ? '1 replication each' : `${seeds.length} replications each`];
  page.title(`sweep  ${printable(scenario.name)}`, ran.map((_, i) => ran.slice(0, i + 1).join(' · ')));
  page.gap();
  if (!complete) page.verdict({ mark: 'warn', word: 'PARTIAL', detail: `stopped after ${format.count(points.length)} of ${format.count(pointsOf(axes, shard).length)} points; the others were not run` });
  page.gap();
  if (points.length > 0) page.section(sectionOf(sweep), { most: ROWS, what: 'points', all: '--csv' });
  page.gap();
  if (points.length > 0 && seeds.length > 1) page.words('± is half of the 95 % interval of the mean over replications');
  page.ending(options);
  return `${page.lines.join('\n')}\n`;
}

function sectionOf({ axes, points, thresholds }: Sweep): Section {
  // What has one value everywhere is no column.
  const varied = axes.filter(({ values }) => values.length > 1);
  return {
    title: 'POINTS',
    columns: [
      ...varied.map((axis) => ({ title: shortName(axis, varied), align: 'left', keep: Infinity }) as const),
      { title: 'p50', align: 'right', keep: 3 },
      { title: 'p99', align: 'right', keep: Infinity },
      { title: '±', align: 'right', keep: 4, isClose: true },
      { title: 'errors', align: 'right', keep: 6 },
      { title: 'goodput', align: 'right', keep: 5 },
      { title: 'attempts', align: 'right', keep: 2 },
      { title: 'thresholds met', align: 'right', keep: thresholds.length > 0 ? 7 : 1 },
    ],
    rows: points.map((point) => {
      const p99 = estimateOf(point, 'p99');
      return [
        ...varied.map(({ path }) => ({ text: printable(point.values[path]!) })),
        { text: format.milliseconds(estimateOf(point, 'p50').mean) },
        { text: format.milliseconds(p99.mean) },
        { text: widthOf(p99) },
        { text: format.percent(estimateOf(point, 'errorRate').mean) },
        { text: `${format.number(estimateOf(point, 'goodput').mean)}/s` },
        { text: format.times(estimateOf(point, 'attemptsPerRequest').mean) },
        metCell(point, thresholds.length),
      ];
    }),
  };
}

function metCell(point: Point, thresholds: number): Section['rows'][number][number] {
  const { reps } = point;
  const broken = reps.filter(({ complete }) => !complete).length;
  if (broken > 0) return { text: `${broken} of ${reps.length} flooded`, tone: 'bad' };
  if (thresholds === 0) return { text: '' };
  const met = metOf(point);
  return { text: met === reps.length ? 'all' : `${met} of ${reps.length}`, tone: met === reps.length ? 'good' : 'bad' };
}

function widthOf({ interval, mean }: Estimate): string {
  if (interval === null || mean === null || mean === 0) return '';
  return `±${format.number((50 * (interval[1] - interval[0])) / mean)}%`;
}

/** Titles of columns that every sweep has. */
const FIGURES: readonly string[] = ['p50', 'p99', 'errors', 'goodput', 'attempts'];

/** As much of the end of the path as tells it from the others, and from the figures. */
export function shortName({ path }: Axis, axes: readonly Axis[]): string {
  const parts = path.split('.');
  for (let from = parts.length - 1; from > 0; from--) {
    const name = parts.slice(from).join('.');
    if (!FIGURES.includes(name) && axes.filter((other) => other.path === name || other.path.endsWith(`.${name}`)).length === 1) return name;
  }
  return path;
}
