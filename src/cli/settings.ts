/** The values of a command's flags, each with where it came from: flag > environment > default. */
import { didYouMean } from '../scenario/suggest.ts';
import type { Flag } from './command.ts';
import type { Shell } from './shell.ts';
import { UserError } from './user-error.ts';

export type Source = 'flag' | 'environment' | 'default';

interface Setting {
  readonly source: Source;
  /** One value, many for a flag that repeats; a switch that is on has one empty value. */
  readonly values: readonly string[];
}

export class Settings {
  private readonly byName: ReadonlyMap<string, Setting>;

  constructor(byName: ReadonlyMap<string, Setting>) {
    this.byName = byName;
  }

  /** Whether the command has a flag of that name. */
  has(name: string): boolean {
    return this.byName.has(name);
  }

  isOn(name: string): boolean {
    return this.settingOf(name).values.length > 0;
  }

  /** On this command line, and not in the environment, which may be meant for other commands. */
  wasTyped(name: string): boolean {
    return this.settingOf(name).source === 'flag';
  }

  /** It comes from the environment. */
  isInherited(name: string): boolean {
    return this.settingOf(name).source === 'environment';
  }

  /** Null when it was not given and has no default. */
  text(name: string): string | null {
    return this.settingOf(name).values.at(-1) ?? null;
  }

  all(name: string): readonly string[] {
    return this.settingOf(name).values;
  }

  /** One line for each that is not at its default: `--seed 7 (MESHSIM_SEED)`. */
  origins(): string[] {
    return [...this.byName]
      .filter(([, { source }]) => source !== 'default')
      .flatMap(([name, { source, values }]) =>
        values.map((value) => `--${name}${value === '' ? '' : ` ${value}`} (${source === 'flag' ? 'flag' : twinOf(name)})`));
  }

  private settingOf(name: string): Setting {
    const setting = this.byName.get(name);
    if (setting === undefined) throw new Error(`the command has no flag ${name}`);
    return setting;
  }
}

/** @param given  values on the command line by flag name; a switch that is on is `['']` */
export function settingsOf(flags: readonly Flag[], given: ReadonlyMap<string, readonly string[]>, env: Shell['env']): Settings {
  return new Settings(new Map(flags.map((flag) => [flag.name, settingOf(flag, given.get(flag.name), env)])));
}

/** Of every variable that is a setting. */
export const TWIN_PREFIX = 'MESHSIM_';

export function twinOf(name: string): string {
  return `${TWIN_PREFIX}${name.toUpperCase().replaceAll('-', '_')}`;
}

function settingOf(flag: Flag, given: readonly string[] | undefined, env: Shell['env']): Setting {
  if (given !== undefined) return { source: 'flag', values: chosen(flag, given, `--${flag.name} `) };
  const text = env[twinOf(flag.name)];
  if (text === undefined || text === '') return { source: 'default', values: flag.default === undefined ? [] : [flag.default] };
  if (flag.value === undefined) return { source: 'environment', values: switchOf(flag.name, text) ? [''] : [] };
  const values = flag.repeats ? text.split(';').map((value) => value.trim()).filter((value) => value !== '') : [text];
  return { source: 'environment', values: chosen(flag, values, `${twinOf(flag.name)}=`) };
}

/** @param as  how the value was given */
function chosen({ choices }: Flag, values: readonly string[], as: string): readonly string[] {
  const odd = choices === undefined ? undefined : values.find((value) => !choices.includes(value));
  if (choices === undefined || odd === undefined) return values;
  const guess = didYouMean(odd, choices);
  throw new UserError('usage', `${as}${odd}: write one of ${choices.join(', ')}${guess === null ? '' : `; ${guess}`}`);
}

function switchOf(name: string, text: string): boolean {
  if (['1', 'true', 'yes', 'on'].includes(text.toLowerCase())) return true;
  if (['0', 'false', 'no', 'off'].includes(text.toLowerCase())) return false;
  throw new UserError('usage', `${twinOf(name)}: \`${text}\` is neither true nor false; write 1 or 0`);
}
