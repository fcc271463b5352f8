/** A side out of a result: its replications, or the single run that it is. */
import { loadOf } from '../result/load.ts';
import type { RepResult, Result } from '../result/result.ts';
import { courseOf } from './course.ts';
import type { SavedSide } from './saved.ts';
import { sampleOf } from './side.ts';

/** The side, or why it is none. @param hash  of the system that a scenario resolves to */
export function sideOfResult(result: Result, label: string, hash: (resolved: unknown) => string): SavedSide | string {
  const { scenario, meshsim, seed, window, reps, complete } = result;
  if (!complete) return 'its run ended early, and what it would have been is not known';
  if (reps.length > 1 && reps.some(({ load }) => load === undefined)) return 'its replications do not tell their load: run it again with this version of meshsim';
  const replications = reps.map((rep: RepResult) => sampleOf(rep, rep.load ?? loadOf(result)));
  const side = { label, scenario: scenario.name, sha256: hash(scenario.resolved), meshsim, seed, durationMs: window.durationMs, warmupMs: window.warmupMs, replications };
  return { side, resolved: scenario.resolved, course: courseOf(result) };
}
