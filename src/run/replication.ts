/** What a replication tells of itself: all that the figures of many need, as plain data. */
import type { Audited } from '../model/violation.ts';
import type { LatenessData } from '../result/lateness.ts';
import { measuresOf } from '../result/measures.ts';
import { loadOf } from '../result/load.ts';
import type { EventResult, LoadFigures, Metrics, TailResult } from '../result/result.ts';
import { type SeriesData, seriesOf } from '../result/series.ts';
import { type TallyData, tallyDataOf } from '../result/tally.ts';
import { type Ending, figuresIn, type FinishedRun } from './carry-out.ts';
import { shouldAbort } from './threshold.ts';
import { valueOfOne } from './threshold-value.ts';

export interface Replication {
  readonly seed: number;
  readonly ending: Ending;
  /** Indexes of the thresholds with `abort` that had failed when it ended. */
  readonly aborting: readonly number[];
  readonly digest: string;
  readonly endNs: number;
  readonly tally: TallyData;
  readonly series: SeriesData;
  /** Where it was traced. */
  readonly tail?: TailResult;
  readonly totals: Metrics;
  readonly load: LoadFigures;
  /** In the order of `measuresOf`; null where nothing was measured. */
  readonly measures: readonly (number | null)[];
  /** Of each threshold, in the plan's units; null where nothing was measured, `Infinity` for a recovery that never came. */
  readonly values: readonly (number | null)[];
  readonly faultTargets: readonly (readonly string[])[];
  /** What the engine logged. */
  readonly logged: readonly EventResult[];
  readonly droppedEvents: number;
  readonly lateAnswers: number;
  /** Null in virtual time. */
  readonly lateness: LatenessData | null;
  /** Simulator events. */
  readonly events: number;
  /** Null where no invariants were looked after. */
  readonly audited: Audited | null;
}

export function replicationOf(run: FinishedRun): Replication {
  const { audited, plan, seed, ending, digest, world, counts, lateness, measurements, series } = run;
  const figures = figuresIn(run);
  const written = seriesOf(series);
  return {
    seed, ending, digest, lateness, series, audited,
    aborting: ending === 'aborted' ? plan.thresholds.flatMap((threshold, i) => (shouldAbort([threshold], measurements, world.now) ? [i] : [])) : [],
    endNs: world.now,
    tally: tallyDataOf(plan, counts),
    totals: figures.totals,
    load: loadOf(figures),
    measures: measuresOf(figures).map(({ value }) => value),
    values: plan.thresholds.map((threshold) => valueOfOne(threshold, measurements, written)),
    faultTargets: world.faults.targets,
    logged: world.log.events,
    droppedEvents: world.log.droppedEvents,
    lateAnswers: world.lateAnswers,
    events: world.events,
  };
}
