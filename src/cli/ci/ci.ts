/** What a command does besides in a system for continuous integration that it knows: `--ci`. */
import type { Flag } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Settings } from '../settings.ts';
import type { Shell } from '../shell.ts';
import type { Annotation } from './annotation.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';

export const CI_FLAG: Flag = {
  name: 'ci', value: 'system', choices: ['auto', 'github', 'gitlab', 'none'], default: 'auto', group: 'Output',
  doc: 'github: annotations, step summary and outputs; gitlab: folded progress; auto: by GITHUB_ACTIONS and GITLAB_CI',
};

export interface Ci {
  /** Folds what is written to standard error until the answer is called. */
  fold(title: string): () => void;
  /** At the end, with what the command is about to exit with. */
  conclude(conclusion: Conclusion): Promise<void>;
}

export interface Conclusion {
  readonly code: ExitCode;
  /** Nothing ran: the scenario is invalid, as it stands or with what flags make of it. */
  readonly isRefused?: true;
  /** Of each level the most important first. */
  readonly annotations: readonly Annotation[];
  /** For those who look at the job. */
  readonly markdown: () => Promise<string>;
  /** The file to read next, if one was written. */
  readonly report: string | null;
}

export function ciOf(settings: Settings, shell: Shell): Ci {
  const ci = systemOf(settings, shell);
  // Where nothing is written there is nothing to fold.
  return settings.isOn('quiet') || settings.isOn('no-progress') ? { ...ci, fold: none.fold } : ci;
}

const none: Ci = { fold: () => () => undefined, conclude: async () => undefined };

function systemOf(settings: Settings, shell: Shell): Ci {
  const asked = settings.text('ci');
  if (asked === 'github' || (asked === 'auto' && shell.env['GITHUB_ACTIONS'] === 'true')) return github(settings, shell);
  if (asked === 'gitlab' || (asked === 'auto' && shell.env['GITLAB_CI'] === 'true')) return gitlab(shell);
  return none;
}
