import { comparisonHtml } from './html.ts';
import { comparisonJson } from './json.ts';
import { comparisonMarkdown } from './markdown.ts';
import type { ComparisonReporter } from './reporter.ts';
import type { Format } from '../reporter.ts';
import { comparisonTerminal } from './terminal.ts';

export const COMPARISON_REPORTERS: Readonly<Record<'terminal' | 'json' | 'markdown' | 'html', ComparisonReporter>> = {
  terminal: comparisonTerminal,
  json: comparisonJson,
  markdown: comparisonMarkdown,
  html: comparisonHtml,
};

/** As `FORMATS` of a run. */
export const COMPARISON_FORMATS: Readonly<Record<'result' | 'html' | 'markdown' | 'junit' | 'csv', Format<ComparisonReporter>>> = {
  result: { doc: 'the whole comparison as JSON', load: async () => comparisonJson },
  html: { doc: 'a page for people', load: async () => comparisonHtml },
  markdown: { doc: 'a short report for a comment on a pull request, or a step summary', load: async () => (await import('./comment.ts')).comparisonComment },
  junit: { doc: 'a test case for each compared figure, as JUnit XML', load: async () => (await import('./junit.ts')).comparisonJunit },
  csv: { doc: 'a line for each figure of each side', load: async () => (await import('./csv.ts')).comparisonCsv },
};
