/** `--invariants`: what must hold in every run is looked after while it goes on. */
import type { Audited } from '../model/violation.ts';
import type { Flag } from './command.ts';
import type { Settings } from './settings.ts';

export const INVARIANTS_FLAG: Flag = {
  name: 'invariants', group: 'Run', doc: 'look after what must hold in every run, such as that no retry exceeds its budget (docs/invariants.md), in virtual time; exit 4 where it does not',
};

/** What of a task says so. */
export function invariantsOf(settings: Settings): { readonly hasInvariants?: true } {
  return settings.isOn('invariants') ? { hasInvariants: true } : {};
}

export function isBroken(audited: Audited | null | undefined): boolean {
  return audited !== null && audited !== undefined && audited.broken > 0;
}
