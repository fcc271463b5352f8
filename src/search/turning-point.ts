/**
 * Where an answer turns from yes to no, in as few trials as it takes. A search is a generator: it gives trials and gets findings,
 * so that several searches can have their trials run side by side (`together`) and nobody here waits for anything.
 */
/** Gives trials, some at a time, and gets as many findings. */
export type Search<Value, Trial, Finding> = Generator<readonly Trial[], Value, readonly Finding[]>;

export interface Bracket<Evidence> {
  /** The largest that held … */
  readonly holds: number | null;
  /** … and the smallest that did not; apart by no more than `within`. Null where all, or none, did. */
  readonly breaks: number | null;
  readonly atHolds: Evidence | null;
  readonly atBreaks: Evidence | null;
}

export interface Range {
  readonly low: number;
  readonly high: number;
  /** Where to begin, between the two. */
  readonly from: number;
  /** How near the two ends of the bracket have to come, as a ratio above 1. */
  readonly within: number;
  /** To the nearest value that there is, where not all there are; `low`, `high` and `from` are among them. */
  snap?(value: number): number;
}

interface Answer<Evidence> {
  readonly holds: boolean;
  readonly evidence: Evidence;
}

interface End<Evidence> {
  readonly value: number;
  readonly evidence: Evidence;
}

/** From one value to the next on the way out, while the two ends are not found. */
const STRIDE = 2;

/**
 * Goes out from `from` in strides until one value holds and another does not, and then halves what is between them, on a logarithmic
 * scale, on the assumption that more never holds where less does not.
 * @param ask  whether it holds, and what that rests on
 */
export function* turningPoint<Evidence, Trial, Finding>(
  { low, high, from, within, snap = (value) => value }: Range,
  ask: (value: number) => Search<Answer<Evidence>, Trial, Finding>,
): Search<Bracket<Evidence>, Trial, Finding> {
  let holds: End<Evidence> | null = null;
  let breaks: End<Evidence> | null = null;
  for (let value = from; ; ) {
    const answer = yield* ask(value);
    if (answer.holds) holds = { value, evidence: answer.evidence };
    else breaks = { value, evidence: answer.evidence };
    const next = nextValue(value, holds, breaks, { low, high, within, snap });
    if (next === null) break;
    value = next;
  }
  return { holds: holds?.value ?? null, breaks: breaks?.value ?? null, atHolds: holds?.evidence ?? null, atBreaks: breaks?.evidence ?? null };
}

/** Null when the bracket is narrow enough, or there is none. */
function nextValue(value: number, holds: End<unknown> | null, breaks: End<unknown> | null, { low, high, within, snap }: Required<Omit<Range, 'from'>>): number | null {
  if (breaks === null) return value >= high ? null : Math.min(high, snap(value * STRIDE));
  if (holds === null) return value <= low ? null : Math.max(low, snap(value / STRIDE));
  if (breaks.value / holds.value <= within) return null;
  const middle = snap(rounded(Math.sqrt(holds.value * breaks.value)));
  return middle <= holds.value || middle >= breaks.value ? null : middle;
}

/** All searches at once, each step one batch of the trials that they want next. */
export function* together<Value, Trial, Finding>(searches: readonly Search<Value, Trial, Finding>[]): Search<Value[], Trial, Finding> {
  const values = new Array<Value>(searches.length);
  let open = searches.map((search, i) => ({ i, search, step: search.next() }));
  for (;;) {
    for (const { i, step } of open) if (step.done === true) values[i] = step.value;
    open = open.filter(({ step }) => step.done !== true);
    if (open.length === 0) return values;
    const wanted = open.map(({ step }) => (step.done === true ? [] : step.value));
    const findings = yield wanted.flat();
    let taken = 0;
    open = open.map(({ i, search }, k) => {
      const from = taken;
      taken += wanted[k]!.length;
      return { i, search, step: search.next(findings.slice(from, taken)) };
    });
  }
}

/** Three digits: a person will read it, and may type it. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
