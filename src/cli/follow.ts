/**
 * Waits for a run while keeping the person informed and in charge: draws progress, turns the first
 * SIGINT or SIGTERM into a request to stop, and leaves at the second.
 */
import type { Result } from '../result/result.ts';
import type { RunningJob } from '../run/job.ts';
import { ExitCode } from './exit-codes.ts';
import type { ProgressDisplay } from './progress.ts';
import type { Shell, Signal } from './shell.ts';

export interface Followed {
  readonly result: Result;
  /** The first signal that was heard. */
  readonly signal: Signal | null;
}

const POLL_MS = 100;

export const SIGNAL_CODES: Readonly<Record<Signal, ExitCode>> = { SIGINT: ExitCode.interrupted, SIGTERM: ExitCode.terminated };

export async function follow(job: RunningJob, display: ProgressDisplay, shell: Shell, isQuiet: boolean): Promise<Followed> {
  let first: Signal | null = null;
  const ignore = shell.onSignal((signal) => {
    if (first !== null) {
      display.end(job.progress(), shell.now());
      shell.leave(SIGNAL_CODES[signal]);
      return;
    }
    first = signal;
    job.stop();
  });
  const poll = setInterval(() => display.update(job.progress(), shell.now()), POLL_MS);
  try {
    const result = await job.result;
    return { result, signal: first };
  } finally {
    clearInterval(poll);
    ignore();
    display.end(job.progress(), shell.now());
    if (first !== null && !isQuiet) shell.stderr.write(`${first === 'SIGINT' ? 'interrupted' : 'terminated'}: stopped at the next event\n`);
  }
}
