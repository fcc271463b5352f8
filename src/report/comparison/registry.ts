import { comparisonHtml } from './html.ts';
import { comparisonJson } from './json.ts';
import { comparisonMarkdown } from './markdown.ts';
import type { ComparisonReporter } from './reporter.ts';
import { comparisonTerminal } from './terminal.ts';

export const COMPARISON_REPORTERS: Readonly<Record<'terminal' | 'json' | 'markdown' | 'html', ComparisonReporter>> = {
  terminal: comparisonTerminal,
  json: comparisonJson,
  markdown: comparisonMarkdown,
  html: comparisonHtml,
};
