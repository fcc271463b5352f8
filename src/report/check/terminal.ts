/** What a check found, on a terminal. */
import type { CheckReport, FoundReport, KeptReport } from '../../check/report.ts';
import { headlineOf } from '../../check/story.ts';
import { counted } from '../../model/grouped.ts';
import * as format from '../format.ts';
import { Page } from '../page.ts';
import type { ReportOptions } from '../reporter.ts';
import { printable, type Verdict } from '../summary.ts';

export interface CheckOptions extends Pick<ReportOptions, 'width' | 'color' | 'unicode' | 'again'> {
  readonly elapsedMs: number;
  /** A command that runs a counter-example by itself. */
  readonly againOf: (found: FoundReport) => string;
}

export function renderCheck(report: CheckReport, options: CheckOptions): string {
  const page = new Page(options);
  const { cases, complete, faults, found, kept, requests, scenario, seed } = report;
  const details = [`seed ${seed}`, ...(report.casesMost === 0 ? [] : [`${counted(cases, 'case')} in ${format.duration(options.elapsedMs)}`, `${format.count(requests)} requests`])];
  page.title(`check  ${printable(scenario.name)}`, details.map((_, i) => details.slice(0, i + 1).join(' · ')));
  page.gap();
  for (const one of kept) keptLine(page, one);
  page.gap();
  for (const one of found) counterExample(page, one, options);
  // A replay has no cases.
  if (found.length === 0 && report.casesMost > 0) {
    const stillFails = kept.some(({ status }) => status === 'fails');
    if (!complete) page.verdict({ mark: 'unsure', word: stillFails ? 'SO FAR NOTHING NEW' : 'SO FAR NOTHING', detail: `${format.count(cases)} of ${counted(report.casesMost, 'case')} tried` });
    else page.verdict({ mark: stillFails ? 'unsure' : 'pass', word: stillFails ? 'NOTHING NEW' : 'NOTHING FOUND', detail: `${counted(cases, 'case')} with up to ${counted(faults, 'fault')} at once` });
  }
  page.gap();
  if (report.casesMost > 0) for (const line of coverageOf(report)) page.words(line);
  page.gap();
  page.ending({ files: [], again: options.again });
  return `${page.lines.join('\n').replace(/\n{3,}/g, '\n\n')}\n`;
}

function counterExample(page: Page, found: FoundReport, { againOf }: CheckOptions): void {
  const { case: index, failure, file, shrinks, story } = found;
  const [what = '', ...name] = headlineOf(failure).split(': ');
  page.verdict({ mark: 'fail', word: `${what}: ${printable(name.join(': '))}`, detail: `in case ${format.count(index + 1)} · shrunk ${counted(shrinks, 'time')}` });
  page.gap();
  for (const line of story) page.plainly(printable(line));
  page.gap();
  // To be pasted: never cut.
  page.lines.push(`  saved   ${printable(file)}`, `  again   ${printable(againOf(found))}`);
  page.gap();
}

function keptLine(page: Page, { failure, file, status, story }: KeptReport): void {
  const said: Readonly<Record<KeptReport['status'], Verdict>> = {
    fails: { mark: 'fail', word: 'still fails', detail: printable(failure?.name ?? '') },
    fixed: { mark: 'pass', word: 'fixed', detail: 'it holds by now' },
    gone: { mark: 'unsure', word: 'outdated', detail: 'its threshold, or what it fails in, is gone' },
  };
  page.verdict(said[status]);
  page.command(printable(file));
  if (status !== 'fails') page.words('where it was kept as a failure, the file can go');
  if (story === null) return;
  for (const line of story) page.plainly(printable(line));
  page.gap();
}

/** What nothing found is worth. */
function coverageOf({ cases, cutOff, invariants, thresholds: { failsAnyway, judged, notJudged } }: CheckReport): string[] {
  return [
    ...(invariants.length === 0 ? [] : [`invariants (${invariants.length}): under loads of up to 1,000 requests a source and any faults${judged.length === 0 ? '' : ', and in what thresholds are judged in'}`]),
    ...(judged.length === 0 ? [] : [`thresholds: ${judged.map(printable).join('; ')}: under the load of the file or less, and faults on one endpoint of a service that has others`]),
    ...(failsAnyway.length === 0 ? [] : [`fails in some cases without a fault, too, where it says nothing: ${failsAnyway.map(printable).join('; ')}`]),
    ...notJudged.map(({ because, expr }) => `not judged: ${printable(expr)}: ${because}`),
    ...(cutOff === 0 ? [] : [`${format.count(cutOff)} of ${counted(cases, 'case')} ended before their time, since too much happened in them; they say nothing`]),
    'what was not found may still be there: another --seed draws other cases, and --cases more of them',
  ];
}
