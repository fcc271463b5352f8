/**
 * How much a point promises: the improvement on the best value known that is to be expected there, times the chance that all goals are
 * met (Schonlau, Welch and Jones, Global versus local search in constrained optimization of computer models, 1998; Gardner et
 * al., Bayesian optimization with inequality constraints, 2014). As long as no point is known to meet the goals, the chance alone.
 */
import { ln, normalDensity, upperTail } from '../model/math.ts';
import type { GaussianProcess, Prediction } from './gaussian-process.ts';

export interface Model {
  readonly objective: GaussianProcess;
  /** Of each goal: by how much it is missed; met at 0 and below. */
  readonly goals: readonly GaussianProcess[];
  /** The lowest objective of a point that meets the goals; null where none is known. */
  readonly best: number | null;
}

/** A logarithm, for chances are often very small: more is better. */
export function promiseOf({ objective, goals, best }: Model, at: readonly number[]): number {
  let promise = 0;
  for (const goal of goals) promise += chanceOf(goal.predict(at));
  return best === null ? promise : promise + lnOf(improvementOn(best, objective.predict(at)));
}

/** E max(0, best - value). */
export function improvementOn(best: number, { mean, deviation }: Prediction): number {
  const gap = best - mean;
  if (deviation === 0) return Math.max(0, gap);
  const z = gap / deviation;
  return z < -30 ? 0 : gap * upperTail(-z) + deviation * normalDensity(z);
}

/** Logarithm of P(value <= 0). */
function chanceOf({ mean, deviation }: Prediction): number {
  const z = mean / Math.max(deviation, 1e-9);
  // Far out the tail has no number any more, but a logarithm it has.
  return z < 30 ? ln(upperTail(z)) : -(z * z) / 2 - ln(z);
}

/** Of nothing: less than of anything that has a number. */
function lnOf(value: number): number {
  return value > 0 ? ln(value) : -1e6;
}
