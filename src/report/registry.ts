import { jsonReporter } from './json.ts';
import { markdownReporter } from './markdown.ts';
import type { Reporter } from './reporter.ts';
import { terminalReporter } from './terminal.ts';

export const REPORTERS: Readonly<Record<'terminal' | 'json' | 'markdown', Reporter>> = {
  terminal: terminalReporter,
  json: jsonReporter,
  markdown: markdownReporter,
};

