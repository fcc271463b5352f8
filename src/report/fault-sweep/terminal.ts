/** A sweep of faults on a terminal: what breaks something, the worst first, and one line about all that is stood. */
import { addedHarm, brokenIn, type CaseOutcome, type FaultSweep, isHarmful, type Ranking, strainOf } from '../../fault-sweep/fault-sweep.ts';
import type { ThresholdHarm } from '../../fault-sweep/harm.ts';
import { counted } from '../../model/grouped.ts';
import * as format from '../format.ts';
import { Page } from '../page.ts';
import type { ReportOptions } from '../reporter.ts';
import { inUnit, printable, type Section, type Verdict } from '../summary.ts';
import type { Cell } from '../table.ts';

export interface FaultSweepReportOptions extends Pick<ReportOptions, 'width' | 'color' | 'unicode' | 'files' | 'again'> {
  /** A command that runs one of the cases again and writes its scenario; null where there is none. */
  readonly next: string | null;
}

/** Rows that a person still reads. */
const ROWS = 30;

export function renderFaultSweep(sweep: FaultSweep, options: FaultSweepReportOptions): string {
  const page = new Page(options);
  const { baseline, durationMs, pairs, scenario, seeds, singles, window } = sweep;
  const details = [`${counted(singles.planned, 'fault')}${pairs === null ? '' : ` and ${counted(pairs.planned, 'pair')}`}`, `on from ${format.duration(window.fromMs)} to ${format.duration(window.toMs)} of ${format.duration(durationMs)}`, `seed ${seeds[0]}${seeds.length > 1 ? `, ${seeds.length} reps` : ''}`];
  page.title(`check  ${printable(scenario.name)}`, details.map((_, i) => details.slice(0, i + 1).join(' · ')));
  page.gap();
  for (const verdict of verdictsOf(sweep)) page.verdict(verdict);
  page.gap();
  const harmful = singles.cases.filter(isHarmful);
  page.section(sectionOf('ANY ONE THING', [...harmful.slice(0, ROWS), baseline], baseline));
  if (harmful.length > ROWS) page.note(`and ${harmful.length - ROWS} more that break a threshold: --json or --csv`);
  if (baseline.thresholds.some(({ pass }) => pass)) page.words(stoodOf(singles));
  if (pairs !== null) {
    page.gap();
    const news = pairs.cases.filter((pair) => isHarmful(pair) && addedHarm(pair) > 0);
    if (news.length > 0) page.section(sectionOf('ANY TWO THINGS', news.slice(0, ROWS), baseline));
    if (news.length > ROWS) page.note(`and ${news.length - ROWS} more that do more harm than the worse of the two alone: --json or --csv`);
    page.words(`no more harm than by the worse of the two alone: ${format.count(pairs.cases.length - news.length)} of ${counted(pairs.cases.length, 'pair')}`);
  }
  page.gap();
  for (const warning of warningsOf(sweep)) page.lines.push(...page.warningLines(warning, Infinity));
  page.words('harm: of each threshold broken 1 - limit / value (0.5 is twice the limit, 1 without end), plus the share of requests lost; back in: from the end of the fault until answered as before');
  if (options.next !== null) page.lines.push(`  go on: ${options.next}`);
  page.ending(options);
  return `${page.lines.join('\n')}\n`;
}

function verdictsOf(sweep: FaultSweep): Verdict[] {
  const { baseline, complete, pairs, singles } = sweep;
  const verdicts: Verdict[] = [];
  const ran = [...singles.cases, ...(pairs?.cases ?? [])];
  if (!complete) verdicts.push({ mark: 'warn', word: 'PARTIAL', detail: `stopped after ${format.count(ran.length)} of ${format.count(singles.planned + (pairs?.planned ?? 0))} cases; the others were not run` });
  const failing = baseline.thresholds.filter(({ pass }) => !pass);
  const isAllFailing = failing.length === baseline.thresholds.length;
  if (failing.length > 0) verdicts.push({ mark: 'fail', word: 'UNWELL', detail: `${failing.length} of ${counted(baseline.thresholds.length, 'threshold')} fail when nothing breaks${isAllFailing ? ', so no fault could break one' : ''}` });
  const broken = singles.cases.filter(isHarmful).length;
  if (broken > 0) verdicts.push({ mark: 'fail', word: 'BREAKS', detail: `${format.count(broken)} of ${counted(singles.cases.length, 'single fault')} ${broken === 1 ? 'breaks' : 'break'} a threshold` });
  else if (singles.cases.length > 0 && !isAllFailing) verdicts.push({ mark: complete ? 'pass' : 'unsure', word: complete ? 'STANDS' : 'SO FAR', detail: `every threshold holds under ${singles.cases.length === 1 ? 'the one fault tried' : `each of ${counted(singles.cases.length, 'single fault')}`}` });
  return verdicts;
}

function sectionOf(title: string, cases: readonly CaseOutcome[], baseline: CaseOutcome): Section {
  return {
    title,
    columns: [
      { title, align: 'left', keep: Infinity },
      { title: 'harm', align: 'right', keep: 8 },
      { title: 'broken', align: 'right', keep: 4 },
      { title: 'worst threshold', align: 'left', keep: 6 },
      { title: '', align: 'left', keep: 6, isClose: true },
      { title: 'lost', align: 'right', keep: 7 },
      { title: 'back in', align: 'right', keep: 3 },
      { title: 'attempts', align: 'right', keep: 2 },
      { title: '', align: 'left', keep: 1, isClose: true },
    ],
    marks: cases.map((one) => (isHarmful(one) || one.thresholds.some(({ pass }) => !pass) ? 'fail' : 'pass')),
    rows: cases.map((one): Cell[] => {
      const worst = brokenIn(one).reduce<ThresholdHarm | null>((most, threshold) => (threshold.harm > (most?.harm ?? -1) ? threshold : most), null);
      return [
        { text: printable(one.id) },
        { text: one.harm === 0 ? '0' : one.harm.toFixed(2) },
        { text: brokenIn(one).length === 0 ? '' : `${brokenIn(one).length} of ${one.thresholds.length}` },
        { text: worst === null ? '' : printable(worst.expr) },
        { text: worst === null ? '' : !one.complete ? 'flooded' : valueOf(worst), tone: 'bad' },
        { text: one.lost === 0 ? '0' : format.percent(one.lost) },
        { text: recoveryOf(one, baseline), ...(one.recovered === false ? { tone: 'bad' as const } : {}) },
        { text: format.times(one.amplification?.attempts ?? null) },
        { text: one.amplification === null || one.amplification.attempts < 1.005 ? '' : printable(one.amplification.edge) },
      ];
    }),
  };
}

function valueOf(threshold: ThresholdHarm): string {
  if (threshold.value !== null && threshold.judged === 'fail') return inUnit(threshold, threshold.value);
  return threshold.judged === 'fail' ? 'never' : threshold.judged;
}

/** Chance alone makes single steps look worse than before; what takes no longer than where nothing breaks cannot be told from that. */
function recoveryOf({ recovered, recoveryMs }: CaseOutcome, baseline: CaseOutcome): string {
  if (recovered === null || baseline.recoveryMs === null) return format.NOTHING;
  if (!recovered) return 'never';
  return recoveryMs! > baseline.recoveryMs || recoveryMs === 0 ? format.duration(recoveryMs!) : `≤${format.duration(baseline.recoveryMs)}`; // it has a time
}

function stoodOf({ cases }: Ranking): string {
  const stood = cases.filter((one) => !isHarmful(one));
  const nearest = stood.toSorted((a, b) => strainOf(b) - strainOf(a))[0];
  const strain = nearest === undefined ? 0 : strainOf(nearest);
  const limit = nearest?.thresholds.find((threshold) => threshold.strain === strain);
  return `no harm by ${format.count(stood.length)} of ${counted(cases.length, 'fault')}${limit === undefined || strain === 0 ? '' : `; nearest to a limit: ${printable(nearest!.id)}, ${inUnit(limit, limit.value!)} of ${printable(limit.expr)}`}`;
}

function warningsOf({ baseline, own, pairs }: FaultSweep): string[] {
  const warnings: string[] = [];
  const failing = baseline.thresholds.filter(({ pass }) => !pass);
  if (failing.length > 0) warnings.push(`not counted, since nothing has to break for it to fail: ${failing.map(({ expr }) => printable(expr)).join(', ')}`);
  if (own.faults.length > 0) warnings.push(`the file's own faults are left out (${own.faults.map(printable).join(', ')})${own.thresholds.length === 0 ? '' : `; what has to hold in the time of one of them is asked of each fault: ${own.thresholds.map(printable).join(', ')}`}`);
  if (pairs !== null && pairs.planned < pairs.possible) warnings.push(`${pairs.planned} of ${format.count(pairs.possible)} pairs were to be run: first those of which each alone does no harm, the nearest to a limit first; --limit ${pairs.possible} is all of them`);
  return warnings;
}
