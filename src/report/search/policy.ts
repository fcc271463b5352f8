/** What a search for policy values found, on a terminal. */
import type { ConfirmedResult, Explored, PolicyOutcome } from '../../search/outcome.ts';
import * as format from '../format.ts';
import { Page } from '../page.ts';
import { printable, type Section, thresholdSection, type Verdict } from '../summary.ts';
import type { Cell, Column } from '../table.ts';
import type { SearchReportOptions } from './options.ts';

export interface PolicyReportOptions extends SearchReportOptions {
  /** Where the scenario with the values was written; null for nowhere. */
  readonly written: string | null;
}

const FRONT_ROWS = 8;

export function renderPolicy(outcome: PolicyOutcome, options: PolicyReportOptions): string {
  const page = new Page(options);
  const { runs, seed, best, leftOut, over } = outcome;
  const details = [`seed ${seed}`, `${format.count(runs.search)} runs to search, ${format.count(runs.confirmation)} to make sure`, `${format.count(runs.grid)} in the grid`];
  page.title(`search  ${printable(outcome.scenario.name)}`, details.map((_, i) => details.slice(0, i + 1).join(' · ')));
  page.gap();
  for (const verdict of verdictsOf(outcome)) page.verdict(verdict);
  if (best !== null) {
    for (const section of [valueSection(outcome, best.explored), goalSection(outcome), comparedSection(outcome), frontSection(outcome)]) {
      if (section === null) continue;
      page.gap();
      page.section(section);
    }
    if (outcome.front.length > FRONT_ROWS) page.note(`and ${outcome.front.length - FRONT_ROWS} more: --json`);
  }
  page.gap();
  if (leftOut !== null) page.lines.push(...page.warningLines(`${format.count(leftOut.combinations)} combinations make no scenario and were left out, such as ${over.map(({ path }, i) => `${nameOf(path, over)} ${leftOut.first[i]!}`).join(', ')}: ${printable(leftOut.because)}`, Infinity));
  page.words(methodOf(outcome));
  page.ending({ files: options.written === null ? [] : [{ what: 'scenario', path: options.written }], again: options.again });
  return `${page.lines.join('\n')}\n`;
}

function verdictsOf(outcome: PolicyOutcome): Verdict[] {
  const { best, complete, goals, reps, status } = outcome;
  const partial: Verdict[] = complete ? [] : [{ mark: 'warn', word: 'PARTIAL', detail: best === null ? 'stopped before any candidate was measured' : 'stopped; this is the best so far' }];
  if (best === null) return partial;
  if (best.confirmed === null) {
    const detail = `${goals.length} of ${goals.length === 1 ? '1 goal' : `${goals.length} goals`} met on the seeds of the search; not tried on others`;
    return [...partial, status === 'none' ? { mark: 'fail', word: 'NOTHING YET', detail: missOf(outcome) } : { mark: 'unsure', word: 'SO FAR', detail }];
  }
  switch (status) {
    case 'found': return [...partial, { mark: 'pass', word: 'FOUND', detail: `${objectiveText(best.confirmed, outcome)}; ${goals.length} of ${goals.length === 1 ? '1 goal' : `${goals.length} goals`} met on ${reps} new seeds` }];
    case 'unconfirmed': return [...partial, { mark: 'unsure', word: 'NOT CONFIRMED', detail: `the goals are met on the seeds of the search, but not on ${reps} others` }];
    case 'none': return [...partial, { mark: 'fail', word: 'NOTHING MEETS THE GOALS', detail: missOf(outcome) }];
    default: return status satisfies never;
  }
}

/** Of what comes nearest. */
function missOf({ best, goals }: PolicyOutcome): string {
  const missed = best!.explored.goals.flatMap(({ margin, pass }, i) => (pass ? [] : [`\`${printable(goals[i]!)}\` is missed by ${margin === null ? 'more than can be told' : format.wholePercent(-margin)}`])); // there is a best
  return `at best ${missed.join(', ')}`;
}

function valueSection(outcome: PolicyOutcome, { values }: Explored): Section {
  return {
    title: 'VALUES',
    columns: [
      { title: 'VALUES', align: 'left', keep: Infinity },
      { title: outcome.status === 'none' ? 'nearest' : 'found', align: 'left', keep: Infinity },
      { title: 'searched', align: 'left', keep: 1 },
    ],
    rows: outcome.over.map(({ path, range }, i) => [{ text: printable(path) }, { text: printable(values[i]!), tone: 'strong' }, { text: printable(range), tone: 'dim' }]),
  };
}

function goalSection({ best, goals }: PolicyOutcome): Section {
  const { confirmed, explored } = best!; // there is a best
  if (confirmed !== null) return thresholdSection(confirmed.thresholds, 'GOALS');
  return {
    title: 'GOALS',
    columns: [{ title: 'GOALS', align: 'left', keep: Infinity }, { title: 'left of the limit', align: 'right', keep: Infinity }],
    marks: explored.goals.map(({ pass }) => (pass ? 'pass' : 'fail')),
    rows: explored.goals.map(({ margin }, i) => [{ text: printable(goals[i]!) }, { text: marginText(margin) }]),
  };
}

/** Less work for some is no saving where it makes others fail: latency stands beside what is answered. */
function comparedSection(outcome: PolicyOutcome): Section | null {
  const { asItIs, best, loads, minimise } = outcome;
  if (best?.confirmed == null) return null;
  const rows: { readonly name: string; readonly one: ConfirmedResult }[] = [
    { name: outcome.status === 'none' ? 'nearest' : 'found', one: best.confirmed },
    ...(asItIs === null ? [] : [{ name: "the file's own values", one: asItIs }]),
    ...loads.map((one) => ({ name: `found, ${format.wholePercent(one.factor)} of the load`, one })),
  ];
  return {
    title: 'COMPARED',
    columns: [
      { title: 'COMPARED', align: 'left', keep: Infinity },
      { title: printable(minimise.expr), align: 'right', keep: Infinity },
      { title: '95% interval', align: 'left', keep: 1, isClose: true },
      { title: 'errors', align: 'right', keep: 4 },
      { title: 'p50', align: 'right', keep: 2 },
      { title: 'p99 ms', align: 'right', keep: 3 },
      { title: 'goodput', align: 'right', keep: 4 },
    ],
    marks: rows.map(({ one }) => (one.pass ? 'pass' : 'fail')),
    rows: rows.map(({ name, one: { objective: { low, high, value }, totals } }) => [
      { text: name },
      { text: amountText(value, outcome) },
      { text: low === null || high === null ? '' : `[${format.number(low)}, ${format.number(high)}]` },
      { text: format.percent(totals.errorRate) },
      { text: format.number(totals.p50Ms) },
      { text: format.number(totals.p99Ms) },
      { text: `${format.number(totals.goodput)}/s` },
    ]),
  };
}

function frontSection(outcome: PolicyOutcome): Section | null {
  const { front, minimise, over } = outcome;
  if (front.length === 0) return null;
  const columns: Column[] = [
    { title: 'FRONT', align: 'left', keep: Infinity },
    { title: 'goals to spare', align: 'right', keep: Infinity },
    ...over.map(({ path }, i): Column => ({ title: nameOf(path, over), align: 'left', keep: over.length - i + 1 })),
    { title: 'runs', align: 'right', keep: 1 },
  ];
  return {
    title: 'FRONT', columns,
    marks: front.slice(0, FRONT_ROWS).map(({ values }) => (values.join() === outcome.best!.explored.values.join() ? 'pass' : 'none')), // there is a best
    rows: front.slice(0, FRONT_ROWS).map(({ margin, objective, runs, values }): Cell[] => [
      { text: `${printable(minimise.expr)} ${amountText(objective, outcome)}` },
      { text: marginText(margin) },
      ...values.map((value) => ({ text: printable(value) })),
      { text: String(runs), tone: 'dim' },
    ]),
  };
}

/** The end of a path, as much of it as tells it from the others. */
function nameOf(path: string, over: PolicyOutcome['over']): string {
  const endOf = (text: string, parts: number): string => text.split('.').slice(-parts).join('.');
  let parts = 1;
  while (parts < path.split('.').length && over.some((other) => other.path !== path && endOf(other.path, parts) === endOf(path, parts))) parts++;
  return printable(endOf(path, parts));
}

function objectiveText({ objective }: ConfirmedResult, outcome: PolicyOutcome): string {
  return `${printable(outcome.minimise.expr)} ${amountText(objective.value, outcome)}${outcome.minimise.unit === 'perRequest' ? ' per request' : ''}`;
}

function amountText(value: number | null, { minimise: { unit } }: PolicyOutcome): string {
  if (value === null) return format.NOTHING;
  switch (unit) {
    case 'ms': return format.milliseconds(value);
    case 'perSecond': return `${format.number(value)}/s`;
    case 'count': return format.count(Number(value.toFixed(1)));
    case 'ratio':
    case 'perRequest': return format.number(value);
    default: return unit satisfies never;
  }
}

function marginText(margin: number | null): string {
  return margin === null ? format.NOTHING : format.wholePercent(margin);
}

function methodOf({ confirmationSeed, loads, reps, best }: PolicyOutcome): string {
  const front = 'FRONT: means on the seeds of the search, the same for all candidates; whoever is best of many was lucky, too.';
  if (best?.confirmed == null) return front;
  return `GOALS and COMPARED: ${reps} new seeds from ${confirmationSeed}${loads.length > 0 ? `, other loads ${loads[0]!.reps} of them` : ''}. ${front}`;
}
