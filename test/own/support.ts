/** A run of a scenario written as an object, with code of its own. */
import { AttemptFailed, type OwnPolicies, type Plan, type Result, type WrapperFactory, parseScenario, simulate, simulateAsync } from '../../src/index.ts';
import type { ScenarioObject } from '../support/random-scenario.ts';

export function planWith(scenario: ScenarioObject, policies: OwnPolicies): Plan {
  const { plan, problems } = parseScenario(JSON.stringify(scenario), { policies });
  if (plan === null) throw new Error(problems.map(({ message, path }) => `${path}: ${message}`).join('; '));
  return plan;
}

export function runWith(scenario: ScenarioObject, policies: OwnPolicies = {}): Result {
  return simulate(planWith(scenario, policies), { policies });
}

export function runWaiting(scenario: ScenarioObject, policies: OwnPolicies = {}): Promise<Result> {
  return simulateAsync(planWith(scenario, policies), { policies });
}

/** One caller, one service, the policy in between; each request arrives so many seconds after the one before, from 0 on. */
export function line({ every = '100ms', duration = '10s', policy, ...rest }: ScenarioObject & { readonly every?: string; readonly duration?: string; readonly policy: unknown }): ScenarioObject {
  const { service = {}, ...others } = rest;
  return {
    duration,
    services: { cart: { replicas: 1, latency: '10ms', ...(service as object), policy } },
    traffic: [{ to: 'cart', name: 'shop', rate: `${1000 / Number.parseInt(every, 10)}/s`, arrivals: 'uniform' }],
    ...others,
  };
}

/** No more than the call itself. */
export const plainly: WrapperFactory = () => ({ call: (attempt) => attempt() });

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** As an engine that retries whatever failed, so many times. @param waitMs  before each; null is at once */
export function retrying(times: number, waitMs: number | null = null): WrapperFactory {
  return () => ({
    call: async (attempt) => {
      for (let left = times; ; left--) {
        try {
          return await attempt();
        } catch (failure) {
          if (left === 0 || !(failure instanceof AttemptFailed)) throw failure;
        }
        if (waitMs !== null) await sleep(waitMs);
      }
    },
  });
}
