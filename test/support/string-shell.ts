/** A shell of strings; runs happen at once, on this thread. */
import type { Output, Shell, Signal } from '../../src/cli/shell.ts';
import { runHere } from './pool-here.ts';

export interface StringShell extends Shell {
  readonly out: () => string;
  readonly err: () => string;
  /** As if the system had sent it. */
  readonly signal: (signal: Signal) => void;
  readonly left: number[];
}

export interface ShellChanges {
  readonly env?: Shell['env'];
  readonly stdin?: string;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly runMany?: Shell['runMany'];
}

export function stringShell({ env = {}, stdin = '', isTTY = false, columns, runMany }: ShellChanges = {}): StringShell {
  const stdout = textOutput(isTTY, columns);
  const stderr = textOutput(isTTY, columns);
  const listeners = new Set<(signal: Signal) => void>();
  const left: number[] = [];
  return {
    env, stdout, stderr, left,
    out: stdout.text,
    err: stderr.text,
    readStdin: async () => new TextEncoder().encode(stdin),
    now: () => 0,
    epochSeconds: () => 0,
    onSignal(hear) {
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
    signal: (signal) => {
      for (const hear of listeners) hear(signal);
    },
    leave: (code) => left.push(code),
    runMany: runMany ?? (async (tasks) => runHere(tasks)),
  };
}

export function textOutput(isTTY = false, columns: number | undefined = undefined): Output & { text: () => string } {
  let text = '';
  return { isTTY, columns, write: (more) => void (text += more), flush: async () => undefined, text: () => text };
}
