import type { Reporter } from './reporter.ts';

export const jsonReporter: Reporter = {
  doc: 'The whole result as one JSON document, `result.json`.',
  file: 'result.json',
  // Non-finite numbers become null by JSON's own rule.
  render: (result, { comparison }) => `${JSON.stringify(comparison === undefined ? result : { ...result, comparison }, null, 2)}\n`,
};
