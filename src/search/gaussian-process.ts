/**
 * What a metric may be where it was not measured: a Gaussian process through the points where it was (kriging; Rasmussen and
 * Williams, Gaussian Processes for Machine Learning, 2006, ch. 2, 4.2 and 5.4).
 *
 * Matérn's correlation of smoothness 5/2, one length an axis, a measurement's own noise divided by its number of replications.
 * Lengths and noise are those of a few that make what was measured the likeliest, found axis by axis; a weak prior keeps
 * lengths near the size of the space as long as little is known. Mean and scale have their best values in closed form.
 */
import { exp, ln } from '../model/math.ts';

export interface Measurement {
  /** Of each axis: 0..1 where it is ordered, any number of its own for each value where it is not. */
  readonly at: readonly number[];
  readonly value: number;
  /** Replications behind it. */
  readonly weight: number;
}

export interface Prediction {
  readonly mean: number;
  readonly deviation: number;
}

/** What is fitted; another process over nearly the same measurements may begin from it. */
export interface Shape {
  readonly lengths: readonly number[];
  /** Variance of a single replication, of the whole variance. */
  readonly noise: number;
}

const LENGTHS = [0.08, 0.15, 0.3, 0.6, 1.2, 2.4, 5];
const NOISES = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1];
/** Middle and spread of the prior of a length's logarithm. */
const LENGTH_USUAL = 0.6;
const LENGTH_SPREAD = 1.2;

export class GaussianProcess {
  readonly shape: Shape;
  private readonly measurements: readonly Measurement[];
  private readonly isOrdered: readonly boolean[];
  private readonly fit: Fit;

  /** @param isOrdered  of each axis  @param shape  known already; else it is fitted */
  constructor(measurements: readonly Measurement[], isOrdered: readonly boolean[], shape: Shape | null = null) {
    this.measurements = measurements;
    this.isOrdered = isOrdered;
    this.shape = shape ?? this.likeliest();
    this.fit = this.fitOf(this.shape);
  }

  predict(at: readonly number[]): Prediction {
    const { fit: { factor, mean, residuals, variance }, isOrdered, measurements, shape: { lengths } } = this;
    const alike = Float64Array.from(measurements, (measurement) => correlation(at, measurement.at, lengths, isOrdered));
    let expected = mean;
    for (const [i, weight] of residuals.entries()) expected += weight * alike[i]!;
    forwards(factor, alike);
    let explained = 0;
    for (const part of alike) explained += part * part;
    return { mean: expected, deviation: Math.sqrt(Math.max(0, variance * (1 - explained))) };
  }

  /** The same process, with one measurement more that is believed as it is. */
  believing(measurement: Measurement): GaussianProcess {
    return new GaussianProcess([...this.measurements, measurement], this.isOrdered, this.shape);
  }

  private likeliest(): Shape {
    let best: Shape = { lengths: this.isOrdered.map(() => LENGTH_USUAL), noise: NOISES[2]! };
    let bestLikelihood = this.likelihood(best);
    const consider = (shape: Shape): void => {
      const likelihood = this.likelihood(shape);
      if (likelihood <= bestLikelihood) return;
      best = shape;
      bestLikelihood = likelihood;
    };
    for (let round = 0; round < 2; round++) {
      for (const axis of this.isOrdered.keys()) for (const length of LENGTHS) consider({ ...best, lengths: best.lengths.with(axis, length) });
      for (const noise of NOISES) consider({ ...best, noise });
    }
    return best;
  }

  private likelihood(shape: Shape): number {
    const { factor, variance } = this.fitOf(shape);
    let likelihood = (-this.measurements.length / 2) * ln(Math.max(variance, 1e-30));
    for (const [i, row] of factor.entries()) likelihood -= ln(row[i]!);
    for (const length of shape.lengths) likelihood -= (ln(length / LENGTH_USUAL) / LENGTH_SPREAD) ** 2 / 2;
    return likelihood;
  }

  private fitOf({ lengths, noise }: Shape): Fit {
    const { isOrdered, measurements } = this;
    const factor = cholesky(measurements.map((one, i) => Float64Array.from({ length: i + 1 }, (_, j) =>
      (i === j ? 1 + noise / one.weight : correlation(one.at, measurements[j]!.at, lengths, isOrdered)))));
    const values = Float64Array.from(measurements, ({ value }) => value);
    const ones = new Float64Array(values.length).fill(1);
    forwards(factor, values);
    forwards(factor, ones);
    const mean = dot(ones, values) / dot(ones, ones);
    for (const i of values.keys()) values[i]! -= mean * ones[i]!;
    const variance = dot(values, values) / values.length;
    backwards(factor, values);
    return { factor, mean, residuals: values, variance };
  }
}

interface Fit {
  readonly factor: Factor;
  readonly mean: number;
  /** Inverse of the covariances times the distances from the mean. */
  readonly residuals: Float64Array;
  readonly variance: number;
}

const SQRT5 = Math.sqrt(5);

function correlation(one: readonly number[], other: readonly number[], lengths: readonly number[], isOrdered: readonly boolean[]): number {
  let square = 0;
  for (let axis = 0; axis < lengths.length; axis++) {
    const distance = isOrdered[axis] ? one[axis]! - other[axis]! : Number(one[axis] !== other[axis]);
    square += (distance / lengths[axis]!) ** 2;
  }
  const r = SQRT5 * Math.sqrt(square);
  return (1 + r + (r * r) / 3) * exp(-r);
}

/** Rows of a lower triangle. */
type Factor = readonly Float64Array[];

/** L with L Lᵀ the matrix, in its place. The noise on the diagonal keeps it positive. */
function cholesky(rows: readonly Float64Array[]): Factor {
  for (const [i, row] of rows.entries()) {
    for (let j = 0; j <= i; j++) {
      const other = rows[j]!;
      let sum = row[j]!;
      for (let k = 0; k < j; k++) sum -= row[k]! * other[k]!;
      row[j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / other[j]!;
    }
  }
  return rows;
}

/** L⁻¹ b, in its place. */
function forwards(factor: Factor, b: Float64Array): void {
  for (const [i, row] of factor.entries()) {
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= row[k]! * b[k]!;
    b[i] = sum / row[i]!;
  }
}

/** L⁻ᵀ b, in its place. */
function backwards(factor: Factor, b: Float64Array): void {
  for (let i = b.length - 1; i >= 0; i--) {
    const row = factor[i]!;
    b[i]! /= row[i]!;
    for (let k = 0; k < i; k++) b[k]! -= row[k]! * b[i]!;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
