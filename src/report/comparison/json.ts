import type { ComparisonReporter } from './reporter.ts';

export const comparisonJson: ComparisonReporter = {
  doc: 'The whole comparison as one JSON document, `comparison.json`.',
  file: 'comparison.json',
  // Non-finite numbers become null by JSON's own rule.
  render: (comparison, { subject, again }) => `${JSON.stringify({ ...comparison, subject, command: again }, null, 2)}\n`,
};
