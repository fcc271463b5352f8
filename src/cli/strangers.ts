/**
 * Variables of the environment that look like settings of meshsim and are none. What is a setting the flags of the commands say, all of them: a
 * variable may be meant for another command than this one, and is then passed over.
 */
import { nearest } from '../scenario/suggest.ts';
import type { Flag } from './command.ts';
import { COMMANDS } from './registry.ts';
import { TWIN_PREFIX, twinOf } from './settings.ts';
import type { Shell } from './shell.ts';

/** @param flags  of the command that is run. One line for each stranger; an empty variable is as good as none */
export async function strangersIn(env: Shell['env'], flags: readonly Flag[]): Promise<string[]> {
  const unknown = (names: readonly string[], known: ReadonlySet<string>): string[] => names.filter((name) => !known.has(name));
  const given = Object.keys(env).filter((name) => name.startsWith(TWIN_PREFIX) && env[name] !== '').sort();
  const ofOthers = unknown(given, new Set(flags.map(({ name }) => twinOf(name))));
  // Other commands are loaded only for this.
  if (ofOthers.length === 0) return [];
  const commands = await Promise.all(Object.values(COMMANDS).map(async ({ load }) => load()));
  const twins = new Set(commands.flatMap((command) => command.flags.map(({ name }) => twinOf(name))));
  return unknown(ofOthers, twins).map((name) => {
    const guess = nearest(name.slice(TWIN_PREFIX.length), [...twins].map((twin) => twin.slice(TWIN_PREFIX.length)));
    return `${name} is no setting of meshsim, and is ignored${guess === null ? '' : `; did you mean \`${TWIN_PREFIX}${guess}\`?`}`;
  });
}
