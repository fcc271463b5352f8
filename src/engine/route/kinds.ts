/** What becomes of the calls that a service splits over others, apart from the code so that `validate` need not load it. */
import type { Kind } from '../../model/kind.ts';

export type SplitMode = 'fixed' | 'available';

export const splitKinds: Readonly<Record<SplitMode, Kind>> = {
  fixed: {
    doc: 'Each call draws its backend once; retries stay with it, ready or not.',
    copies: 'Envoy 1.38 `weighted_clusters`',
    options: {},
  },
  available: {
    doc: 'Each attempt draws a backend among those that have a ready endpoint, with `failfast` those that do not shed, so that a split becomes a failover; none with a weight left is 503.',
    copies: 'Linkerd 2 (linkerd2-proxy `linkerd/distribute`, August 2026)',
    options: {},
  },
};
