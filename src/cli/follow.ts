/**
 * Waits for runs while keeping the person informed and in charge: draws progress, turns the first
 * SIGINT or SIGTERM into a request to stop, and leaves at the second.
 */
import type { Pool, TaskOutcome } from '../run/pool.ts';
import type { Want } from '../run/task.ts';
import { ExitCode } from './exit-codes.ts';
import type { ProgressDisplay } from './progress.ts';
import type { Shell, Signal } from './shell.ts';

export interface Followed<Value> {
  readonly value: Value;
  /** The first signal that was heard. */
  readonly signal: Signal | null;
}

export interface Following {
  readonly display: ProgressDisplay;
  readonly shell: Shell;
  readonly isQuiet: boolean;
  /** What is known so far, in a few words; asked when it is drawn. */
  readonly known?: () => string;
  /** Lines to be printed when the display is gone; may grow until then. */
  readonly notes: string[];
}

const POLL_MS = 100;

export const SIGNAL_CODES: Readonly<Record<Signal, ExitCode>> = { SIGINT: ExitCode.interrupted, SIGTERM: ExitCode.terminated };

/** @param read  takes the outcomes; those that came before a stop, and the partial ones of what was under way then */
export async function follow<W extends Want, Value>(
  pool: Pool<W>,
  { display, shell, isQuiet, known, notes }: Following,
  read: (outcomes: AsyncIterable<TaskOutcome<W>>) => Promise<Value>,
): Promise<Followed<Value>> {
  let first: Signal | null = null;
  const ignore = shell.onSignal((signal) => {
    if (first !== null) {
      display.end(pool.progress(), shell.now());
      shell.leave(SIGNAL_CODES[signal]);
      return;
    }
    first = signal;
    pool.stop();
  });
  const poll = setInterval(() => display.update(pool.progress(), shell.now(), known), POLL_MS);
  try {
    return { value: await read(pool), signal: first };
  } finally {
    clearInterval(poll);
    ignore();
    display.end(pool.progress(), shell.now());
    if (!isQuiet) for (const note of notes.splice(0)) shell.stderr.write(`${note}\n`);
    if (first !== null && !isQuiet) shell.stderr.write(`${first === 'SIGINT' ? 'interrupted' : 'terminated'}: stopped at the next event
`);
  }
}
