import type { Reporter } from './reporter.ts';

export const jsonReporter: Reporter = {
  doc: 'The whole result as one JSON document, `result.json`.',
  file: 'result.json',
  // Non-finite numbers become null by JSON's own rule.
  render: (result) => `${JSON.stringify(result, null, 2)}\n`,
};
