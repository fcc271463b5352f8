/** A comparison as CSV in long form: a line for each figure of each side, with its change from the reference. */
import type { Comparison, Row } from '../../compare/comparison.ts';
import { type CsvUnit, type Figure, figuresCsv } from '../csv-columns.ts';
import type { ComparisonReporter } from './reporter.ts';

export const comparisonCsv: ComparisonReporter = {
  doc: 'Every figure of every side on a line of its own, as CSV.',
  file: null,
  render: (comparison) => figuresCsv(comparisonFigures(comparison)),
};

const UNITS: Readonly<Record<Row['unit'], CsvUnit>> = { ms: 'ms', perSecond: 'per_s', share: 'ratio', times: 'ratio' };

/** Of the reference there is no change. `ratio` changes are relative, `difference` ones in the unit of the line. */
export function comparisonFigures({ sides, rows }: Comparison): Figure[] {
  return rows.flatMap(({ metric, unit, cells, changes }) => cells.map(({ mean, low, high }, i): Figure => {
    const change = changes[i - 1]; // the first side is the reference
    const { scenario, seed, label } = sides[i]!;
    return {
      scenario, seed, scope: 'comparison', name: label, metric, unit: UNITS[unit], value: mean, low, high,
      ...(change === undefined ? {} : {
        change_kind: change.kind, change: change.estimate, change_low: change.low, change_high: change.high,
        verdict: change.tolerated === null ? change.verdict : `${change.tolerated} (tolerated)`,
      }),
    };
  }));
}
