import { htmlReporter } from './html/run/report.ts';
import { jsonReporter } from './json.ts';
import { markdownReporter } from './markdown.ts';
import type { Reporter } from './reporter.ts';
import { terminalReporter } from './terminal.ts';

export const REPORTERS: Readonly<Record<'terminal' | 'json' | 'markdown' | 'html', Reporter>> = {
  terminal: terminalReporter,
  json: jsonReporter,
  markdown: markdownReporter,
  html: htmlReporter,
};

