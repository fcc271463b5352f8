/** Random numbers as a retry policy asks for them. `Draw` and `Sequence` are both such a source. */
export interface Chance {
  /** Uniform in [0, 1). */
  unit(): number;
  /** Uniform integer in [0, n). */
  below(n: number): number;
}
