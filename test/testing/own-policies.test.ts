/** Searches for counter-examples to policies that come as code. */
import { ConstantBackoff, handleAll, retry } from 'cockatiel';
import { describe, expect, test } from 'vitest';
import { cockatiel } from '../../src/cockatiel.ts';
import { type OwnPolicies, OwnPolicyError } from '../../src/index.ts';
import { checkPolicy, checkPolicyAsync, documentOf, holds, type ScenarioRun } from '../../src/testing.ts';

const policies: OwnPolicies = {
  balancers: {
    // Goes wrong where three or more are ready.
    odd: () => ({ pick: (ready) => (ready.length > 2 ? 99 : ready[0]!.index) }),
    last: () => ({ pick: (ready) => ready.at(-1)!.index }),
  },
  retries: {
    stubborn: () => ({ decide: ({ attempt }) => (attempt < 4 ? { retryAfterMs: 5 } : null) }),
  },
  wrappers: {
    stubborn: cockatiel(() => retry(handleAll, { maxAttempts: 3, backoff: new ConstantBackoff(5) })),
  },
};

const MESH = `
duration: 2s
services: { cart: { replicas: 2, latency: 5ms, policy: POLICY } }
traffic: [ { to: cart, name: shop, rate: 50/s } ]
`;

describe('checkPolicy', () => {
  test('finds the load that retries of the team add, and writes the scenario with their name', () => {
    const search = (): unknown => checkPolicy(MESH.replace('POLICY', '{ retries: { own: stubborn } }'), 'retries ratio <= 1', { policies, seed: 1, numRuns: 200 });
    expect(search).toThrow(/retries ratio <= 1/);
    expect(search).toThrow(/own: stubborn/);
  });

  test('runs code under every invariant', () => {
    expect(checkPolicy({ loadBalancer: { own: 'last' }, outlierDetection: {} }, ['settles-once', 'answers-once'], { policies, seed: 1, numRuns: 50 }).cases).toBe(50);
  });

  test('tells what code does wrong, with the smallest mesh that shows it', () => {
    const search = (): unknown => checkPolicy({ loadBalancer: { own: 'odd' } }, 'settles-once', { policies, seed: 1, numRuns: 100 });
    expect(search).toThrow(/picked `99`, which is no endpoint; ready are 0, 1, 2/);
  });

  /** Its code fails at the pick of that number: of each caller, or of all runs together. */
  const failing = (isSteady: boolean): OwnPolicies => {
    const cause = new RangeError('out of tokens');
    let all = 0;
    return {
      balancers: {
        odd: () => {
          let own = 0;
          return {
            pick: (ready) => {
              if ((isSteady ? ++own : ++all) === 300) throw cause;
              return ready[0]!.index;
            },
          };
        },
      },
    };
  };
  const errorOf = (act: () => unknown): Error => {
    try {
      act();
    } catch (error) {
      return error as Error;
    }
    throw new Error('nothing was thrown');
  };

  test('tells the story of code that throws, with the way back and its error', () => {
    const error = errorOf(() => checkPolicy({ loadBalancer: { own: 'odd' } }, 'settles-once', { policies: failing(true), requests: [300, 400], numRuns: 20, seed: 1 }));
    expect(error.message).toMatch(/^policy failed: odd {5}after \d+ cases? · shrunk \d+ times\n\n {2}\d services?, \d edges?, \d faults?, [\d.]+m?s\n/);
    expect(error.message).toMatch(/the balancer `odd` \(edge [^)]*\), picking for attempt 1 of a call at [\d.]+ s, threw: RangeError: out of tokens/);
    expect(error.message).toMatch(/again {3}checkPolicy\(…, { seed: -?\d+, path: "[\d:]+" }\)/);
    expect(error.message).toContain('the scenario, for `meshsim run`:');
    expect(error.message).not.toContain('did not repeat');
    expect(error.cause).toBeInstanceOf(OwnPolicyError);
    const [, yaml = ''] = error.message.split('the scenario, for `meshsim run`:\n');
    expect(() => holds('settles-once', { policies: failing(true) })(documentOf(yaml.replace(/^ {4}/gm, '')))).toThrow(/^policy failed: odd\n/);
  });

  test('says so where what happened does not happen again', () => {
    const error = errorOf(() => checkPolicy({ loadBalancer: { own: 'odd' } }, 'settles-once', { policies: failing(false), numRuns: 100, seed: 1 }));
    expect(error.message).toMatch(/^policy failed: odd /);
    expect(error.message).toContain('threw: RangeError: out of tokens');
    expect(error.message).toContain('did not repeat');
    expect(error.cause).toBeInstanceOf(OwnPolicyError);
  });
});

describe('checkPolicyAsync', () => {
  const mesh = MESH.replace('POLICY', '{ wrapper: stubborn }');

  test('finds the load that a library adds, and leads there again', async () => {
    const failure = await checkPolicyAsync(mesh, 'retries ratio <= 1', { policies, seed: 1, numRuns: 200 }).then(() => null, (error: unknown) => error as Error);
    expect(failure!.message).toMatch(/retries ratio <= 1/);
    expect(failure!.message).toMatch(/wrapper: stubborn/);
    const [, seed, path] = /seed: (-?\d+), path: "([\d:]+)"/.exec(failure!.message)!;
    await expect(checkPolicyAsync(mesh, 'retries ratio <= 1', { policies, seed: Number(seed), path: path! })).rejects.toThrow(/retries ratio <= 1/);
  });

  test('waits for properties that return a promise', async () => {
    const property = async function atMostTwice({ result }: ScenarioRun): Promise<boolean> {
      await Promise.resolve();
      return result.totals.retries <= result.totals.requests;
    };
    await expect(checkPolicyAsync(mesh, property, { policies, seed: 1, numRuns: 200 })).rejects.toThrow(/^property broken: atMostTwice [\s\S]*it answers false/);
    const cause = new Error('no');
    await expect(checkPolicyAsync(mesh, () => Promise.reject(cause), { policies, seed: 1 })).rejects.toMatchObject({ cause });
  });

  test('says how much it tried where it finds nothing, and takes no invariant', async () => {
    expect(await checkPolicyAsync(mesh, 'retries ratio <= 3', { policies, seed: 1, numRuns: 30 })).toEqual({ cases: 30, seed: 1 });
    await expect(checkPolicyAsync(mesh, 'settles-once', { policies })).rejects.toThrow('a wrapper decides instead');
  });
});
