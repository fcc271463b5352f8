import type { ComparisonReporter } from './reporter.ts';

export const comparisonJson: ComparisonReporter = {
  doc: 'The whole comparison as one JSON document, `comparison.json`.',
  file: 'comparison.json',
  // Non-finite numbers become null by JSON's own rule.
  render: (comparison, { subject, again, courses = [] }) => `${JSON.stringify({ ...comparison, subject, command: again, courses }, null, 2)}\n`,
};
