import { type Candidates, candidatesFor } from '../completion/candidates.ts';
import { FILES_LINE, OPEN_LINE, SCRIPTS, type ShellName, SHELLS } from '../completion/scripts.ts';
import type { Command } from '../command.ts';
import { ExitCode } from '../exit-codes.ts';
import { UserError } from '../user-error.ts';

/** What the scripts ask: `meshsim completion words -- run sh`. */
const WORDS = 'words';

export const completion: Command = {
  doc: 'Print a script that makes your shell complete commands, flags, examples, and the paths and policies of the scenario on the line.',
  operand: '<shell...>',
  operandDoc: 'bash, zsh, fish or pwsh',
  operandWords: () => SHELLS,
  examples: [
    { command: 'source <(meshsim completion bash)', doc: 'in ~/.bashrc; zsh likewise, after compinit' },
    { command: 'meshsim completion fish > ~/.config/fish/completions/meshsim.fish', doc: 'for fish' },
    { command: 'meshsim completion pwsh | Out-String | Invoke-Expression', doc: 'in the $PROFILE of PowerShell' },
  ],
  flags: [],
  async run({ shell, operands: [name = '', ...words] }) {
    if (name === WORDS) {
      shell.stdout.write(linesOf(await candidatesFor(words)));
      return ExitCode.ok;
    }
    if (!isShell(name) || words.length > 0) throw new UserError('usage', `meshsim completion ${[name, ...words].join(' ')}: write one of ${SHELLS.join(', ')}`);
    shell.stdout.write(SCRIPTS[name]);
    return ExitCode.ok;
  },
};

function isShell(name: string): name is ShellName {
  return Object.hasOwn(SCRIPTS, name);
}

function linesOf({ words, files }: Candidates): string {
  const lines = words.map(({ word, doc }) => `${word}\t${doc.replaceAll(/\s+/g, ' ')}`);
  if (words.some(({ isOpen }) => isOpen)) lines.push(OPEN_LINE);
  if (files) lines.push(FILES_LINE);
  return lines.map((line) => `${line}\n`).join('');
}
