/** When a comparison is a failure: the flags for it, and the answer. Shared by `compare` and by `run --baseline`. */
import type { Comparison } from '../compare/comparison.ts';
import { parsePercent } from '../scenario/units.ts';
import type { Flag } from './command.ts';
import type { Settings } from './settings.ts';
import { UserError } from './user-error.ts';

const FAILURES = ['worse', 'different', 'inconclusive'] as const;

export const COMPARISON_FLAGS: readonly Flag[] = [
  { name: 'min-effect', value: 'share', group: 'Run', doc: 'changes up to this share of the reference, such as 2%, are not counted' },
  { name: 'fail-on', value: 'verdict', choices: FAILURES, group: 'Run', doc: 'exit 5 when a row is worse (default); different: better counts as well; inconclusive: so does what could not be told' },
];

/** 0..1, or null when every change counts. */
export function minEffectOf(settings: Settings): number | null {
  const text = settings.text('min-effect');
  if (text === null) return null;
  const share = parsePercent(text) ?? (/^0?\.\d+$/.test(text) ? Number(text) : null);
  if (share === null || share > 1) throw new UserError('usage', `--min-effect ${text}: write a share up to 100%, such as 2% or 0.02`);
  return share;
}

export function isFailure({ counts, rows }: Comparison, settings: Settings): boolean {
  const failOn = (settings.text('fail-on') ?? 'worse') as (typeof FAILURES)[number]; // one of the flag's choices
  switch (failOn) {
    case 'worse': return counts.worse > 0;
    case 'different': return counts.worse + counts.better > 0;
    case 'inconclusive': return counts.worse + counts.inconclusive > 0 || rows.some(({ changes }) => changes.some(({ verdict }) => verdict === null));
    default: return failOn satisfies never;
  }
}
