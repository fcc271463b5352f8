/** How much work a run was for the mesh, and how evenly it was spread: what the totals of requests do not tell. */
import type { LoadFigures, Result } from './result.ts';

export function loadOf({ services, endpoints }: Pick<Result, 'services' | 'endpoints'>): LoadFigures {
  const replicas = new Map<string, number>();
  for (const name of Object.keys(endpoints)) replicas.set(serviceOf(name), (replicas.get(serviceOf(name)) ?? 0) + 1);
  return {
    // Of the edges, a call that was split counts for two.
    attempts: Object.values(services).reduce((sum, { attempts }) => sum + attempts, 0),
    busiest: largest(Object.values(endpoints).map(({ busy }) => busy)),
    imbalance: largest(Object.entries(endpoints).map(([name, { share }]) => (share === null ? null : share * replicas.get(serviceOf(name))!))),
  };
}

/** Of `cart/4`. */
function serviceOf(endpoint: string): string {
  return endpoint.slice(0, endpoint.lastIndexOf('/'));
}

function largest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((most, value) => Math.max(most, value));
}
