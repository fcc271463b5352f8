/** What the shell sees. Codes are stable; what they mean is below. */
export const ExitCode = {
  ok: 0,
  internalError: 1,
  usage: 2,
  invalidScenario: 3,
  invariantBroken: 4,
  regression: 5,
  disagreement: 6,
  inconclusive: 7,
  thresholdFailed: 99,
  interrupted: 130,
  terminated: 143,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** For `meshsim help exit-codes`. */
export const EXIT_CODE_MEANINGS: Readonly<Record<ExitCode, string>> = {
  [ExitCode.ok]: 'finished; all thresholds held, or there were none',
  [ExitCode.internalError]: 'a bug of ours: please report it',
  [ExitCode.usage]: 'a bad flag, a missing file, an unknown command, an output that cannot be written',
  [ExitCode.invalidScenario]: 'the scenario is invalid, or a failure that check kept is',
  [ExitCode.invariantBroken]: 'an invariant broke, or check found a counter-example',
  [ExitCode.regression]: 'compare or --baseline found something worse',
  [ExitCode.disagreement]: 'verify or replay disagreed',
  [ExitCode.inconclusive]: 'stopped early by itself, less precise than --strict asks for, nothing that verify could tell or search confirm',
  [ExitCode.thresholdFailed]: 'a threshold failed',
  [ExitCode.interrupted]: 'stopped by Ctrl-C; what was measured by then is told and marked PARTIAL',
  [ExitCode.terminated]: 'stopped by SIGTERM, likewise',
};
