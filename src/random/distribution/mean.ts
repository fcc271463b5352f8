/**
 * Mean of a distribution, for arithmetic about load before a run. The law's mean is exact (for
 * `normal` the cut at 0 is ignored); `min` and `max` only hold the result between them.
 */
import { exp, ln, power } from '../../model/math.ts';
import type { DistributionPlan, LawPlan } from '../../model/plan.ts';

/** In ns; `Infinity` where the law has no mean. */
export function meanNs(distribution: DistributionPlan): number {
  const { law, minNs, maxNs, shiftNs } = distribution;
  return Math.min(maxNs, Math.max(minNs, lawMeanNs(law))) + shiftNs;
}

function lawMeanNs(law: LawPlan): number {
  switch (law.kind) {
    case 'constant':
      return law.valueNs;
    case 'exponential':
    case 'normal':
    case 'gamma':
      return law.meanNs;
    case 'lognormal':
      return exp(law.mu + (law.sigma * law.sigma) / 2);
    case 'uniform':
      return (law.lowNs + law.highNs) / 2;
    case 'weibull':
      return law.scaleNs * gamma(1 + 1 / law.shape);
    case 'pareto':
      return paretoMeanNs(law.minNs, law.shape, law.maxNs);
    case 'hyperexponential':
      return sum(law.phases.map((phase) => phase.probability * phase.meanNs));
    case 'mixture': {
      const weights = sum(law.parts.map((part) => part.weight));
      return sum(law.parts.map((part) => (part.weight / weights) * meanNs(part.of)));
    }
    case 'empirical':
      return sum(law.valuesNs) / law.valuesNs.length;
    case 'buckets':
      return bucketsMeanNs(law.buckets);
    default:
      return law satisfies never;
  }
}

function paretoMeanNs(minNs: number, shape: number, maxNs: number): number {
  if (maxNs === Infinity) return shape > 1 ? (shape * minNs) / (shape - 1) : Infinity;
  if (maxNs === minNs) return minNs;
  const ratio = minNs / maxNs;
  const inside = 1 - power(ratio, shape);
  if (Math.abs(shape - 1) < 1e-9) return (minNs * -ln(ratio)) / inside;
  return ((shape * minNs) / (shape - 1)) * ((1 - power(ratio, shape - 1)) / inside);
}

function bucketsMeanNs(buckets: readonly { readonly leNs: number; readonly count: number }[]): number {
  let total = 0;
  let below = 0;
  let fromNs = 0;
  for (const { leNs, count } of buckets) {
    total += (count - below) * ((fromNs + leNs) / 2);
    below = count;
    fromNs = leNs;
  }
  return total / below;
}

/** Lanczos' approximation (g = 7, nine terms), x >= 1; relative error about 1e-13. */
function gamma(x: number): number {
  const t = x + 6.5;
  const series = LANCZOS.reduce((acc, c, i) => acc + c / (x - 1 + i + 1), 0.99999999999980993);
  return Math.sqrt(2 * Math.PI) * power(t, x - 0.5) * exp(-t) * series;
}

const LANCZOS: readonly number[] = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

function sum(values: readonly number[]): number {
  return values.reduce((acc, value) => acc + value, 0);
}
