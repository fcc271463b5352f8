/** A row of characters as high as values are, from nothing to the largest of them. */
const LEVELS = '▁▂▃▄▅▆▇█';
/** A stretch without any value is no stretch of zeros. */
const NOTHING = ' ';

/**
 * @param values  in order; null where there was nothing to measure
 * @param width  characters, at most; fewer where there are fewer values. Of values that share one the largest is drawn, so no peak is lost
 */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const highest = Math.max(0, ...values.map((value) => value ?? 0));
  const length = Math.min(width, values.length);
  return Array.from({ length }, (_, i) => {
    const shared = values.slice(Math.floor((i * values.length) / length), Math.floor(((i + 1) * values.length) / length)).filter((value) => value !== null);
    if (shared.length === 0) return NOTHING;
    return LEVELS[highest === 0 ? 0 : Math.round((Math.max(...shared) / highest) * (LEVELS.length - 1))]!;
  }).join('');
}
