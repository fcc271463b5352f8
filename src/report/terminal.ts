/**
 * The summary for a terminal: what ran, verdict, thresholds, totals, services, warnings, files, and
 * last a command that runs it again. `compact` keeps to 40 lines: services and warnings give way,
 * never the verdict. Only the last line may be wider than the terminal, because a command that is
 * cut is none.
 */
import type { Result } from '../result/result.ts';
import * as format from './format.ts';
import { Page } from './page.ts';
import type { Reporter, ReportOptions } from './reporter.ts';
import type { Mark } from './style.ts';
import type { Section } from './summary.ts';
import { summaryOf } from './summary.ts';

export const terminalReporter: Reporter = {
  doc: 'The summary on stdout, for people.',
  file: null,
  render(result, options) {
    return `${linesOf(result, options).join('\n')}\n`;
  },
};

const LINES_COMPACT = 40;
const FEWEST_ROWS = 3;
const MOST_THRESHOLDS = 10;
const MOST_WARNINGS = 3;
const MOST_LINES_OF_WARNING = 2;

function linesOf(result: Result, options: ReportOptions): string[] {
  const summary = summaryOf(result, options.detail, options.unjudged);
  const page = new Page(options);
  const compact = options.detail === 'compact';

  const { name, ran } = summary;
  page.title(name, [ran.slice(0, 2).join(' · '), ran.slice(0, 3).join(' · '), ran.join(' · '), ...(result.env.wallMs > 0 ? [`${ran.join(' · ')} in ${format.duration(result.env.wallMs)}`] : [])]);
  page.gap();
  for (const verdict of summary.verdicts) page.verdict(verdict);
  for (const violation of summary.violations) page.lines.push(...page.warningLines(violation, Infinity));
  page.gap();
  if (summary.thresholds !== null) {
    page.section(failuresFirst(summary.thresholds), compact ? { most: MOST_THRESHOLDS, what: 'thresholds', all: '--summary full' } : undefined);
    page.gap();
  }
  page.figures(summary.figures);
  page.gap();
  const warnings = compact ? summary.warnings.slice(0, MOST_WARNINGS) : summary.warnings;
  const kept = options.files.find(({ what }) => what === 'result');
  const more = result.tail !== undefined && warnings.length > 0 && kept !== undefined ? `what slow requests waited for: meshsim explain ${kept.path}` : null;
  const ending = (more === null ? 0 : 1) + (summary.warnings.length > warnings.length ? 1 : 0) + 3 + (options.files.length > 0 ? 1 : 0);
  const linesOfWarnings = (most: number): string[] => warnings.flatMap((text) => page.warningLines(text, most));
  const whole = linesOfWarnings(Infinity);
  // A sentence that is cut helps nobody, where there is room for all of it.
  const isRoomForAll = !compact || page.lines.length + summary.services.rows.length + 2 + whole.length + ending <= LINES_COMPACT;
  const warningLines = isRoomForAll ? whole : linesOfWarnings(MOST_LINES_OF_WARNING);
  const below = warningLines.length + ending;
  page.section(summary.services, compact ? { most: Math.max(FEWEST_ROWS, LINES_COMPACT - page.lines.length - below - 2), what: 'services', all: '--summary full' } : undefined);
  for (const section of summary.more) {
    page.gap();
    page.section(section);
  }
  page.gap();
  page.lines.push(...warningLines);
  if (summary.warnings.length > warnings.length) page.note(`and ${summary.warnings.length - warnings.length} more warnings: --summary full`);
  if (more !== null) page.command(more);
  page.ending(options);
  return page.lines;
}

/** With room for some only, those that failed are the ones to read. */
function failuresFirst(section: Section): Section {
  const marks = section.marks ?? [];
  const order = section.rows.map((_, i) => i).sort((a, b) => weight(marks[a]) - weight(marks[b]) || a - b);
  if (section.rows.length <= MOST_THRESHOLDS) return section;
  return { ...section, rows: order.map((i) => section.rows[i]!), marks: order.map((i) => marks[i]!) };
}

function weight(mark: Mark | undefined): number {
  return mark === 'fail' ? 0 : mark === 'unsure' ? 1 : 2;
}
