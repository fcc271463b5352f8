/** A side out of a `result.json`: its replications, or the single run that it is. */
import { OUTCOME_NAMES, type OutcomeName } from '../model/outcome.ts';
import { loadOf } from '../result/load.ts';
import type { RepResult, Result } from '../result/result.ts';
import { courseOf } from './course.ts';
import type { SavedSide } from './saved.ts';
import { type Sample, sampleOf } from './side.ts';

/** The side, or what is wrong with the file. @param hash  of the system that a scenario resolves to */
export function readResult(document: unknown, label: string, hash: (resolved: unknown) => string): SavedSide | string {
  const result = document as Result; // by its schema; what is read of it is looked at below
  try {
    const { scenario, meshsim, seed, window, reps, complete } = result;
    if (complete !== true) return 'its run ended early, and what it would have been is not known';
    const replications = reps.map((rep: RepResult) => sampleOf(rep, rep.load ?? loadOf(result)));
    if (replications.length > 1 && reps.some(({ load }) => load === undefined)) return 'its replications do not tell their load: run it again with this version of meshsim';
    const side = { label, scenario: String(scenario.name), sha256: hash(scenario.resolved), meshsim: String(meshsim), seed, durationMs: window.durationMs, warmupMs: window.warmupMs, replications };
    const isWhole = [seed, side.durationMs - side.warmupMs].every((value) => value >= 0) && replications.length > 0 && replications.every(isSample);
    return isWhole ? { side, resolved: scenario.resolved, course: courseOf(result) } : 'figures are missing in it';
  } catch {
    return 'figures are missing in it';
  }
}

function isSample({ seed, requests, rps, goodput, causes, latencyMs, attempts, busiest, imbalance }: Sample): boolean {
  const isNumber = (value: unknown): boolean => typeof value === 'number' && value >= 0;
  const isKnown = (value: unknown): boolean => value === null || isNumber(value);
  return [seed, requests, rps, goodput, attempts].every(isNumber) && [busiest, imbalance, latencyMs.p50, latencyMs.p99, latencyMs.p999].every(isKnown)
    && Object.entries(causes).every(([cause, count]) => OUTCOME_NAMES.includes(cause as OutcomeName) && isNumber(count));
}
