/** Which endpoint of a service stands for all of them. */
import type { ServicePlan } from '../model/plan.ts';
import type { Result } from '../result/result.ts';

/** Numbers of its endpoints, by what arrived there: where keys, weights or zones make them differ, the loss of the first one matters most. */
export function busiestOf({ name, replicas }: Pick<ServicePlan, 'name' | 'replicas'>, { endpoints }: Pick<Result, 'endpoints'>): number[] {
  const requestsAt = (endpoint: number): number => endpoints[`${name}/${endpoint}`]!.requests;
  return Array.from({ length: replicas }, (_, endpoint) => endpoint).sort((a, b) => requestsAt(b) - requestsAt(a));
}
