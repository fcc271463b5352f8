/** Each law against its own distribution function: mean, and the share of values below exact quantiles. */
import { describe, expect, it } from 'vitest';
import type { DistributionPlan, LawPlan } from '../../../src/model/plan.ts';
import { meanNs } from '../../../src/random/distribution/mean.ts';
import { createSampler } from '../../../src/random/distribution/registry.ts';
import { Draw, Stream } from '../../../src/random/hash.ts';

const N = 200_000;
const UNCLAMPED = { minNs: 0, maxNs: Infinity, shiftNs: 0 } as const;

interface LawCase {
  readonly law: LawPlan;
  /** Quantile function, ns; none where it has no closed form (hyperexponential), or values are single ones (empirical). */
  readonly quantile?: (p: number) => number;
  readonly deviation: number;
}

const MU = 15;
const SIGMA = 0.8;
/** Standard normal quantiles (R, qnorm). */
const Z: Readonly<Record<number, number>> = { 0.01: -2.326347874, 0.1: -1.281551566, 0.5: 0, 0.9: 1.281551566, 0.99: 2.326347874, 0.999: 3.090232306 };
const lognormalMean = Math.exp(MU + SIGMA ** 2 / 2);

const laws: Readonly<Record<string, LawCase>> = {
  constant: { law: { kind: 'constant', valueNs: 5e6 }, deviation: 0 },
  exponential: { law: { kind: 'exponential', meanNs: 5e6 }, quantile: (p) => -5e6 * Math.log(1 - p), deviation: 5e6 },
  lognormal: { law: { kind: 'lognormal', mu: MU, sigma: SIGMA }, quantile: (p) => Math.exp(MU + SIGMA * Z[p]!), deviation: lognormalMean * Math.sqrt(Math.exp(SIGMA ** 2) - 1) },
  normal: { law: { kind: 'normal', meanNs: 5e6, stddevNs: 5e5 }, quantile: (p) => 5e6 + 5e5 * Z[p]!, deviation: 5e5 },
  uniform: { law: { kind: 'uniform', lowNs: 1e6, highNs: 9e6 }, quantile: (p) => 1e6 + 8e6 * p, deviation: 8e6 / Math.sqrt(12) },
  // Shape 2: 1 - (1 + x) e^-x, its quantiles from R (qgamma(p, 2)).
  'gamma of shape 2': { law: { kind: 'gamma', meanNs: 2e6, shape: 2 }, quantile: (p) => 1e6 * { 0.01: 0.1485547403, 0.1: 0.5318116083, 0.5: 1.678346990, 0.9: 3.889720170, 0.99: 6.638352068, 0.999: 9.233413476 }[p]!, deviation: 2e6 / Math.sqrt(2) },
  // Shape 1/2 is half a chi-square of one degree: the square of a normal.
  'gamma of shape 1/2': { law: { kind: 'gamma', meanNs: 1e6, shape: 0.5 }, quantile: (p) => 1e6 * { 0.01: 0.0001570878580, 0.1: 0.01579077409, 0.5: 0.4549364231, 0.9: 2.705543454, 0.99: 6.634896601, 0.999: 10.82756617 }[p]!, deviation: 1e6 * Math.SQRT2 },
  weibull: { law: { kind: 'weibull', scaleNs: 5e6, shape: 1.5 }, quantile: (p) => 5e6 * (-Math.log(1 - p)) ** (1 / 1.5), deviation: 5e6 * 0.6129 },
  pareto: { law: { kind: 'pareto', minNs: 1e6, shape: 3.5, maxNs: Infinity }, quantile: (p) => 1e6 * (1 - p) ** (-1 / 3.5), deviation: 1e6 * 0.611 },
  'truncated pareto': { law: { kind: 'pareto', minNs: 1e6, shape: 1.5, maxNs: 1e8 }, quantile: (p) => 1e6 * (1 - p * (1 - 100 ** -1.5)) ** (-1 / 1.5), deviation: 5e6 },
  hyperexponential: { law: { kind: 'hyperexponential', phases: [{ probability: 0.9, meanNs: 1e6 }, { probability: 0.1, meanNs: 2e7 }] }, deviation: 9e6 },
  mixture: { law: { kind: 'mixture', parts: [{ weight: 3, of: { law: { kind: 'uniform', lowNs: 0, highNs: 1e6 }, ...UNCLAMPED } }, { weight: 1, of: { law: { kind: 'uniform', lowNs: 1e6, highNs: 2e6 }, ...UNCLAMPED } }] }, quantile: (p) => (p < 0.75 ? (p / 0.75) * 1e6 : 1e6 + ((p - 0.75) / 0.25) * 1e6), deviation: 6e5 },
  empirical: { law: { kind: 'empirical', valuesNs: [3e6, 4e6, 2e7, 9e7] }, deviation: 4e7 },
  buckets: { law: { kind: 'buckets', buckets: [{ leNs: 1e7, count: 30 }, { leNs: 2e7, count: 90 }, { leNs: 4e7, count: 100 }] }, quantile: (p) => (p <= 0.3 ? (p / 0.3) * 1e7 : p <= 0.9 ? 1e7 + ((p - 0.3) / 0.6) * 1e7 : 2e7 + ((p - 0.9) / 0.1) * 2e7), deviation: 1e7 },
};

function samplesOf(plan: DistributionPlan, n: number): Float64Array {
  const sampler = createSampler(plan);
  const stream = new Stream(11, 'laws');
  const draw = new Draw();
  return Float64Array.from({ length: n }, (_, i) => {
    draw.seek(stream, i, 0);
    return sampler.sample(draw);
  });
}

describe.each(Object.entries(laws))('%s', (_, { law, quantile, deviation }) => {
  const plan: DistributionPlan = { law, ...UNCLAMPED };
  const samples = samplesOf(plan, N);

  it('has its mean, within five standard errors', () => {
    const mean = samples.reduce((sum, value) => sum + value, 0) / N;
    expect(Math.abs(mean - meanNs(plan))).toBeLessThanOrEqual((5 * deviation) / Math.sqrt(N) + 1e-9 * meanNs(plan));
  });

  it.runIf(quantile !== undefined).each([0.01, 0.1, 0.5, 0.9, 0.99, 0.999])('has a share of %d below its quantile, within five standard errors', (p) => {
    const limit = quantile!(p);
    const share = samples.filter((value) => value < limit).length / N;
    expect(Math.abs(share - p)).toBeLessThanOrEqual(5 * Math.sqrt((p * (1 - p)) / N));
  });

  it('is never negative, nor not a number', () => {
    expect(samples.every((value) => value >= 0)).toBe(true);
  });

  it('is a function of the key alone', () => {
    expect(samplesOf(plan, 100)).toEqual(samples.slice(0, 100));
  });
});

describe('a normal law that reaches below 0', () => {
  it('is cut there', () => {
    const samples = samplesOf({ law: { kind: 'normal', meanNs: 1e6, stddevNs: 1e6 }, ...UNCLAMPED }, N);
    const zeros = samples.filter((value) => value === 0).length / N;
    // P(Z < -1).
    expect(Math.abs(zeros - 0.1586552539)).toBeLessThan(5 * Math.sqrt((0.1587 * 0.8413) / N));
  });
});

describe('bounds', () => {
  it('hold values between them, then shift', () => {
    const samples = samplesOf({ law: { kind: 'exponential', meanNs: 5e6 }, minNs: 2e6, maxNs: 8e6, shiftNs: 1e6 }, 10_000);
    expect(Math.min(...samples)).toBe(3e6);
    expect(Math.max(...samples)).toBe(9e6);
    const low = samples.filter((value) => value === 3e6).length / 10_000;
    expect(Math.abs(low - (1 - Math.exp(-0.4)))).toBeLessThan(0.025);
  });
});
