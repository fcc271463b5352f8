/** To the nanosecond, and no longer than needed. */
export function seconds(ns: number): string {
  return String(Number((ns / 1e9).toFixed(9)));
}
