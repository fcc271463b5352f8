/** How many samples a percentile takes. */

/** Ten above it. @param p  0..1 */
export function samplesFor(p: number): number {
  return Math.round(10 / (1 - p));
}

/** In each replication, where the spread of these says how sure it is: effective ones, of independent requests. */
export function samplesForInterval(p: number): number {
  return Math.round(100 / (1 - p));
}

/** `p99.9`. */
export function percentileText(p: number): string {
  return `p${Number((p * 100).toPrecision(8))}`;
}
