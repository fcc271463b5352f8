/** The command line read with commander: what a command gets, or the answer that was already given (help, a usage error). */
import { Command as Program, CommanderError, Option } from 'commander';
import type { Command, Flag, Invocation } from './command.ts';
import type { NamedCommand } from './dispatch.ts';
import { ExitCode } from './exit-codes.ts';
import { commandHelp, overview, spelled } from './help.ts';
import { COMMANDS } from './registry.ts';
import { settingsOf } from './settings.ts';
import type { Shell } from './shell.ts';

export type ParsedWords =
  | { readonly kind: 'run'; readonly command: Command; readonly invocation: Invocation }
  | { readonly kind: 'done'; readonly code: ExitCode };

/** @param asked  the command that the words name, if there is one of that name */
export function parseWords(words: readonly string[], asked: NamedCommand | null, shell: Shell): ParsedWords {
  let parsed: ParsedWords = { kind: 'done', code: ExitCode.usage };
  const program = new Program('meshsim')
    .exitOverride()
    .helpCommand(false)
    .option('--version')
    .configureHelp({ formatHelp: () => overview() })
    .configureOutput({ writeOut: (text) => shell.stdout.write(text), writeErr: (text) => shell.stderr.write(text), outputError: (text, write) => write(usageError(text, asked)) });

  for (const name of Object.keys(COMMANDS)) {
    // Also the commands not asked for: suggestions for a mistyped name come from this list.
    const subprogram = program.command(name);
    if (name !== asked?.name) continue;
    const { command } = asked;
    subprogram.configureHelp({ formatHelp: () => commandHelp(name, command) });
    if (command.operand !== undefined) subprogram.argument(command.operand);
    for (const flag of command.flags) subprogram.addOption(optionOf(flag));
    subprogram.action(() => {
      const settings = settingsOf(command.flags, givenTo(subprogram, command.flags), shell.env);
      parsed = { kind: 'run', command, invocation: { shell, operands: subprogram.args, settings } };
    });
  }

  try {
    program.parse(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: 'done', code: error.exitCode === 0 ? ExitCode.ok : ExitCode.usage };
  }
  return parsed;
}

function optionOf(flag: Flag): Option {
  const option = new Option(spelled(flag));
  if (flag.repeats) option.argParser((value: string, previous: readonly string[] | undefined) => [...(previous ?? []), value]);
  return option;
}

function givenTo(program: Program, flags: readonly Flag[]): ReadonlyMap<string, readonly string[]> {
  const given = new Map<string, readonly string[]>();
  for (const flag of flags) {
    const attribute = optionOf(flag).attributeName();
    if (program.getOptionValueSource(attribute) !== 'cli') continue;
    const value: unknown = program.getOptionValue(attribute);
    given.set(flag.name, Array.isArray(value) ? value.map(String) : [typeof value === 'boolean' ? '' : String(value)]);
  }
  return given;
}

/** `error: unknown option '--sede'\n(Did you mean --seed?)` in our shape, with where to read on. */
function usageError(text: string, asked: NamedCommand | null): string {
  return `meshsim: ${text.replace(/^error: /, '').trimEnd()}\n  see: meshsim ${asked === null ? '--help' : `${asked.name} --help`}\n`;
}
