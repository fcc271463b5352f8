import { closeSync, openSync, readSync } from 'node:fs';
import { secondsOf } from '../../model/units.ts';
import { VERSION } from '../../model/version.ts';
import { BadRecording } from '../../record/recording.ts';
import { type Divergence, type Replayed, type Said, replay as replayFile } from '../../record/replay.ts';
import { count, number } from '../../report/format.ts';
import { styleOf } from '../../report/style.ts';
import { wrapped } from '../../report/text.ts';
import type { Command } from '../command.ts';
import { DISPLAY_FLAGS } from '../display.ts';
import { ExitCode } from '../exit-codes.ts';
import type { ColorChoice, OutputLook } from '../look.ts';
import { lookOf } from '../look.ts';
import { JOBS_FLAG } from '../replication-settings.ts';
import { readStored } from '../stored.ts';
import { unreadable } from '../unreadable.ts';
import { UserError } from '../user-error.ts';

export const replay: Command = {
  doc: 'Run a saved result again and confirm its digest, or tell a fresh engine what that of a recorded run was told, and compare what it decides.',
  operand: '<file>',
  operandDoc: 'a result.json of `meshsim run --out`, or a recording of `meshsim run --record`; - reads a result from standard input',
  examples: [
    { command: 'meshsim replay out/result.json', doc: 'the same run out of the scenario in the file; exit code 6 where its digest is another' },
    { command: 'meshsim replay out/result.json --at 31.4s', doc: 'and how things stood at that instant, and what was decided then' },
    { command: 'meshsim run shop.yaml --mode real --record shop.tape', doc: 'write a recording' },
    { command: 'meshsim replay shop.tape', doc: 'every decision once more; exit code 6 names the first that differs' },
  ],
  flags: [
    { name: 'at', value: 'time', group: 'Input', doc: 'of a result: look at this instant of its first replication, such as 31.4s' },
    JOBS_FLAG,
    { name: 'json', group: 'Output', doc: 'print one JSON document' },
    ...DISPLAY_FLAGS,
  ],
  async run({ shell, operands, settings }) {
    const file = operands[0]!; // the parser asks for exactly one
    if (isResult(file)) {
      const stored = await readStored(file, shell);
      if (stored.kind === 'comparison') throw new UserError('input', `${file}: a comparison is of many runs; its last line of output, or its \`command\`, makes it again`);
      return (await import('../run-again.ts')).runAgain({ ...stored, file }, settings, shell);
    }
    for (const name of ['at', 'jobs']) if (settings.wasTyped(name)) throw new UserError('usage', `--${name} is for a result.json, and ${file} is none`);
    const startMs = shell.now();
    const replayed = await read(file);
    const { divergence, header } = replayed;
    if (header.meshsim !== VERSION) shell.stderr.write(`recorded by meshsim ${header.meshsim}, replayed by ${VERSION}\n`);
    const look = lookOf(shell.stdout, shell.env, settings.text('color') as ColorChoice); // one of the flag's choices
    if (settings.isOn('json')) shell.stdout.write(`${JSON.stringify(documentOf(replayed), null, 2)}\n`);
    else shell.stdout.write(`${linesOf(replayed, shell.now() - startMs, look).join('\n')}\n`);
    return divergence === null ? ExitCode.ok : ExitCode.disagreement;
  },
};

/** By its first words, for a recording may be larger than memory. */
function isResult(file: string): boolean {
  if (file === '-') return true;
  const start = Buffer.alloc(64);
  try {
    const descriptor = openSync(file, 'r');
    try {
      readSync(descriptor, start);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw unreadable(file, error);
  }
  return /^\s*\{\s*"schema"/.test(start.toString('utf8'));
}

async function read(file: string): Promise<Replayed> {
  try {
    return await replayFile(file);
  } catch (error) {
    if (error instanceof BadRecording) throw new UserError('input', `${file}: ${error.message}`, error);
    // Of the system, not of ours: they have a code.
    if (error instanceof Error && 'syscall' in error) throw unreadable(file, error);
    throw error;
  }
}

function documentOf({ atNs, decisions, divergence, header, inputs, isWhole }: Replayed): object {
  const { meshsim, mode, plan, seed } = header;
  return { same: divergence === null, scenario: plan.name, mode, seed, recordedBy: meshsim, whole: isWhole, inputs, decisions, atNs, divergence };
}

function linesOf(replayed: Replayed, tookMs: number, look: OutputLook): string[] {
  const { decisions, divergence, header, inputs, isWhole, atNs } = replayed;
  const style = styleOf(look);
  const title = `${header.plan.name}   ${header.mode} · seed ${header.seed} · ${count(inputs)} inputs, ${count(decisions)} decisions in ${number(secondsOf(atNs))} s, replayed in ${number(tookMs)} ms`;
  const isSame = divergence === null;
  const verdict = isSame ? style.paint(`${style.mark('pass')} SAME DECISIONS`, 'good') : style.paint(`${style.mark('fail')} DIVERGED`, 'bad');
  return [
    ...wrapped(style.plain(title), look.width), '',
    isSame ? verdict : `${verdict}   ${whereOf(divergence)}`,
    ...(isSame ? [] : ['', ...tellOf(divergence, look.width)]),
    ...(isWhole || !isSame ? [] : [`${style.mark('warn')} the recording breaks off there: the run was killed`]),
  ];
}

function whereOf({ atNs, input, line, place }: Divergence): string {
  const mesh = place === null ? '' : `, ${place.edge}, caller ${place.caller}${place.call === null ? '' : `, call ${place.call}`}`;
  return `at input ${count(input)} (line ${line}), ${secondsOf(atNs)} s${mesh}`;
}

function tellOf({ recorded, replayed, told }: Divergence, width: number): string[] {
  if (recorded === null && replayed === null) return [...column('told', told, width), '        which nobody waits for'];
  return [...column('told', told, width), ...column('then', recorded, width), ...column('now', replayed, width)];
}

/** What it says, and under it the line itself, to be searched for. */
function column(name: string, said: Said | null, width: number): string[] {
  if (said === null) return [`  ${name.padEnd(6)}nothing more`];
  return [...wrapped(said.words, width - 8), said.text].map((text, i) => `  ${(i === 0 ? name : '').padEnd(6)}${text}`);
}
