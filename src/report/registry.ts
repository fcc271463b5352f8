import { htmlReporter } from './html/run/report.ts';
import { jsonReporter } from './json.ts';
import { markdownReporter } from './markdown.ts';
import type { Format, Reporter } from './reporter.ts';
import { terminalReporter } from './terminal.ts';

export const REPORTERS: Readonly<Record<'terminal' | 'json' | 'markdown' | 'html', Reporter>> = {
  terminal: terminalReporter,
  json: jsonReporter,
  markdown: markdownReporter,
  html: htmlReporter,
};

/** What a run writes to a file of its own, by the flag that names the file. */
export const FORMATS: Readonly<Record<'result' | 'html' | 'markdown' | 'junit' | 'csv', Format<Reporter>>> = {
  result: { doc: 'the whole result as JSON', load: async () => jsonReporter },
  html: { doc: 'a page for people', load: async () => htmlReporter },
  markdown: { doc: 'a short report for a comment on a pull request, or a step summary', load: async () => (await import('./comment.ts')).commentReporter },
  junit: { doc: 'a test case for each threshold, as JUnit XML', load: async () => (await import('./junit.ts')).junitReporter },
  csv: { doc: 'a line for each figure', load: async () => (await import('./csv.ts')).csvReporter },
};
