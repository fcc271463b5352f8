/** What the shell sees. Codes are stable; `docs` and `--help` quote them. */
export const ExitCode = {
  /** Finished; all thresholds held, or there were none. */
  ok: 0,
  /** A bug of ours. */
  internalError: 1,
  /** A bad flag, a missing file, an unknown command, an output that cannot be written. */
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
