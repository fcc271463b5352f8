/**
 * What a command is: words for the help, flags, and what it does. Help, parsing, environment twins
 * and suggestions are made from this description, so a flag is written down once.
 */
import type { ExitCode } from './exit-codes.ts';
import type { Settings } from './settings.ts';
import type { Shell } from './shell.ts';

export interface Command {
  readonly doc: string;
  /** After the name in the usage line: `<file>`, `<files...>`. */
  readonly operand?: string;
  readonly operandDoc?: string;
  /** What may stand there, where that is no file; for completion. */
  readonly operandWords?: () => readonly string[];
  /** First thing a reader of the help sees. */
  readonly examples: readonly Example[];
  readonly flags: readonly Flag[];
  /** What else there is to know, as tables below the flags. */
  readonly notes?: readonly Note[];
  run(invocation: Invocation): Promise<ExitCode>;
}

export interface Note {
  readonly title: string;
  readonly rows: readonly (readonly [string, string])[];
}

export interface Example {
  readonly command: string;
  readonly doc: string;
}

export const FLAG_GROUPS = ['Input', 'Run', 'Output', 'Display'] as const;
export type FlagGroup = (typeof FLAG_GROUPS)[number];

/** Every flag has an environment twin: `--no-progress` is `MESHSIM_NO_PROGRESS`. */
export interface Flag {
  /** Without the dashes; `no-…` takes away something that is on. */
  readonly name: string;
  /** Name of its value in the help; absent for a switch. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly default?: string;
  /** May be given many times; in the environment the values are parted by `;`. */
  readonly repeats?: true;
  readonly group: FlagGroup;
  readonly doc: string;
}

export interface Invocation {
  readonly shell: Shell;
  readonly operands: readonly string[];
  readonly settings: Settings;
}
