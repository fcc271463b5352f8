/** The commands that the README shows: runs and checks of scenarios that ship. */
import { readFileSync } from 'node:fs';

/** Words of each command line, without `npx meshsim`. */
export function readmeCommands(path: string): readonly (readonly string[])[] {
  const lines = readFileSync(path, 'utf8').split('\n').map((line) => line.replace(/^\$ /, '').replace(/\s+#.*$/, ''));
  const commands = lines.filter((line) => /^npx meshsim (run|check) (scenarios|examples)\//.test(line)).map(wordsOf);
  if (commands.length === 0) throw new Error(`${path} shows no command`);
  return commands.map((words) => words.slice(2));
}

/** As a shell would part them, as far as the README goes: blanks and single quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);
}
