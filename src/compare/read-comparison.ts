/** A comparison out of a file, or of a result that has one: what its readers rely on is there, or a sentence says what is wrong and where. */
import * as v from 'valibot';
import { OUTCOME_NAMES } from '../model/outcome.ts';
import { damageAt, VIOLATION } from '../result/read-result.ts';
import { REQUEST } from '../result/read-tail.ts';
import type { Why } from '../result/why.ts';
import type { Course } from './course.ts';
import { type AuditedSides, COMPARISON_SCHEMA, type Comparison, CONFIDENCE, FAIL_ON } from './comparison.ts';

/** What `comparison.json` has besides. */
export interface StoredComparison extends Comparison {
  readonly subject: string;
  /** That makes it again. */
  readonly command: string;
  readonly courses: readonly (Course | null)[];
}

// What a comparison has, and its shape below has not, does not compile.
export function readComparison(document: unknown): Comparison | string {
  return read(COMPARISON, document);
}

export function readStoredComparison(document: unknown): StoredComparison | string {
  return read(STORED, document);
}

/** The very document, where it is what it should be. */
function read<T extends Comparison>(shape: v.GenericSchema<T>, document: unknown): T | string {
  const checked = v.safeParse(shape, document, { abortEarly: true });
  if (!checked.success) return damageAt(checked.issues[0]);
  const { sides, rows } = checked.output;
  const isTable = rows.every(({ cells, changes }) => cells.length === sides.length && changes.length === sides.length - 1);
  return isTable ? (document as T) : 'it is damaged: `rows` have not a cell for each side';
}

const text = v.string();
const number = v.number();
const known = v.nullable(number);
const verdict = v.picklist(['better', 'worse', 'same', 'inconclusive']);

const row = v.object({
  metric: text,
  unit: v.picklist(['ms', 'perSecond', 'share', 'times']),
  better: v.picklist(['lower', 'higher']),
  cause: v.nullable(v.picklist(OUTCOME_NAMES)),
  cells: v.array(v.object({ mean: known, low: known, high: known })),
  changes: v.array(v.object({
    kind: v.picklist(['ratio', 'difference']), estimate: known, low: known, high: known, p: known, pAdjusted: known, detectable: known,
    n: number, verdict: v.nullable(verdict), tolerated: v.nullable(v.picklist(['better', 'worse'])),
  })),
});

const side = v.object({
  label: text, scenario: text, sha256: text, meshsim: text, seed: number, durationMs: number, warmupMs: number,
  replications: number, pairing: v.picklist(['reference', 'paired', 'unpaired']),
});

const whys: v.GenericSchema<readonly Why[]> = v.array(v.pipe(
  v.object({
    seed: number, sides: v.tuple([text, text]), requests: number, examined: number, threshold: number, differing: number, otherCauses: number,
    causes: v.array(v.object({
      kind: v.picklist(['avoided', 'picked', 'refused', 'notRetried', 'notHedged', 'gaveUpEarlier', 'queue', 'service', 'network', 'connection', 'backoff', 'other']),
      on: v.nullable(v.union([v.literal(0), v.literal(1)])), edge: text, endpoint: v.exactOptional(text), detail: v.exactOptional(v.picklist([...OUTCOME_NAMES, 'budget', 'tooManyAtOnce', 'usedUp'])),
      requests: number, share: number, changeMs: number, gained: number, lost: number,
    })),
    examples: v.array(v.object({ cause: number, reference: REQUEST, other: REQUEST })),
  }),
  v.check(({ causes, examples }) => examples.every(({ cause }) => causes[cause] !== undefined), 'an example of one of its causes'),
));

const invariants: v.GenericSchema<AuditedSides> = v.object({ checked: number, broken: number, violations: v.array(v.intersect([v.object({ side: text }), VIOLATION])) });

const COMPARISON = v.object({
  schema: v.literal(COMPARISON_SCHEMA),
  meshsim: text,
  confidence: v.literal(CONFIDENCE),
  minEffect: known,
  failOn: v.picklist(FAIL_ON),
  sides: v.pipe(v.array(side), v.minLength(2)),
  caveats: v.array(text),
  rows: v.array(row),
  counts: v.object({ better: number, same: number, worse: number, inconclusive: number, tolerated: number }),
  invariants: v.exactOptional(invariants),
  why: v.exactOptional(whys),
});

const steps = v.array(known);
const counts = v.array(number);

const course = v.object({
  runs: number, warmupMs: number, untilMs: v.exactOptional(number),
  series: v.object({ stepMs: number, underWayMs: v.exactOptional(counts), requests: counts, ok: counts, failed: counts, attempts: counts, p50Ms: steps, p99Ms: steps }),
  faults: v.array(v.object({ name: text, windowsMs: v.array(v.tuple([number, number])) })),
});

const STORED: v.GenericSchema<StoredComparison> = v.object({ ...COMPARISON.entries, subject: text, command: text, courses: v.array(v.nullable(course)) });
