/**
 * The set of z-scores over the closed forms: a small common bias hides inside wide single tolerances, but not
 * here. Each score is (mean of ten replications - value) / standard error, scaled from Student's law to
 * deviation 1. Metrics of one run are not independent, so each case gives only its first mean.
 */
import { describe, expect, it } from 'vitest';
import { metricOf, run } from './measure.ts';
import { type Case, readFamilies } from './reference.ts';
import { planOf } from './suite.ts';
import { NotExpressible } from './scenario-text.ts';
import { translate } from './translate.ts';

const IS_FULL: boolean = process.env['MESHSIM_THEORY'] === 'full';
const REPLICATIONS = 10;
const GROUPS = 6;
/** Student's law with f degrees of freedom has variance f / (f - 2). */
const STUDENT_DEVIATION: number = Math.sqrt((REPLICATIONS - 1) / (REPLICATIONS - 3));

interface Score {
  readonly family: string;
  readonly name: string;
  readonly z: number;
}

/** Cases share no seed: under one seed they would meet the same arrivals and the same work. */
function scoresOf(family: string, theCase: Case, firstSeed: number): Score[] {
  const expected = theCase.expected.find(({ metric, tolerance }) => tolerance.kind === 'sampling' && /(?:sojourn|wait)_mean_ms$|^p_|throughput/.test(metric) && tolerance.rel_at_1e6 <= 0.05);
  if (expected === undefined || typeof expected.value !== 'number') return [];
  const { value, metric } = expected;
  try {
    return Array.from({ length: GROUPS }, (_, group) => {
      const values = Array.from({ length: REPLICATIONS }, (_item, i) => {
        const seed = firstSeed + group * REPLICATIONS + i;
        return metricOf(metric, run(planOf(translate(theCase, { n: 20_000, seed }).variants[0]!, seed), seed), theCase) as number;
      });
      const mean = values.reduce((sum, one) => sum + one, 0) / REPLICATIONS;
      const variance = values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (REPLICATIONS - 1);
      return { family, name: theCase.name, z: (mean - value) / Math.sqrt(variance / REPLICATIONS) / STUDENT_DEVIATION };
    });
  } catch (error) {
    if (error instanceof NotExpressible) return [];
    throw error;
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

// Ten long runs of each case take minutes: `npm run test:theory`.
describe.runIf(IS_FULL)('the z-scores of the closed forms', () => {
  it('have mean 0, deviation 1, and no family on one side', { timeout: 600_000 }, () => {
    const all = readFamilies().flatMap(({ family, cases }) => cases.map((theCase) => ({ family, theCase })));
    const scores = all.flatMap(({ family, theCase }, i) => scoresOf(family, theCase, 1000 * (i + 1)));
    const zs = scores.map(({ z }) => z);
    const deviation = Math.sqrt(mean(zs.map((z) => (z - mean(zs)) ** 2)));
    const byFamily = Object.fromEntries([...new Set(scores.map(({ family }) => family))].map((family) => [family, scores.filter((one) => one.family === family).map(({ z }) => z)]));
    const familyLines = Object.entries(byFamily).map(([family, list]) => `${family}: mean ${mean(list).toFixed(2)} of ${list.length}`);
    const worst = scores.toSorted((a, b) => Math.abs(b.z) - Math.abs(a.z)).slice(0, 5).map(({ name, z }) => `${name} ${z.toFixed(2)}`);
    console.log(`${zs.length} z-scores: mean ${mean(zs).toFixed(3)}, deviation ${deviation.toFixed(3)}; ${familyLines.join(', ')}; farthest: ${worst.join(', ')}`);
    expect(Math.abs(mean(zs))).toBeLessThan(3 / Math.sqrt(zs.length));
    expect(deviation).toBeGreaterThan(0.9);
    expect(deviation).toBeLessThan(1.15);
    for (const list of Object.values(byFamily)) expect(Math.abs(mean(list))).toBeLessThan(3.5 / Math.sqrt(list.length));
  });
});
