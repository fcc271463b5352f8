/** What a command shows while it works, by its flags. */
import type { Flag } from './command.ts';
import type { ColorChoice } from './look.ts';
import { isLive, lookOf } from './look.ts';
import { liveProgress, noProgress, plainProgress, type ProgressDisplay, type Subject } from './progress.ts';
import type { Settings } from './settings.ts';
import type { Shell } from './shell.ts';

export const COLOR_FLAG: Flag = { name: 'color', value: 'when', choices: ['auto', 'always', 'never'], default: 'auto', group: 'Display', doc: 'colour' };

/** Of commands that run something and show how far it is. */
export const DISPLAY_FLAGS: readonly Flag[] = [
  { name: 'quiet', group: 'Display', doc: 'no progress, warnings or notes' },
  { name: 'no-progress', group: 'Display', doc: 'no progress' },
  COLOR_FLAG,
  { name: 'verbose', group: 'Display', doc: 'where each changed setting came from, and where a failure of ours happened' },
];

export function displayFor(subject: Subject, settings: Settings, shell: Shell): ProgressDisplay {
  if (settings.isOn('quiet') || settings.isOn('no-progress')) return noProgress;
  const look = lookOf(shell.stderr, shell.env, colorOf(settings));
  return isLive(shell.stderr, shell.env)
    ? liveProgress(shell.stderr, look, subject, shell.now())
    : plainProgress(shell.stderr, look, subject, shell.now());
}

export function colorOf(settings: Settings): ColorChoice {
  return settings.text('color') as ColorChoice; // one of the flag's choices
}

/** For `--verbose`. */
export function tellOrigins(settings: Settings, shell: Shell): void {
  for (const origin of settings.origins()) shell.stderr.write(`set by ${origin}\n`);
}
