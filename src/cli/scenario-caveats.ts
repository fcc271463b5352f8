/** What sets the scenarios of two sides apart, as a sentence to be read before their figures. */
import { createHash } from 'node:crypto';
import { differingPaths, systemOf } from '../scenario/identity.ts';

export interface Origin {
  readonly label: string;
  /** The file with every default filled in; null where only its hash is known. */
  readonly resolved: unknown;
  readonly sha256: string;
}

const PATHS_NAMED = 3;

/** Null where they are the same system under the same load. */
export function differenceBetween(one: Origin, other: Origin): string | null {
  if (one.sha256 === other.sha256) return null;
  if (one.resolved === null || other.resolved === null) return `${other.label} is of another scenario than ${one.label}: their hashes differ`;
  const paths = differingPaths(one.resolved, other.resolved);
  const more = paths.length - PATHS_NAMED;
  return `${other.label} differs from ${one.label} in ${paths.slice(0, PATHS_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Of what two runs must have in common to be runs of one scenario: `systemOf`. */
export function systemHash(resolved: unknown): string {
  return createHash('sha256').update(JSON.stringify(systemOf(resolved))).digest('hex');
}
