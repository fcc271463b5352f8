/**
 * Log-linear buckets: bucket of a value = octave * parts + part, of `value + 1` so that zero has a place.
 * Read off the bits of the double itself, exponent and first mantissa bits: one shift and no logarithm.
 */
const words = new Int32Array(2);
const double = new Float64Array(words.buffer);

/** @param value  >= 0  @param bits  parts per octave as a power of two */
export function bucketOf(value: number, bits: number): number {
  double[0] = value + 1;
  return (words[1]! >> (20 - bits)) - (1023 << bits);
}

/** Middle of a bucket. */
export function middleOf(bucket: number, bits: number): number {
  const parts = bucketsPerOctave(bits);
  const octave = Math.floor(bucket / parts);
  return 2 ** octave * (1 + (bucket - octave * parts + 0.5) / parts) - 1;
}

export function bucketsPerOctave(bits: number): number {
  // Not `2 ** bits`, which is a double to V8: one in a field that was whole numbers until then makes all objects of that kind anew.
  return 1 << bits;
}
