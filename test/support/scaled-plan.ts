/** A plan in slow motion: every time multiplied by a factor, every rate divided by it, nothing else touched. */
import { admissionKinds } from '../../src/engine/admission/admission-kinds.ts';
import { concurrencyLimitKinds } from '../../src/engine/admission/concurrency-kinds.ts';
import { rateLimitKind } from '../../src/engine/admission/rate-limit-options.ts';
import { balancerKinds } from '../../src/engine/balance/kinds.ts';
import { slowStartOptions } from '../../src/engine/balance/slow-start-options.ts';
import { circuitBreakerOptions } from '../../src/engine/breaker/circuit-breaker-options.ts';
import { failfastOptions } from '../../src/engine/breaker/failfast-options.ts';
import { healthCheckOptions } from '../../src/engine/breaker/health-check-options.ts';
import { accrualKinds } from '../../src/engine/breaker/kinds.ts';
import { outlierOptions } from '../../src/engine/outlier/outlier-options.ts';
import { budgetKinds } from '../../src/engine/retry/budget-options.ts';
import type { Chosen, Kind, OptionSpecs, OptionValues } from '../../src/model/kind.ts';
import type { Plan } from '../../src/model/plan.ts';

export function scaledPlan(plan: Plan, factor: number): Plan {
  const stretched = stretch(plan, factor) as Plan;
  return {
    ...stretched,
    edges: stretched.edges.map((edge) => {
      const { admission, circuitBreaker, concurrencyLimit, failfast, failureAccrual, healthCheck, loadBalancer, outlierDetection, rateLimit, retries, slowStart } = edge.policy;
      const optional = (values: OptionValues | null, specs: OptionSpecs): OptionValues | null => (values === null ? null : options(values, specs, factor));
      return {
        ...edge,
        policy: {
          ...edge.policy,
          loadBalancer: chosen(loadBalancer, balancerKinds, factor),
          retries: retries === null || retries.budget === null ? retries : { ...retries, budget: chosen(retries.budget, budgetKinds, factor) },
          outlierDetection: optional(outlierDetection, outlierOptions),
          failureAccrual: failureAccrual === null ? null : { ...failureAccrual, options: options(failureAccrual.options, accrualKinds[failureAccrual.kind].options, factor) },
          circuitBreaker: optional(circuitBreaker, circuitBreakerOptions),
          healthCheck: optional(healthCheck, healthCheckOptions),
          failfast: optional(failfast, failfastOptions),
          rateLimit: optional(rateLimit === null ? null : withBurst(rateLimit), rateLimitKind.options),
          admission: admission === null ? null : chosen(admission, admissionKinds, factor),
          concurrencyLimit: concurrencyLimit === null ? null : chosen(concurrencyLimit, concurrencyLimitKinds, factor),
          slowStart: optional(slowStart, slowStartOptions),
        },
      };
    }),
    thresholds: [],
  };
}

function stretch(value: unknown, factor: number): unknown {
  if (Array.isArray(value)) return value.map((item) => stretch(item, factor));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]): [string, unknown] => {
    if (key.endsWith('Ns')) return [key, Array.isArray(item) ? item.map((ns: number) => ns * factor) : typeof item === 'number' ? item * factor : item];
    if (key === 'ratePerS') return [key, (item as number) / factor]; // a rate is a number
    // Of a lognormal, whose times are in its logarithm.
    if (key === 'mu') return [key, (item as number) + Math.log(factor)];
    return [key, stretch(item, factor)];
  }));
}

/** A second's worth, the default, counts in units of time: at least one, at whatever rate. */
function withBurst(rateLimit: OptionValues): OptionValues {
  return rateLimit['burst'] === Infinity ? { ...rateLimit, burst: Math.max(1, rateLimit['rate'] as number) } : rateLimit;
}

function chosen(choice: Chosen, kinds: Readonly<Record<string, Kind>>, factor: number): Chosen {
  return { ...choice, options: options(choice.options, kinds[choice.kind]!.options, factor) };
}

function options(values: OptionValues, specs: OptionSpecs, factor: number): OptionValues {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => {
    if (typeof value !== 'number') return [name, value];
    if (specs[name]?.type === 'duration') return [name, value * factor];
    return [name, name === 'minPerSecond' || specs[name]?.type === 'rate' ? value / factor : value];
  }));
}
