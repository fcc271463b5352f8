/** From words on the command line to a command and its exit code. Nothing gets past it as an exception. */
import { MeshError } from '../model/mesh-error.ts';
import type { Command } from './command.ts';
import { ExitCode } from './exit-codes.ts';
import type { CommandName } from './registry.ts';
import { COMMANDS, isCommandName } from './registry.ts';
import type { Settings } from './settings.ts';
import type { Shell } from './shell.ts';
import { UserError } from './user-error.ts';
import { versionText } from './version.ts';

export async function dispatch(words: readonly string[], shell: Shell): Promise<ExitCode> {
  const isVerbose = words.includes('--verbose') || shell.env['MESHSIM_VERBOSE'] === '1';
  try {
    const code = await answer(words, shell);
    return (await isDelivered(shell)) || code !== ExitCode.ok ? code : ExitCode.usage;
  } catch (error) {
    if (error instanceof UserError || error instanceof MeshError) {
      shell.stderr.write(`meshsim: ${error.message}\n`);
      if (isVerbose && error.cause instanceof Error) shell.stderr.write(`${error.cause.stack}\n`);
      return ExitCode.usage;
    }
    if (isOutOfFiles(error)) {
      shell.stderr.write(`meshsim: this process may open too few files to load its own; raise the limit: ulimit -n 1024\n`);
      if (isVerbose) shell.stderr.write(`${error.stack}\n`);
      return ExitCode.usage;
    }
    shell.stderr.write(internalError(error, isVerbose));
    return ExitCode.internalError;
  }
}

/** Modules are loaded many at a time, the first ones when a command is asked for. A file that somebody names is told by who reads it. */
function isOutOfFiles(error: unknown): error is Error {
  if (!(error instanceof Error && 'code' in error)) return false;
  // Of a thread that cannot begin, Node has the reason in the message alone.
  return error.code === 'EMFILE' || error.code === 'ENFILE' || (error.code === 'ERR_WORKER_INIT_FAILED' && error.message.includes('EMFILE'));
}

/** The verdict outlives a disk that is full. */
async function isDelivered({ stdout, stderr }: Shell): Promise<boolean> {
  try {
    await stdout.flush();
    return true;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    stderr.write(`meshsim: ${error.message}\n`);
    return false;
  }
}

async function answer(words: readonly string[], shell: Shell): Promise<ExitCode> {
  const name = words.find((word) => !word.startsWith('-'));
  if (name === undefined) {
    if (words.includes('--version') || words.includes('-V')) {
      shell.stdout.write(versionText(words.includes('--json')));
      return ExitCode.ok;
    }
    if (words.length === 0) return shortHelp(shell);
  }
  const { parseWords } = await import('./parser.ts');
  const asked = isCommandName(name) ? { name, command: await COMMANDS[name].load() } : null;
  // Help for a command that there is not is no help.
  const isMistaken = asked === null && name !== undefined;
  const parsed = parseWords(isMistaken ? words.filter((word) => word !== '--help' && word !== '-h') : words, asked, shell);
  if (parsed.kind === 'done') return parsed.code;
  const { command, invocation } = parsed;
  const { settings } = invocation;
  if (!(settings.has('quiet') && settings.isOn('quiet'))) {
    const { strangersIn } = await import('./strangers.ts');
    for (const line of await strangersIn(shell.env, command.flags)) shell.stderr.write(`meshsim: ${line}\n`);
  }
  try {
    return await command.run(invocation);
  } catch (error) {
    throw error instanceof UserError ? await withOrigin(error, settings) : error;
  }
}

/** A flag that nobody wrote on the command line is no help to who looks there. */
async function withOrigin(error: UserError, settings: Settings): Promise<UserError> {
  const name = /^--([a-z-]+)/.exec(error.message)?.[1] ?? '';
  if (!settings.has(name) || !settings.isInherited(name)) return error;
  const { twinOf } = await import('./settings.ts');
  return new UserError(error.code, `${error.message}; it comes from ${twinOf(name)}`, error.cause);
}

/** Asked for by nobody, so it is an answer on a terminal and a mistake in a script. */
async function shortHelp(shell: Shell): Promise<ExitCode> {
  const { overview } = await import('./help.ts');
  (shell.stdout.isTTY ? shell.stdout : shell.stderr).write(overview());
  return shell.stdout.isTTY ? ExitCode.ok : ExitCode.usage;
}

export interface NamedCommand {
  readonly name: CommandName;
  readonly command: Command;
}

function internalError(error: unknown, isVerbose: boolean): string {
  const message = error instanceof Error ? error.message : String(error);
  const stack = isVerbose && error instanceof Error ? `${error.stack}\n` : '';
  const seed = error instanceof Error && 'seed' in error ? `, seed ${String(error.seed)}` : '';
  return `meshsim: internal error: ${message}\n${stack}` +
    `  This is a bug in meshsim. Please report it with the scenario file, the command, and this line:\n` +
    `  ${versionText(false).trim()}, node ${process.versions.node}, ${process.platform}-${process.arch}${seed}\n` +
    (isVerbose ? '' : '  --verbose shows where it happened.\n');
}
