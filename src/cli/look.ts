/** How output should look on a stream: colour, characters, width, and whether anyone watches it live. */
import type { Output, Shell } from './shell.ts';

export type ColorChoice = 'auto' | 'always' | 'never';

export interface OutputLook {
  readonly color: boolean;
  readonly unicode: boolean;
  readonly width: number;
}

/** Also of a terminal that says 0. */
const WIDTH_UNKNOWN = 80;
const NARROWEST = 40;

export function lookOf(output: Output, env: Shell['env'], choice: ColorChoice): OutputLook {
  return { color: hasColor(output, env, choice), unicode: hasUnicode(env), width: Math.max(NARROWEST, output.columns || WIDTH_UNKNOWN) };
}

/** The flag beats the environment; between two variables the one that takes away wins. */
function hasColor(output: Output, env: Shell['env'], choice: ColorChoice): boolean {
  if (choice !== 'auto') return choice === 'always';
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0';
  return output.isTTY && env['TERM'] !== 'dumb';
}

/** The first of these that is set decides, as POSIX has it. */
function hasUnicode(env: Shell['env']): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return /utf-?8/i.test(locale);
}

const CI_VARIABLES = ['CI', 'GITHUB_ACTIONS', 'GITLAB_CI', 'TF_BUILD', 'BUILDKITE', 'TEAMCITY_VERSION'];

/** Whether a line may be drawn over again: a terminal that a person watches. */
export function isLive(output: Output, env: Shell['env']): boolean {
  return output.isTTY && env['TERM'] !== 'dumb' && !CI_VARIABLES.some((name) => env[name] && env[name] !== 'false');
}
