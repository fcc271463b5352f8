/** Help texts: purpose, usage, examples first, then the flags in groups. */
import type { Command, Flag } from './command.ts';
import { FLAG_GROUPS } from './command.ts';
import { COMMANDS } from './registry.ts';
import { twinOf } from './settings.ts';
import { wrapped } from '../report/text.ts';

const PURPOSE = 'See what a retry, timeout, balancing or ejection policy does before production.';

export function overview(): string {
  const commands = Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary] as const);
  return blocks([
    PURPOSE,
    'Usage: meshsim <command> [flags]',
    section('Examples', [
      ['meshsim init shop', 'a scenario to begin with, in shop/'],
      ['meshsim run shop.yaml', 'simulate and judge the thresholds'],
      ['meshsim validate shop.yaml', 'list every problem of the file'],
      ['meshsim run shop.yaml --json | jq .totals', 'the whole result, for other programs'],
    ]),
    section('Commands', commands),
    section('Flags', [['--version', 'print the version; with --json also Node, platform and result schema'], ['--help', 'of meshsim or of a command']]),
    'More: meshsim help exit-codes, meshsim help codes',
  ]);
}

export function commandHelp(name: string, command: Command): string {
  const usage = ['meshsim', name, command.operand, command.flags.length > 0 ? '[flags]' : undefined].filter((part) => part !== undefined);
  const operand = command.operand === undefined ? [] : [section('Operand', [[command.operand, command.operandDoc ?? '']])];
  const groups = FLAG_GROUPS.flatMap((group) => {
    const flags = command.flags.filter((flag) => flag.group === group);
    return flags.length === 0 ? [] : [section(group, flags.map((flag) => [spelled(flag), describe(flag)]))];
  });
  return blocks([
    wrapped(command.doc, WIDTH).join('\n'),
    `Usage: ${usage.join(' ')}`,
    section('Examples', command.examples.map(({ command: line, doc }) => [line, doc])),
    ...operand,
    ...groups,
    ...(command.notes ?? []).map(({ title, rows }) => section(title, rows)),
    ...(command.flags.length > 0 ? [`Each flag has a twin in the environment, such as ${twinOf(command.flags[0]!.name)}; the flag wins.`] : []),
  ]);
}

export function spelled({ name, value }: Flag): string {
  return value === undefined ? `--${name}` : `--${name} <${value}>`;
}

function describe({ doc, choices, repeats, default: preset }: Flag): string {
  const notes = [choices?.join(' | '), preset === undefined ? undefined : `default ${preset}`, repeats ? 'repeatable' : undefined]
    .filter((note) => note !== undefined);
  return notes.length > 0 ? `${doc} (${notes.join('; ')})` : doc;
}

const WIDTH = 80;
const WIDEST_LEFT = 24;

/** Two columns; where the left one is wide, as with examples, each right one goes below its left. */
export function section(title: string, rows: readonly (readonly [string, string])[]): string {
  const widest = Math.max(...rows.map(([left]) => left.length));
  const isStacked = widest > WIDEST_LEFT;
  const indent = isStacked ? 6 : widest + 5;
  const lines = rows.flatMap(([left, right]) => {
    const [first = '', ...rest] = wrapped(right, WIDTH - indent).map((line) => ' '.repeat(indent) + line);
    return isStacked ? [`  ${left}`, first, ...rest] : [`  ${left.padEnd(widest)}   ${first.trimStart()}`.trimEnd(), ...rest];
  });
  return [`${title}:`, ...lines].join('\n');
}

function blocks(texts: readonly string[]): string {
  return `${texts.join('\n\n')}\n`;
}
