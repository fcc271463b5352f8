import { describe, expect, test } from 'vitest';
import { tTest } from 'simple-statistics';
import { detectable, eventlessDifference, halfWidth, meanOf, pairedDifference, unpairedDifference } from '../../src/stats/difference.ts';

/** Student's own data ("The probable error of a mean", 1908): hours of sleep gained by ten patients with each of two drugs; `sleep` in R. */
const DRUG_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
const DRUG_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

describe("Student's patients", () => {
  test('paired, as R has it: t.test(extra ~ group, paired = TRUE)', () => {
    const differences = DRUG_1.map((value, i) => value - DRUG_2[i]!);
    const found = pairedDifference(differences);
    expect(found.df).toBe(9);
    expect(found.estimate).toBeCloseTo(-1.58, 12);
    expect(found.estimate / found.standardError).toBeCloseTo(-4.0621, 4);
    expect(found.estimate / found.standardError).toBeCloseTo(tTest(differences, 0) * Math.sqrt(9 / 10), 10); // which divides by n
    expect(found.p).toBeCloseTo(0.002833, 6);
    expect(found.estimate - halfWidth(found, 0.95)).toBeCloseTo(-2.4598858, 7);
    expect(found.estimate + halfWidth(found, 0.95)).toBeCloseTo(-0.7001142, 7);
  });

  test('unpaired, as R has it: t.test(extra ~ group)', () => {
    const found = unpairedDifference(DRUG_2, DRUG_1);
    expect(found.df).toBeCloseTo(17.776, 3);
    expect(found.estimate / found.standardError).toBeCloseTo(-1.8608, 4);
    expect(found.p).toBeCloseTo(0.07939, 5);
    expect(found.estimate - halfWidth(found, 0.95)).toBeCloseTo(-3.3654832, 7);
    expect(found.estimate + halfWidth(found, 0.95)).toBeCloseTo(0.2054832, 7);
  });
});

/** Smallest difference in standard deviations found with probability 0.8, by the noncentral t law (scipy 1.17, `nct`). */
test.each([
  [6, 0.05, 1.4345], [10, 0.05, 0.9960], [20, 0.05, 0.6604], [50, 0.05, 0.4042],
  [6, 0.005, 2.4591], [10, 0.005, 1.4841], [20, 0.005, 0.9116], [50, 0.005, 0.5377],
])('%d pairs at level %d can see %d standard deviations', (n, level, expected) => {
  const unit = { estimate: 0, standardError: 1 / Math.sqrt(n), df: n - 1, p: 1 };
  expect(detectable(unit, level, 0.8) / expected).toBeGreaterThan(0.94);
  expect(detectable(unit, level, 0.8) / expected).toBeLessThan(1.01);
});

describe('without spread', () => {
  test('equal is equal, whatever rounding makes of the sum', () => {
    for (const [n, m] of [[6, 7], [49, 20], [10, 13]] as const) {
      const value = 1 / 49;
      expect(unpairedDifference(new Array<number>(n).fill(value), new Array<number>(m).fill(value))).toMatchObject({ estimate: 0, standardError: 0, p: 1 });
    }
    expect(pairedDifference([0, 0, 0])).toMatchObject({ estimate: 0, p: 1 });
  });

  test('different is certain', () => {
    expect(pairedDifference([0.1, 0.1, 0.1, 0.1, 0.1, 0.1])).toMatchObject({ estimate: 0.1, p: 0 });
    expect(unpairedDifference([1, 1, 1], [2, 2])).toMatchObject({ estimate: 1, df: 3, p: 0 });
    expect(halfWidth(pairedDifference([2, 2]), 0.95)).toBe(0);
    expect(detectable(pairedDifference([2, 2]), 0.05, 0.8)).toBe(0);
  });

  test('on one side only, the other tells all there is to know', () => {
    const found = unpairedDifference([5, 5, 5, 5], [5, 6, 7, 8]);
    expect(found.df).toBeCloseTo(3, 12);
    expect(found.estimate).toBeCloseTo(1.5, 12);
  });
});

test('of two shares without an event is as uncertain as each of them', () => {
  // Newcombe's method 10 for 0/n and 0/m is Wilson's 0/n and 0/m: t² / (n + t²), with t of 11 and 19 degrees 2.2010 and 2.0930.
  const found = eventlessDifference({ replications: 12, count: 3_000 }, { replications: 20, count: 10_000 });
  expect(found).toMatchObject({ estimate: 0, p: 1, df: 11 });
  expect(found.ends![0]).toBeCloseTo(-4.8444 / 3_004.8444, 7);
  expect(found.ends![1]).toBeCloseTo(4.3808 / 10_004.3808, 7);
  expect(detectable(found, 0.05, 0.8)).toBeGreaterThan(found.ends![1]);
});

test('the mean of equal values is that value', () => {
  expect(meanOf(new Array<number>(49).fill(1 / 49))).toBe(1 / 49);
});
