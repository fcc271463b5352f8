/**
 * The highest load that still meets the goals: the knee. First by all replications together; then by each alone, beginning with
 * what it has shown so far: how far apart their knees lie says how sure the common one is.
 */
import { type Range, type Search, together, turningPoint } from './turning-point.ts';

export interface Trial {
  readonly load: number;
  /** Which of the replications, from 0. */
  readonly replications: readonly number[];
}

export interface Verdict {
  /** By all of the trial's replications together. */
  readonly isMet: boolean;
  /** By each of them. */
  readonly each: readonly boolean[];
}

export interface Knee {
  /** The verdict of all replications by load, in the order in which they were looked at. */
  readonly verdicts: Map<number, boolean>;
  /** The highest load that meets the goals each time, by replication; null before it is known. The ends of the range where it never turns. */
  ofEach: readonly number[] | null;
  /** The runs were used up before all was known. */
  isCutShort: boolean;
}

export function newKnee(): Knee {
  return { verdicts: new Map(), ofEach: null, isCutShort: false };
}

/** The highest load that is known to pass with no failure below, null where there is none, and the lowest that is known to fail. */
export function bracketOf({ verdicts }: Knee): { readonly passes: number | null; readonly fails: number | null; readonly isMonotone: boolean } {
  const loadsWith = (verdict: boolean): number[] => [...verdicts].filter(([, isMet]) => isMet === verdict).map(([load]) => load);
  const [passing, failing] = [loadsWith(true), loadsWith(false)];
  const fails = failing.length === 0 ? null : Math.min(...failing);
  const below = passing.filter((load) => load < (fails ?? Infinity));
  return { passes: below.length === 0 ? null : Math.max(...below), fails, isMonotone: below.length === passing.length };
}

type Asked = Search<{ readonly holds: boolean; readonly evidence: null }, Trial, Verdict>;

/** Gives trials and takes their verdicts; `knee` holds what is known so far. @param runs  to spend */
export function* findKnee(range: Range, reps: number, runs: number, knee: Knee): Search<void, Trial, Verdict> {
  const everyone = Array.from({ length: reps }, (_, i) => i);
  const known = everyone.map(() => new Map<number, boolean>());
  let left = runs;
  yield* turningPoint(range, function* (load): Asked {
    left -= reps;
    if (left < 0) {
      knee.isCutShort = true;
      return { holds: false, evidence: null };
    }
    const [verdict] = yield [{ load, replications: everyone }];
    knee.verdicts.set(load, verdict!.isMet);
    for (const [i, isMet] of verdict!.each.entries()) known[i]!.set(load, isMet);
    return { holds: verdict!.isMet, evidence: null };
  });
  const { passes, fails } = bracketOf(knee);
  if (knee.isCutShort || passes === null || fails === null) return;
  // The same way as all together took, as long as the verdicts are the same: so far no run is needed.
  const brackets = yield* together(everyone.map((i) => turningPoint(range, function* (load): Asked {
    let isMet = known[i]!.get(load);
    if (isMet === undefined) {
      left--;
      if (left < 0) knee.isCutShort = true;
      isMet = left >= 0 && (yield [{ load, replications: [i] }])[0]!.isMet;
    }
    return { holds: isMet, evidence: null };
  })));
  if (!knee.isCutShort) knee.ofEach = brackets.map(({ holds }) => holds ?? range.low);
}
