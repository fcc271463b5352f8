/** The highest load that meets the goals, on a terminal. */
import type { CapacityOutcome } from '../../search/outcome.ts';
import * as format from '../format.ts';
import { Page } from '../page.ts';
import { inUnit, printable, type Section, type Verdict } from '../summary.ts';
import type { Column } from '../table.ts';
import type { SearchReportOptions } from './options.ts';

export function renderCapacity(outcome: CapacityOutcome, options: SearchReportOptions): string {
  const page = new Page(options);
  const { load, reps, runs, seed, verdicts } = outcome;
  const details = [`seed ${seed}`, `${reps} reps`, `${format.count(runs)} ${runs === 1 ? 'run' : 'runs'}`, `${amountOf(load, outcome)} in the file`];
  page.title(`capacity  ${printable(outcome.of)} in ${printable(outcome.scenario.name)}`, details.map((_, i) => details.slice(0, i + 1).join(' · ')));
  page.gap();
  if (!outcome.complete) page.verdict({ mark: 'warn', word: 'PARTIAL', detail: 'stopped; this is what is known so far' });
  page.verdict(verdictOf(outcome));
  page.gap();
  if (verdicts.length > 0) {
    page.section(loadSection(outcome));
    page.gap();
  }
  if (!outcome.isMonotone) page.lines.push(...page.warningLines('some load passes above one that fails: more is not always worse here, and there may be other knees', Infinity));
  if (outcome.knee.low !== null) page.words(`Interval: 95 %, by how far the knees of ${reps} single replications lie apart. All loads with the same seeds.`);
  page.ending({ files: [], again: options.again });
  return `${page.lines.join('\n')}\n`;
}

function verdictOf(outcome: CapacityOutcome): Verdict {
  const { fails, goals, knee: { low, high, value }, range, status } = outcome;
  const amount = (load: number): string => amountOf(load, outcome);
  const plain = outcome.unit === 'users' ? format.count : format.number;
  const all = goals.length === 1 ? 'the goal' : `all ${goals.length} goals`;
  switch (status) {
    case 'found': return { mark: 'pass', word: 'KNEE', detail: `${amount(value!)}${low === null || high === null ? '' : ` [${plain(low)}, ${plain(high)}]`} meets ${all}; ${amount(fails!)} does not` }; // both are known
    case 'none': return { mark: 'fail', word: 'NO LOAD', detail: `meets ${all}: not even ${amount(range.low)} does` };
    case 'unbounded': return { mark: 'pass', word: 'NO LIMIT', detail: `${all} met at every load up to ${amount(range.high)}` };
    case 'unfinished': return { mark: 'unsure', word: 'NOT FOUND', detail: value === null ? `no load is known to meet ${all}${fails === null ? '' : `; ${amount(fails)} does not`}` : `${amount(value)} meets ${all}; ${fails === null ? 'no load is known that does not' : `${amount(fails)} does not`}` };
    default: return status satisfies never;
  }
}

function loadSection(outcome: CapacityOutcome): Section {
  const { goals, verdicts } = outcome;
  // What fails at most loads says most.
  const failures = goals.map((_, i) => verdicts.filter(({ thresholds }) => thresholds[i]?.pass === false).length);
  return {
    title: 'LOAD',
    columns: [{ title: 'LOAD', align: 'right', keep: Infinity }, ...goals.map((goal, i): Column => ({ title: printable(goal), align: 'right', keep: failures[i]! * goals.length + goals.length - i }))],
    marks: verdicts.map(({ pass }) => (pass ? 'pass' : 'fail')),
    rows: verdicts.map(({ load, thresholds }) => [
      { text: amountOf(load, outcome) },
      ...goals.map((_, i) => {
        const threshold = thresholds[i];
        if (threshold === undefined) return { text: format.NOTHING };
        return { text: threshold.value === null ? threshold.judged : inUnit(threshold, threshold.value), ...(threshold.pass ? {} : { tone: 'bad' as const }) };
      }),
    ]),
  };
}

function amountOf(load: number, { unit }: CapacityOutcome): string {
  switch (unit) {
    case 'perSecond': return `${format.number(load)}/s`;
    case 'users': return `${format.count(load)} ${load === 1 ? 'user' : 'users'}`;
    case 'times': return format.times(load);
    default: return unit satisfies never;
  }
}
