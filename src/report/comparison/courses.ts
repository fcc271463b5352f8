/** One run of each side over time, on shared axes. */
import type { Course } from '../../compare/course.ts';
import type { ChartData, ChartSeries, ChartUnit, Figure } from '../html/chart.ts';
import { rounded } from '../html/chart.ts';
import { endOfSteps, ratesOf } from '../rate.ts';

export interface CourseChart {
  readonly figure: Figure;
  readonly chart: ChartData;
}

/** Lines that a person can still tell apart. */
const SIDES_MAX = 8;
const LOOKS = ['strong', 'dashed', 'dotted', 'dashdot'] as const;

/** None where fewer than two sides are known, or their steps differ. */
export function courseCharts(courses: readonly (Course | null)[], titles: readonly string[]): CourseChart[] {
  const known = courses.flatMap((course, i) => (course === null ? [] : [{ course, title: titles[i]!, place: i }])).slice(0, SIDES_MAX);
  const first = known[0]?.course;
  if (first === undefined || known.length < 2 || known.some(({ course }) => course.series.stepMs !== first.series.stepMs)) return [];
  const { stepMs } = first.series;
  const count = Math.max(...known.map(({ course }) => course.series.requests.length));
  const endMs = Math.max(...known.map(({ course }) => endOfSteps(stepMs, count, untilMsOf(course))));
  const x: ChartData['x'] = { kind: 'time', stepMs, count, endMs, warmupMs: first.warmupMs, windows: windowsOf(first, endMs) };
  const chart = (id: string, title: string, text: string, unit: ChartUnit, scale: 'linear' | 'log', valuesOf: (course: Course) => readonly (number | null)[]): CourseChart => ({
    figure: { id, title, text: `${text}: ${known.map((side) => side.title).join(', ')}.` },
    chart: {
      id, group: 'time', x, y: { label: title, unit, scale },
      series: known.map(({ course, place, title: label }): ChartSeries => ({ label, values: rounded(valuesOf(course)), color: `line-${place + 1}`, look: LOOKS[place % LOOKS.length]! })),
    },
  });
  const rate = (counts: (course: Course) => readonly number[]) => (course: Course): (number | null)[] => ratesOf(counts(course), { ...course.series, runs: course.runs, untilMs: untilMsOf(course) });
  const latencies = known.flatMap(({ course }) => course.series.p99Ms.filter((value): value is number => value !== null && value > 0));
  const isWide = latencies.length > 0 && Math.max(...latencies) / Math.min(...latencies) > WIDE;
  return [
    chart('course-p99', 'Latency p99', 'Of the requests that ended in each step', 'ms', isWide ? 'log' : 'linear', ({ series }) => series.p99Ms),
    chart('course-goodput', 'Goodput', 'Requests answered well, a second', 'perSecond', 'linear', rate(({ series }) => series.ok)),
    chart('course-failed', 'Failed requests', 'A second, by their end', 'perSecond', 'linear', rate(({ series }) => series.failed)),
    chart('course-attempts', 'Attempts', 'On all edges, a second', 'perSecond', 'linear', rate(({ series }) => series.attempts)),
  ];
}

/** Where the largest is so many times the smallest, a linear scale shows only the largest. */
const WIDE = 12;

/** Without it nothing is known of the last step, and it has no rate. */
function untilMsOf({ series: { requests, stepMs }, untilMs = stepMs * (requests.length - 1) }: Course): number {
  return untilMs;
}

/** Those of the reference. */
function windowsOf({ faults }: Course, endMs: number): { name: string; fromMs: number; toMs: number }[] {
  return faults.flatMap(({ name, windowsMs }) => windowsMs.map(([fromMs, toMs]) => ({ name, fromMs, toMs: toMs === null || !Number.isFinite(toMs) ? endMs : Math.min(toMs, endMs) })));
}
