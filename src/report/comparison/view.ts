/** What a comparison says, before anyone decides how it looks. Terminal and Markdown draw the same. */
import { type Change, type Comparison, type Row, REPLICATIONS_MIN } from '../../compare/comparison.ts';
import { CAUSE_WORDS } from '../causes.ts';
import { NEGLIGIBLE_BUSY, NEGLIGIBLE_ERRORS } from '../../compare/metric.ts';
import { SAME_WITHIN } from '../../compare/verdict.ts';
import * as format from '../format.ts';
import { invariantVerdict, violationLines } from '../invariants.ts';
import type { Mark, Tone } from '../style.ts';
import { printable, type Section } from '../summary.ts';
import type { Cell, Column } from '../table.ts';
import { lengthOf } from '../text.ts';
import { changeText, changeUncertainty, detectableText, uncertaintyText, valueText } from './amount.ts';

/** Two of them, a change and a verdict fit into 80 columns. */
const LONGEST_TITLE = 12;

/** Columns are headed by the labels of the sides, or by letters where those are too long; the letters are then explained. */
export interface Titles {
  readonly titles: readonly string[];
  readonly legend: readonly string[];
}

export function titlesOf({ sides }: Comparison): Titles {
  const labels = sides.map(({ label }) => printable(label));
  if (new Set(labels).size === labels.length && labels.every((label) => lengthOf(label) <= LONGEST_TITLE)) return { titles: labels, legend: [] };
  const titles = labels.map((_, i) => letter(i));
  return { titles, legend: labels.map((label, i) => `${titles[i]}  ${label}`) };
}

/** A to Z, then A1. */
function letter(index: number): string {
  return String.fromCharCode(65 + (index % 26)) + (index < 26 ? '' : String(Math.floor(index / 26)));
}

export interface Head {
  readonly name: string;
  /** May be empty. */
  readonly about: string;
  /** Most important first. */
  readonly ran: readonly string[];
}

/** @param subject  may be empty */
export function headOf(comparison: Comparison, titles: readonly string[], subject: string): Head {
  const about = printable(subject);
  const ran = ranOf(comparison);
  if (titles.length === 2) return { name: titles.join(' → '), about, ran };
  return { name: about === '' ? titles.join(', ') : about, about: '', ran };
}

function ranOf({ sides, confidence }: Comparison): string[] {
  const counts = [...new Set(sides.map(({ replications }) => replications))];
  const isPaired = sides.slice(1).every(({ pairing }) => pairing === 'paired');
  return [
    `${counts.join(' and ')} ${isPaired && counts.length === 1 ? 'paired ' : ''}${counts.length === 1 && counts[0] === 1 ? 'rep' : 'reps'}`,
    isPaired ? 'shared random numbers' : 'luck of their own',
    `${format.wholePercent(confidence)} intervals`,
    seedsOf(sides),
  ];
}

/** In the order of the sides where each has one of its own. */
function seedsOf(sides: Comparison['sides']): string {
  const seeds = sides.map(({ seed }) => seed);
  return new Set(seeds).size === 1 ? `seed ${seeds[0]}` : `seeds ${seeds.slice(0, -1).join(', ')} and ${seeds.at(-1)}`;
}

/** Two sides: a value each, the change, and what to think of it. @param isWide  with what each change that was not shown would have had to be */
export function pairSection({ rows, minEffect }: Comparison, titles: readonly string[], isWide: boolean): Section {
  return {
    title: '',
    columns: [
      METRIC,
      { title: titles[0]!, align: 'right', keep: Infinity }, uncertainty(2),
      { title: titles[1]!, align: 'right', keep: Infinity }, uncertainty(2),
      { title: 'change', align: 'right', keep: Infinity }, uncertainty(isWide ? Infinity : 5),
      { title: 'verdict', align: 'left', keep: Infinity }, ...(isWide ? [{ title: '', align: 'left', keep: Infinity } as const] : []),
      { title: 'n', align: 'right', keep: 1 },
    ],
    rows: rows.map((row) => {
      const change = row.changes[0]!;
      return [
        metricCell(row),
        ...row.cells.flatMap((cell) => [{ text: valueText(cell, row.unit) }, { text: uncertaintyText(cell, row.unit), tone: 'dim' as const }]),
        { text: changeText(change, row.unit) }, { text: changeUncertainty(change, row.unit), tone: 'dim' },
        verdictCell(change), ...(isWide ? [{ text: detailOf(change, row.unit, minEffect) }] : []),
        { text: format.count(change.n) },
      ];
    }),
  };
}

/** The reference and some of the other sides, as changes from it. @param others  their places in `sides` */
export function manySection({ rows }: Comparison, titles: readonly string[], others: readonly number[]): Section {
  return {
    title: '',
    columns: [
      METRIC,
      { title: titles[0]!, align: 'right', keep: Infinity }, uncertainty(1),
      ...others.flatMap((at): Column[] => [{ title: titles[at]!, align: 'left', keep: Infinity }, uncertainty(3), { title: '', align: 'left', keep: 2, isClose: true }]),
    ],
    rows: rows.map((row) => [
      metricCell(row),
      { text: valueText(row.cells[0]!, row.unit) }, { text: uncertaintyText(row.cells[0]!, row.unit), tone: 'dim' },
      ...others.flatMap((at): Cell[] => {
        const change = row.changes[at - 1]!;
        const { text, ...look } = verdictCell(change);
        return [{ ...look, text: changeText(change, row.unit) }, { text: changeUncertainty(change, row.unit), tone: 'dim' }, { text, ...(look.tone === undefined ? {} : { tone: look.tone }) }];
      }),
    ]),
  };
}

const METRIC: Column = { title: '', align: 'left', keep: Infinity };

function uncertainty(keep: number): Column {
  return { title: '', align: 'left', keep, isClose: true };
}

/** Rows in which every side is like the reference, and the others. */
export function foldedRows({ rows }: Comparison): { readonly same: readonly Row[]; readonly shown: readonly Row[] } {
  const isSame = ({ changes }: Row): boolean => changes.every(({ verdict, tolerated }) => verdict === 'same' && tolerated === null);
  return { same: rows.filter(isSame), shown: rows.filter((row) => !isSame(row)) };
}

export function foldedText(same: readonly Row[]): string {
  return `same on all sides: ${same.map((row) => `${metricText(row)} ${valueText(row.cells[0]!, row.unit)}`).join(', ')}`;
}

export function tallyOf({ counts, minEffect, rows }: Comparison): string[] {
  if (rows.every(({ changes }) => changes.every(({ verdict }) => verdict === null))) return ['no verdicts'];
  const { better, same, worse, inconclusive, tolerated } = counts;
  return [
    `better ${better}`, `same ${same}`, `worse ${worse}`, `inconclusive ${inconclusive}`,
    ...(tolerated > 0 && minEffect !== null ? [`(${tolerated} within the ${percentOf(minEffect)} that ${tolerated === 1 ? 'is' : 'are'} allowed)`] : []),
  ];
}

/** What a reader must know to read the table right. */
export function remarksOf(comparison: Comparison): string[] {
  const gaps = comparison.rows.filter(({ changes }) => changes.some(({ verdict, n }) => verdict === null && n >= REPLICATIONS_MIN)).map(metricText);
  return [
    ...(gaps.length > 0 ? [`without a verdict, for want of a value in some replications: ${gaps.join(', ')}`] : []),
    ...shedders(comparison).map((label) => `${label} is faster and serves less: what fails at once looks quick, so read latency together with goodput and errors`),
  ];
}

/** Of the rows in which some side shows no change: the smallest that these replications would have shown on every such side. */
export function resolutionOf({ rows }: Comparison): string | null {
  const texts = rows.flatMap((row) => {
    const unshown = row.changes.filter((change) => isUnshown(change) && change.detectable! > 0);
    const least = unshown.reduce<Change | null>((most, change) => (most === null || change.detectable! > most.detectable! ? change : most), null);
    return least === null ? [] : [`${metricText(row)} ${detectableText(least, row.unit)}`];
  });
  return texts.length === 0 ? null : `where no change is shown, these replications would see: ${texts.join(', ').replaceAll(' would see', '')}`;
}

function isUnshown({ verdict, tolerated }: Change): boolean {
  return (verdict === 'same' && tolerated === null) || verdict === 'inconclusive';
}

export function methodOf({ sides, rows, confidence, minEffect }: Comparison): string | null {
  const judged = rows.flatMap(({ changes }) => changes).filter(({ verdict }) => verdict !== null);
  // What is none in every replication, or was seen in none, is not tested.
  const tested = judged.filter(({ estimate }) => estimate !== 0).length;
  if (tested === 0) return null;
  const pairings = new Set(sides.map(({ pairing }) => pairing));
  const hasBusy = rows.some(({ metric, unit }) => metric === 'busiest endpoint' && unit === 'share');
  const test = !pairings.has('unpaired') ? 'paired t' : pairings.has('paired') ? "paired t, Welch's t where seeds differ" : "Welch's t";
  return `${test}; Holm over ${tested} ${tested === 1 ? 'change' : 'changes'} keeps false alarms of the whole table at ${format.wholePercent(1 - confidence)}; same: the interval holds no change above ${percentOf(minEffect ?? SAME_WITHIN)}, or, where that is more, ${pointsOf(NEGLIGIBLE_ERRORS)} of errors${hasBusy ? ` and ${pointsOf(NEGLIGIBLE_BUSY)} of the busiest endpoint` : ''}`;
}

function pointsOf(share: number): string {
  return `${Number((100 * share).toPrecision(3))} pt`;
}

/** Sides whose latency is better while less gets through. */
function shedders({ sides, rows }: Comparison): string[] {
  return sides.slice(1).flatMap(({ label }, i) => {
    const says = (metric: RegExp, verdict: Change['verdict']): boolean => rows.some((row) => metric.test(row.metric) && row.changes[i]!.verdict === verdict);
    return says(/^latency/, 'better') && (says(/^errors$/, 'worse') || says(/^goodput$/, 'worse')) ? [printable(label)] : [];
  });
}

/** `errors` alone have their cause beside them. */
export function metricText({ metric, cause }: Row): string {
  if (cause === null) return metric;
  return metric === 'errors' ? `errors: ${CAUSE_WORDS[cause]}` : CAUSE_WORDS[cause];
}

/** Causes are a part of what stands above them. */
function metricCell(row: Row): Cell {
  return { text: row.cause !== null && row.metric !== 'errors' ? `  ${metricText(row)}` : metricText(row) };
}

const VERDICTS: Readonly<Record<NonNullable<Change['verdict']>, { readonly mark: Mark; readonly tone?: Tone }>> = {
  better: { mark: 'pass', tone: 'good' },
  worse: { mark: 'fail', tone: 'bad' },
  same: { mark: 'unsure' },
  inconclusive: { mark: 'unsure', tone: 'warn' },
};

function verdictCell({ verdict, tolerated }: Change): Cell {
  if (verdict === null) return { text: format.NOTHING };
  return tolerated === null ? { text: verdict, ...VERDICTS[verdict] } : { text: tolerated, mark: 'warn', tone: 'warn' };
}

export function detailOf(change: Change, unit: Row['unit'], minEffect: number | null): string {
  if (change.tolerated !== null) return `allowed ${percentOf(minEffect!)}`;
  return isUnshown(change) ? detectableText(change, unit) : '';
}

function percentOf(share: number): string {
  return `${Number((share * 100).toPrecision(3))}%`;
}

/** What broke an invariant on any side, and first how many. Empty where none were looked after. */
export function invariantLines({ invariants }: Comparison): string[] {
  if (invariants === undefined) return [];
  const { word, detail } = invariantVerdict(invariants);
  return [`${word}   ${detail}`, ...violationLines(invariants.violations, ({ side }) => `${side}, `).map(printable)];
}
