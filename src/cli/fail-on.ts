/** What a comparison counts, and when it is a failure: the flags for it. Shared by `compare` and by `run --baseline`. */
import { FAIL_ON, type FailOn } from '../compare/comparison.ts';
import { parsePercent } from '../scenario/units.ts';
import type { Flag } from './command.ts';
import type { Settings } from './settings.ts';
import { UserError } from './user-error.ts';

export const COMPARISON_FLAGS: readonly Flag[] = [
  { name: 'min-effect', value: 'share', group: 'Run', doc: 'changes up to this share of the reference, such as 2%, are not counted' },
  { name: 'fail-on', value: 'verdict', choices: FAIL_ON, group: 'Run', doc: 'exit 5 when a row is worse (default); different: better counts as well; inconclusive: so does what could not be told' },
];

/** 0..1, or null when every change counts. */
export function minEffectOf(settings: Settings): number | null {
  const text = settings.text('min-effect');
  if (text === null) return null;
  const share = parsePercent(text) ?? (/^0?\.\d+$/.test(text) ? Number(text) : null);
  if (share === null || share > 1) throw new UserError('usage', `--min-effect ${text}: write a share up to 100%, such as 2% or 0.02`);
  return share;
}

export function failOnOf(settings: Settings): FailOn {
  return (settings.text('fail-on') ?? 'worse') as FailOn; // one of the flag's choices
}
