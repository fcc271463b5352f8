/** A sweep as CSV: a line for each point, a column for each axis and figure, and the ends of its interval. */
import { estimateOf, metOf, SWEEP_FIGURES, type SweepFigure } from '../../sweep/estimates.ts';
import type { Sweep } from '../../sweep/sweep.ts';
import { csvText } from '../csv-text.ts';

/** With units, since a column has no other place for them. */
const TITLES: Readonly<Record<SweepFigure, string>> = { p50: 'p50_ms', p99: 'p99_ms', errorRate: 'error_share', goodput: 'goodput_per_s', attemptsPerRequest: 'attempts_per_request' };

export function sweepCsv({ axes, points, thresholds }: Sweep): string {
  const header = ['point', ...axes.map(({ path }) => path), 'reps', 'reps_complete', ...SWEEP_FIGURES.flatMap((figure) => [TITLES[figure], `${TITLES[figure]}_low`, `${TITLES[figure]}_high`]), ...(thresholds.length > 0 ? ['reps_with_all_thresholds_met'] : [])];
  const rows = points.map((point) => [
    point.point,
    ...axes.map(({ path }) => point.values[path]!),
    point.reps.length,
    point.reps.filter(({ complete }) => complete).length,
    ...SWEEP_FIGURES.flatMap((figure) => {
      const { mean, interval } = estimateOf(point, figure);
      return [mean, interval?.[0] ?? null, interval?.[1] ?? null];
    }),
    ...(thresholds.length > 0 ? [metOf(point)] : []),
  ]);
  return csvText(header, rows);
}
