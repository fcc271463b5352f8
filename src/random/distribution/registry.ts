/** From a law in the plan to something that draws from it. One line a law. */
import type { DistributionPlan, LawPlan } from '../../model/plan.ts';
import { Buckets } from './buckets.ts';
import { Clamped } from './clamped.ts';
import { Constant } from './constant.ts';
import { Empirical } from './empirical.ts';
import { Exponential } from './exponential.ts';
import { Gamma } from './gamma.ts';
import { Lognormal } from './lognormal.ts';
import { Mixture } from './mixture.ts';
import { Normal } from './normal.ts';
import { Pareto } from './pareto.ts';
import type { Sampler } from './sampler.ts';
import { Uniform } from './uniform.ts';
import { Weibull } from './weibull.ts';

type Law<Name extends LawPlan['kind']> = Extract<LawPlan, { kind: Name }>;

const laws: { readonly [Name in LawPlan['kind']]: (law: Law<Name>) => Sampler } = {
  constant: (law) => new Constant(law.valueNs),
  exponential: (law) => new Exponential(law.meanNs),
  lognormal: (law) => new Lognormal(law.mu, law.sigma),
  normal: (law) => new Normal(law.meanNs, law.stddevNs),
  uniform: (law) => new Uniform(law.lowNs, law.highNs),
  gamma: (law) => new Gamma(law.meanNs, law.shape),
  weibull: (law) => new Weibull(law.scaleNs, law.shape),
  pareto: (law) => new Pareto(law.minNs, law.shape, law.maxNs),
  hyperexponential: (law) => new Mixture(law.phases.map((p) => ({ weight: p.probability, sampler: new Exponential(p.meanNs) }))),
  mixture: (law) => new Mixture(law.parts.map((part) => ({ weight: part.weight, sampler: createSampler(part.of) }))),
  empirical: (law) => new Empirical(law.valuesNs),
  buckets: (law) => new Buckets(law.buckets),
};

export function createSampler(plan: DistributionPlan): Sampler {
  // The kind picks the entry whose parameter is exactly this law; the compiler cannot follow that.
  const create = laws[plan.law.kind] as (law: LawPlan) => Sampler;
  const sampler = create(plan.law);
  if (plan.minNs === 0 && plan.maxNs === Infinity && plan.shiftNs === 0) return sampler;
  return new Clamped(sampler, plan);
}
