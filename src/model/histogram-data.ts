/** A histogram as data: bucket `indexes[i]` holds `counts[i]` values. Index = octave * parts + part of `value + 1`. */
export interface HistogramData {
  readonly subBucketsPerOctave: number;
  readonly indexes: readonly number[];
  readonly counts: readonly number[];
}
