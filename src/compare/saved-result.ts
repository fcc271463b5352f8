/** A side out of a `result.json`. */
import { RESULT_SCHEMA, type Result } from '../result/result.ts';
import type { SavedSide } from './saved.ts';
import { replicationOf } from './side.ts';

/** The side, or what is wrong with the file. @param hash  of what a scenario resolves to */
export function readResult(document: unknown, label: string, hash: (resolved: unknown) => string): SavedSide | string {
  const result = document as Result; // by its schema; what is read of it is looked at below
  try {
    const { scenario, meshsim, seed, window, complete } = result;
    if (!complete) return 'the run was stopped before its end';
    const side = { label, scenario: scenario.name, sha256: hash(scenario.resolved), meshsim, seed, durationMs: window.durationMs, warmupMs: window.warmupMs };
    return { side: { ...side, replications: [replicationOf(result)] }, resolved: scenario.resolved };
  } catch {
    return `it is not a whole ${RESULT_SCHEMA}`;
  }
}
