/** A verification for a terminal: verdict, what was calibrated, a row a figure, and what to do next. */
import { distortionAdvice } from '../verify/advice.ts';
import type { Row, RowVerdict } from '../verify/agreement.ts';
import type { Verification } from '../verify/verification.ts';
import * as format from './format.ts';
import { Page } from './page.ts';
import type { ReportOptions } from './reporter.ts';
import type { Mark } from './style.ts';
import { printable, type Section, type Verdict } from './summary.ts';

export function verificationText(verification: Verification, options: Omit<ReportOptions, 'detail' | 'files'>): string {
  const page = new Page(options);
  const { complete, repetitions, rows, scenario, verdict } = verification;
  page.title(`verify  ${printable(scenario.name)}`, ranDetails(verification));
  page.gap();
  if (!complete) page.verdict({ mark: 'warn', word: 'PARTIAL', detail: `stopped after ${repetitions} ${repetitions === 1 ? 'repetition' : 'repetitions'} of both` });
  page.verdict(verdictOf(verification));
  page.gap();
  for (const line of calibrationLines(verification)) page.words(line);
  page.gap();
  if (rows.length > 0) page.section(sectionOf(rows));
  page.gap();
  if (verdict !== 'agree') for (const advice of distortionAdvice(verification)) page.lines.push(...page.warningLines(advice, Infinity));
  page.ending({ files: [], again: options.again });
  return `${page.lines.join('\n')}\n`;
}

function ranDetails({ durationMs, repetitions, requests, seed, timeScale }: Verification): string[] {
  const ran = [
    'simulator and sockets', `seed ${seed}`, `${repetitions} × ${format.duration(durationMs)} each`, `${format.count(Math.round(requests))} requests`,
    ...(timeScale === 1 ? [] : [`time scale ${timeScale}`]),
  ];
  return ran.map((_, i) => ran.slice(0, i + 1).join(' · '));
}

function verdictOf({ rows, verdict }: Verification): Verdict {
  const countOf = (...verdicts: readonly RowVerdict[]): number => rows.filter((row) => verdicts.includes(row.verdict)).length;
  const within = `${countOf('agrees')} of ${rows.length} figures within their tolerance`;
  const noisy = countOf('withinNoise');
  switch (verdict) {
    case 'agree': return { mark: 'pass', word: 'AGREE', detail: noisy === 0 ? within : `${within}, ${noisy} within the noise between real runs` };
    case 'disagree': return { mark: 'fail', word: 'DISAGREE', detail: `${countOf('differs')} of ${rows.length} figures differ by more than tolerance and noise` };
    case 'inconclusive': return { mark: 'unsure', word: 'INCONCLUSIVE', detail: `${countOf('late', 'tooNoisy')} of ${rows.length} figures say as much of this machine as of the mesh` };
    case 'unknown': return { mark: 'unsure', word: 'NO VERDICT', detail: 'it takes two complete repetitions' };
    default: return verdict satisfies never;
  }
}

const WAYS = { pool: '', http1: ' over HTTP/1', http2: ' over HTTP/2' } as const;

function calibrationLines({ overhead }: Verification): string[] {
  if (overhead === null) return ['not calibrated: the simulator knows nothing of sockets'];
  return overhead.map(({ attemptP50Ms, attemptP99Ms, openingP50Ms, way }) => {
    const opening = openingP50Ms === null ? '' : `, opening a connection ${format.milliseconds(openingP50Ms)}`;
    return `calibrated: on sockets of this machine an attempt${WAYS[way]} takes ${format.milliseconds(attemptP50Ms)} more (p99 ${format.number(attemptP99Ms)})${opening}; the simulator was told`;
  });
}

const MARKS: Readonly<Record<RowVerdict, Mark>> = { agrees: 'pass', withinNoise: 'unsure', tooNoisy: 'unsure', late: 'unsure', differs: 'fail' };
const WORDS: Readonly<Record<RowVerdict, string>> = { agrees: 'agrees', withinNoise: 'noise', tooNoisy: 'too noisy', late: 'late', differs: 'differs' };

function sectionOf(rows: readonly Row[]): Section {
  const shown = folded(rows);
  return {
    title: '',
    columns: [
      { title: 'FIGURE', align: 'left', keep: Infinity },
      { title: 'sim', align: 'right', keep: 4 },
      { title: 'real', align: 'right', keep: 4 },
      { title: 'diff', align: 'right', keep: Infinity },
      { title: 'noise', align: 'right', keep: 2, isClose: true },
      { title: 'tolerance', align: 'right', keep: 3 },
      { title: 'verdict', align: 'left', keep: 1 },
    ],
    marks: shown.map(({ row }) => MARKS[row.verdict]),
    rows: shown.map(({ row, title }) => [
      { text: printable(title) },
      { text: valueText(row.sim, row.unit) },
      { text: valueText(row.real, row.unit) },
      { text: differenceText(row) },
      { text: `±${sizeText(row.noise, row)}` },
      { text: `±${sizeText(row.tolerance, row)}` },
      { text: WORDS[row.verdict], ...(row.verdict === 'differs' ? { tone: 'bad' as const } : {}) },
    ]),
  };
}

/** Of like figures that agree only the worst is shown. */
function folded(rows: readonly Row[]): { readonly title: string; readonly row: Row }[] {
  const excess = ({ difference, tolerance }: Row): number => Math.abs(difference) / tolerance;
  return rows.flatMap((row) => {
    const alike = row.group === null ? [] : rows.filter(({ group, verdict }) => group === row.group && verdict === 'agrees');
    if (row.verdict !== 'agrees' || alike.length < 2) return [{ title: row.name, row }];
    const worst = alike.reduce((most, other) => (excess(other) > excess(most) ? other : most));
    return row === worst ? [{ title: `${row.name} (of ${alike.length})`, row }] : [];
  });
}

function valueText(value: number, unit: Row['unit']): string {
  switch (unit) {
    case 'ms': return format.milliseconds(value);
    case 'perSecond': return `${format.number(value)}/s`;
    case 'ratio': return format.percent(value);
    case 'count': return format.number(value);
    default: return unit satisfies never;
  }
}

function differenceText(row: Row): string {
  const size = sizeText(Math.abs(row.difference), row);
  return Number.parseFloat(size) === 0 ? size : `${row.difference < 0 ? '-' : '+'}${size}`;
}

/** Latencies and throughput relative to the real figure, rates in points. */
function sizeText(size: number, { real, unit }: Row): string {
  if (unit === 'ratio') return `${(100 * size).toFixed(2)} pt`;
  if (unit === 'count') return format.number(size);
  return real === 0 ? valueText(size, unit) : `${((100 * size) / Math.abs(real)).toFixed(1)}%`;
}
