import type { Command } from './command.ts';

export interface CommandEntry {
  /** For the list of commands; the command itself is loaded only when it is asked for. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

export const COMMANDS: Readonly<Record<'run' | 'replay' | 'up' | 'explain' | 'compare' | 'verify' | 'sweep' | 'search' | 'merge' | 'probe' | 'check' | 'serve' | 'report' | 'validate' | 'init' | 'examples' | 'schema' | 'completion' | 'help', CommandEntry>> = {
  run: { summary: 'simulate a scenario and judge its thresholds', load: async () => (await import('./command/run.ts')).run },
  replay: { summary: 'run a saved result again, or check that an engine decides again what one decided in a recorded run', load: async () => (await import('./command/replay.ts')).replay },
  up: { summary: 'keep the mesh of a scenario running, to be called and broken by hand', load: async () => (await import('./command/up.ts')).up },
  explain: { summary: 'tell where the slowest requests spent their time', load: async () => (await import('./command/explain.ts')).explain },
  compare: { summary: 'tell which policy is better, and how sure that is', load: async () => (await import('./command/compare.ts')).compare },
  verify: { summary: 'run both simulator and sockets, and tell whether they agree', load: async () => (await import('./command/verify.ts')).verify },
  sweep: { summary: 'run a grid of values', load: async () => (await import('./command/sweep.ts')).sweep },
  search: { summary: 'find the policy values, or the load, that meet the goals', load: async () => (await import('./command/search.ts')).search },
  merge: { summary: 'put the parts of a sweep together', load: async () => (await import('./command/merge.ts')).merge },
  probe: { summary: 'push a system and see whether it comes back', load: async () => (await import('./command/probe.ts')).probe },
  check: { summary: 'search for a load and faults that break thresholds or invariants', load: async () => (await import('./command/check.ts')).check },
  report: { summary: 'write the reports of a stored result anew', load: async () => (await import('./command/report.ts')).report },
  serve: { summary: 'a live page: turn load, policies and faults, and watch', load: async () => (await import('./command/serve.ts')).serve },
  validate: { summary: 'list every problem of scenario files', load: async () => (await import('./command/validate.ts')).validate },
  init: { summary: 'write a starter: a scenario, its property test, a workflow for CI', load: async () => (await import('./command/init.ts')).init },
  examples: { summary: 'list the scenarios that come with meshsim, or print one', load: async () => (await import('./command/examples.ts')).examples },
  schema: { summary: 'print the JSON Schema of scenario files, or of results', load: async () => (await import('./command/schema.ts')).schema },
  completion: { summary: 'print a completion script for your shell', load: async () => (await import('./command/completion.ts')).completion },
  help: { summary: 'explain a command or a problem code', load: async () => (await import('./command/help.ts')).help },
};

export type CommandName = keyof typeof COMMANDS;

export function isCommandName(word: string | undefined): word is CommandName {
  return word !== undefined && Object.hasOwn(COMMANDS, word);
}
