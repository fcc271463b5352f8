/** A comparison out of a file, or of a result that has one: what its readers rely on is there, or a sentence says what is wrong and where. */
import * as v from 'valibot';
import { OUTCOME_NAMES } from '../model/outcome.ts';
import { damageAt } from '../result/read-result.ts';
import { COMPARISON_SCHEMA, type Comparison, CONFIDENCE, FAIL_ON } from './comparison.ts';

export function readComparison(document: unknown): Comparison | string {
  const checked = v.safeParse(COMPARISON, document, { abortEarly: true });
  return checked.success ? asComparison(document as Checked) : damageAt(checked.issues[0]); // as it was just found to be
}

const text = v.string();
const known = v.nullable(v.number());
const verdict = v.picklist(['better', 'worse', 'same', 'inconclusive']);

const row = v.object({
  metric: text,
  unit: v.picklist(['ms', 'perSecond', 'share', 'times']),
  better: v.picklist(['lower', 'higher']),
  cause: v.nullable(v.picklist(OUTCOME_NAMES)),
  cells: v.array(v.object({ mean: known, low: known, high: known })),
  changes: v.array(v.object({
    kind: v.picklist(['ratio', 'difference']), estimate: known, low: known, high: known, p: known, pAdjusted: known, detectable: known,
    n: v.number(), verdict: v.nullable(verdict), tolerated: v.nullable(v.picklist(['better', 'worse'])),
  })),
});

const side = v.object({
  label: text, scenario: text, sha256: text, meshsim: text, seed: v.number(), durationMs: v.number(), warmupMs: v.number(),
  replications: v.number(), pairing: v.picklist(['reference', 'paired', 'unpaired']),
});

const COMPARISON = v.pipe(
  v.object({
    schema: v.literal(COMPARISON_SCHEMA),
    meshsim: text,
    confidence: v.literal(CONFIDENCE),
    minEffect: known,
    failOn: v.picklist(FAIL_ON),
    sides: v.pipe(v.array(side), v.minLength(2)),
    caveats: v.array(text),
    rows: v.array(row),
    counts: v.object({ better: v.number(), same: v.number(), worse: v.number(), inconclusive: v.number(), tolerated: v.number() }),
  }),
  v.check(({ sides, rows }) => rows.every(({ cells, changes }) => cells.length === sides.length && changes.length === sides.length - 1), 'a table with a cell for each side'),
);

type Checked = v.InferOutput<typeof COMPARISON>;

/** What is not looked at above does not compile here. */
function asComparison(document: Checked): Comparison {
  return document;
}
