/**
 * Holm's correction for many tests at once ("A simple sequentially rejective multiple test procedure", 1979): comparing
 * the result with 0.05 holds the chance of even one false alarm at 5 %, however the tests depend on each other.
 */

/** p-values adjusted for each other, in the order given. */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, i) => i).sort((a, b) => ps[a]! - ps[b]!);
  const adjusted = new Array<number>(ps.length);
  let largest = 0;
  for (const [rank, i] of order.entries()) {
    largest = Math.max(largest, Math.min(1, ps[i]! * (ps.length - rank)));
    adjusted[i] = largest;
  }
  return adjusted;
}
