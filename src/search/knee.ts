/**
 * The highest load that still meets the goals: the knee. Loads are rungs of a ladder, each a given share above the one below; rung 0 is
 * the load of the file.
 *
 * 1. All replications together: from rung 0 by growing strides until the verdict turns, then halving what lies between.
 * 2. Each replication by itself in the same way, beginning with what it has shown so far. How far apart their knees lie says how sure
 *    the common one is.
 *
 * Takes it that more load never helps. Where a rung fails below one that passes, `isMonotone` says so.
 */
export interface Probe {
  readonly rung: number;
  /** Which of the replications, from 0. */
  readonly replications: readonly number[];
}

export interface Verdict {
  /** By all of the probe's replications together. */
  readonly isMet: boolean;
  /** By each of them. */
  readonly each: readonly boolean[];
}

export interface KneeRules {
  readonly reps: number;
  /** Runs to spend. */
  readonly runs: number;
  /** The lowest rung is minus that, the highest plus. */
  readonly rungsMax: number;
}

export interface Knee {
  /** By rung, in the order in which they were looked at: the verdict of all replications. */
  readonly verdicts: Map<number, boolean>;
  /** The highest rung that is known to pass, and the lowest above it that is known to fail; null where there is none. */
  passes: number | null;
  fails: number | null;
  /** The highest rung that each replication passes by itself; null before that is known. */
  ofEach: readonly number[] | null;
  /** The runs were used up before all was known. */
  isCutShort: boolean;
}

/** Rungs of the first stride; each is twice the one before. */
const FIRST_STRIDE = 8;

export function newKnee(): Knee {
  return { verdicts: new Map(), passes: null, fails: null, ofEach: null, isCutShort: false };
}

export function isMonotone({ verdicts }: Knee): boolean {
  const passing = [...verdicts].filter(([, isMet]) => isMet).map(([rung]) => rung);
  const failing = [...verdicts].filter(([, isMet]) => !isMet).map(([rung]) => rung);
  return Math.max(...passing) < Math.min(...failing);
}

/** Gives what to run next and takes the verdicts in the same order; `knee` holds what is known so far. */
export function* findKnee({ reps, runs, rungsMax }: KneeRules, knee: Knee): Generator<readonly Probe[], void, readonly Verdict[]> {
  const everyone = Array.from({ length: reps }, (_, i) => i);
  const brackets = everyone.map(() => new Bracket(rungsMax));
  const common = new Bracket(rungsMax);
  let left = runs;
  for (let rung = common.next(); rung !== null; rung = common.next()) {
    if (left < reps) {
      knee.isCutShort = true;
      return;
    }
    left -= reps;
    const [verdict] = (yield [{ rung, replications: everyone }]) as [Verdict]; // one for each probe
    common.learn(rung, verdict.isMet);
    for (const [i, bracket] of brackets.entries()) bracket.learn(rung, verdict.each[i]!);
    knee.verdicts.set(rung, verdict.isMet);
    knee.passes = common.passes;
    knee.fails = common.fails;
  }
  if (common.passes === null || common.fails === null) return;
  for (;;) {
    const probes = brackets.flatMap((bracket, i): Probe[] => {
      const rung = bracket.next();
      return rung === null ? [] : [{ rung, replications: [i] }];
    });
    if (probes.length === 0) break;
    if (left < probes.length) {
      knee.isCutShort = true;
      return;
    }
    left -= probes.length;
    const verdicts = yield probes;
    for (const [i, { rung, replications }] of probes.entries()) brackets[replications[0]!]!.learn(rung, verdicts[i]!.isMet);
  }
  knee.ofEach = brackets.map(({ passes }) => passes ?? -rungsMax);
}

/** Between a rung that passes and the lowest that fails: what passes above a failure was luck. */
class Bracket {
  fails: number | null = null;
  private readonly passing: number[] = [];
  private readonly rungsMax: number;
  private stride: number = FIRST_STRIDE;

  constructor(rungsMax: number) {
    this.rungsMax = rungsMax;
  }

  get passes(): number | null {
    const below = this.passing.filter((rung) => rung < (this.fails ?? Infinity));
    return below.length === 0 ? null : Math.max(...below);
  }

  learn(rung: number, isMet: boolean): void {
    if (isMet) this.passing.push(rung);
    else this.fails = Math.min(rung, this.fails ?? rung);
  }

  /** Null when the two are neighbours, or at the end of the ladder. */
  next(): number | null {
    const { fails, passes, rungsMax } = this;
    if (passes === null && fails === null) return 0;
    if (passes !== null && fails !== null) return fails - passes <= 1 ? null : Math.floor((passes + fails) / 2);
    const known = passes ?? fails!; // one of them is known
    if (Math.abs(known) === rungsMax && (passes === null) === (known < 0)) return null;
    const rung = passes === null ? Math.max(-rungsMax, known - this.stride) : Math.min(rungsMax, known + this.stride);
    this.stride *= 2;
    return rung;
  }
}
