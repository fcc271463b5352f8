/**
 * What share of the calls each endpoint should get, as Envoy's hash balancers normalise weights
 * (`thread_aware_lb_impl.cc`, 1.38): an endpoint's part of all weights or, with locality weights, the locality's
 * part of all localities times the endpoint's part within it. Locality weights are not scaled by availability there:
 * a locality without a ready endpoint keeps its share, and nobody gets it.
 */
export interface LocalityShare {
  readonly weight: number;
  readonly endpoints: readonly number[];
}

export interface EndpointShares {
  /** Whose share it is; in the order given or, with localities, locality by locality. Those without weight are left out. */
  readonly endpoints: readonly number[];
  readonly shares: readonly number[];
  readonly least: number;
  readonly most: number;
}

/**
 * @param weights    by endpoint
 * @param endpoints  those that take part
 * @param localities  over all endpoints; null without. Where no endpoint that takes part has a locality with weight, Envoy
 *                    finds no host at all; here they are left aside then, since a pick is only asked for where there is a choice.
 */
export function sharesOf(weights: Float64Array, endpoints: readonly number[], localities: readonly LocalityShare[] | null = null): EndpointShares {
  const located = localities === null ? [] : partsOf(endpoints, localities);
  const parts = located.some((part) => part.endpoints.length > 0) ? located : [{ share: 1, endpoints }];
  const listed = parts.flatMap((part) => {
    const total = part.endpoints.reduce((sum, endpoint) => sum + weights[endpoint]!, 0);
    return part.endpoints.map((endpoint) => ({ endpoint, share: (weights[endpoint]! * part.share) / total }));
  });
  return {
    endpoints: listed.map(({ endpoint }) => endpoint),
    shares: listed.map(({ share }) => share),
    least: listed.reduce((least, { share }) => Math.min(least, share), 1),
    most: listed.reduce((most, { share }) => Math.max(most, share), 0),
  };
}

function partsOf(endpoints: readonly number[], localities: readonly LocalityShare[]): { readonly share: number; readonly endpoints: readonly number[] }[] {
  const taking = new Set(endpoints);
  const total = localities.reduce((sum, { weight }) => sum + weight, 0);
  return localities.filter(({ weight }) => weight > 0).map((locality) => ({ share: locality.weight / total, endpoints: locality.endpoints.filter((endpoint) => taking.has(endpoint)) }));
}
