/** What a probe found, on a terminal. */
import type { ProbeReport, PushReport } from '../../probe/report.ts';
import { wilson } from '../../stats/interval.ts';
import * as format from '../format.ts';
import { Page } from '../page.ts';
import type { ReportOptions } from '../reporter.ts';
import { type Figure, printable, type Section, type Verdict } from '../summary.ts';

export function renderProbe(report: ProbeReport, options: Pick<ReportOptions, 'width' | 'color' | 'unicode' | 'files' | 'again'>): string {
  const page = new Page(options);
  const details = [loadOf(report, 1), `${report.runs} seeds`, `watched ${format.duration(report.watchMs)} after each push`];
  page.title(`probe  ${printable(report.scenario.name)}`, details.map((_, i) => details.slice(0, i + 1).join(' · ')));
  page.gap();
  page.verdict(verdictOf(report));
  page.gap();
  if (report.pushes.length > 0) {
    page.section(pushSection(report));
    page.gap();
  }
  page.figures(figuresOf(report));
  page.gap();
  page.ending(options);
  return `${page.lines.join('\n')}\n`;
}

/** Of a search that was cut off: what it would say could be wrong in either way. */
export function renderStoppedProbe(name: string, options: Pick<ReportOptions, 'width' | 'color' | 'unicode' | 'again'>): string {
  const page = new Page(options);
  page.title(`probe  ${printable(name)}`, []);
  page.gap();
  page.verdict({ mark: 'warn', word: 'PARTIAL', detail: STOPPED_PROBE });
  page.gap();
  page.ending({ files: [], again: options.again });
  return `${page.lines.join('\n')}\n`;
}

export const STOPPED_PROBE = 'stopped before every push was tried, which tells nothing';

export function verdictOf(report: ProbeReport): Verdict {
  switch (report.verdict) {
    case 'down':
      return { mark: 'fail', word: 'DOWN', detail: report.downAlone === report.runs ? `does not stand up at ${loadOf(report, 1)} even without a trigger` : `${someOf(report.downAlone, report)}: down at ${loadOf(report, 1)} even without a trigger` };
    case 'metastable': {
      const worst = report.pushes.filter(({ staysDownFromMs }) => staysDownFromMs !== null).reduce((one, other) => (other.staysDownFromMs! < one.staysDownFromMs! ? other : one));
      const push = `${format.duration(worst.staysDownFromMs!)} of ${printable(worst.trigger)} and`;
      return { mark: 'fail', word: 'METASTABLE', detail: worst.down === report.runs ? `${push} it stays down after that is over` : `${push} it stays down, ${someOf(worst.down!, report)}` };
    }
    case 'recovers':
      return { mark: 'pass', word: 'RECOVERS', detail: `from every trigger tried, up to ${format.duration(report.longestMs)} long` };
    default:
      return report.verdict satisfies never;
  }
}

/** `2 of 5 runs (12 to 77 %)`: what that says of all runs there could be, by Wilson's interval. */
function someOf(down: number, { runs }: ProbeReport): string {
  const [low, high] = wilson(down, runs);
  return `${down} of ${runs} runs (${Math.round(100 * low)} to ${Math.round(100 * high)} %)`;
}

function pushSection({ longestMs, pushes, runs }: ProbeReport): Section {
  return {
    title: 'TRIGGER',
    columns: [
      { title: 'TRIGGER', align: 'left', keep: Infinity },
      { title: 'recovers from', align: 'right', keep: Infinity },
      { title: 'in', align: 'right', keep: 1 },
      { title: 'stays down from', align: 'right', keep: Infinity },
      { title: 'runs down', align: 'right', keep: 2 },
    ],
    rows: pushes.map((push) => [
      { text: printable(push.trigger) },
      { text: push.recoversFromMs === null ? format.NOTHING : `${format.duration(push.recoversFromMs)}${push.recoversFromMs >= longestMs ? ' and more' : ''}` },
      { text: recoveryOf(push) },
      { text: push.staysDownFromMs === null ? format.NOTHING : format.duration(push.staysDownFromMs) },
      { text: push.down === null ? format.NOTHING : `${push.down} of ${runs}` },
    ]),
    marks: pushes.map(({ staysDownFromMs }) => (staysDownFromMs === null ? 'pass' : 'fail')),
  };
}

export function figuresOf(report: ProbeReport): Figure[] {
  const { load: { downFrom, downThere, safeUpTo }, sustainedBy, verdict } = report;
  const figures: Figure[] = [
    { title: 'SAFE', versions: [safeUpTo === null ? 'at no load tried' : `up to ${loadOf(report, safeUpTo)}: every trigger is recovered from`] },
    { title: 'DOWN', versions: [downFrom === null ? 'by itself at no load tried' : `from ${loadOf(report, downFrom)}: it falls over by itself${downThere === report.runs ? '' : `, ${someOf(downThere!, report)}`}`] },
  ];
  if (verdict !== 'metastable') return figures;
  if (sustainedBy.length === 0) figures.push({ title: 'SUSTAINED BY', versions: ['something else than retries: it stays down without them, too'] });
  for (const { attempts, edges, recoveryMs } of sustainedBy) {
    const recovery = recoveryMs === null ? 'a longer push drains away' : `a longer push is over in ${format.duration(recoveryMs)}`;
    const whose = `retries of ${edges.map(printable).join(', ')} (${format.times(attempts)} attempts a call)`;
    figures.push({ title: 'SUSTAINED BY', versions: [`${whose}: without them ${recovery}`, whose] });
  }
  return figures;
}

function recoveryOf({ recoversFromMs, recoveryMs }: PushReport): string {
  if (recoversFromMs === null) return format.NOTHING;
  return recoveryMs === null ? 'still draining' : format.duration(recoveryMs);
}

/** As a rate where the load has one. */
export function loadOf({ rate }: ProbeReport, share: number): string {
  return rate === null ? `${format.number(share)} times the load` : `${format.number(rate * share)}/s`;
}
