/** Shared by the detections. */

/** Percent as the products write them: 0.29 is 29, not 28.999999999999996. */
export function percentOf(ratio: number): number {
  return Math.round(ratio * 1e8) / 1e6;
}

/** Of a whole population, in two passes as Envoy and gRPC compute it; at least one value. */
export function meanAndDeviation(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const mean = sum(values) / values.length;
  const variance = sum(values.map((value) => (value - mean) * (value - mean))) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
