/** Where the locale is not UTF-8, everything printed is ASCII: names of a file, what is cut, and every help included. */
import { describe, expect, test } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { ExitCode } from '../../src/cli/exit-codes.ts';
import { COMMANDS } from '../../src/cli/registry.ts';
import { scenarioFile, temporaryFolder } from '../support/scenario-files.ts';
import { stringShell } from '../support/string-shell.ts';

const folder = temporaryFolder();
/** With names too wide for any terminal, causes, retries, a fault and thresholds that fail. */
const file = scenarioFile(folder, 'cafe.yaml', `
name: café-of-a-name-that-is-wider-than-the-narrowest-of-terminals
duration: 6s
services:
  web: { replicas: 2, latency: 5ms, calls: [ a-service-with-a-name-of-some-length ], policy: p }
  a-service-with-a-name-of-some-length: { replicas: 2, latency: { p50: 8ms, p99: 60ms }, errors: 20% }
policies: { p: { retries: { attempts: 2, on: 5xx, backoff: 0 } } }
traffic: [ { to: web, name: people, rate: 100/s } ]
faults: [ { name: slow, at: 2s, for: 2s, target: web/1, latency: { multiply: 10 } } ]
thresholds: [ 'latency{service:a-service-with-a-name-of-some-length,phase:slow} p(99) < 5ms' ]
`);
const invalid = scenarioFile(folder, 'invalid.yaml', 'duration: 5s\nservices: { web: { latency: 1ms, "caf\\u00e9": "\\u0007" } } # café\ntraffic: [{ to: wéb, rate: 10/s }]\n');

const RUNS: readonly (readonly [readonly string[], number])[] = [
  [['run', file], ExitCode.thresholdFailed],
  [['run', file, '--summary', 'full', '--reps', '2'], ExitCode.thresholdFailed],
  [['run', invalid], ExitCode.invalidScenario],
  [['explain', file], ExitCode.ok],
  [['compare', file, '--vary', 'policies.p.retries.attempts=0,2', '--reps', '6'], ExitCode.regression],
  [['sweep', file, '--set', 'policies.p.retries.attempts=0,2', '--reps', '2'], ExitCode.ok],
  [['check', file, '--sweep-faults', '--break', 'web'], ExitCode.ok],
  [['examples'], ExitCode.ok],
];

describe.each([40, 60, 80])('at %d columns', (columns) => {
  test.each(RUNS)('%j is all ASCII', async (words, expected) => {
    const shell = stringShell({ env: { LC_ALL: 'C' }, columns });
    const code = await dispatch(words, shell);
    expect([code, (shell.out() + shell.err()).match(/[^\x00-\x7f]+/g)]).toEqual([expected, null]);
    expect(shell.out() + shell.err()).not.toBe('');
  });
});

test.each([...Object.keys(COMMANDS), 'codes', 'exit-codes'])('help on %s is all ASCII', async (topic) => {
  const shell = stringShell({ env: { LC_ALL: 'C' } });
  expect([await dispatch(['help', topic], shell), shell.out().match(/[^\x00-\x7f]+/g)]).toEqual([ExitCode.ok, null]);
});
