import type { Kind, OptionSpecs } from '../../model/kind.ts';

/** Linkerd's balancer queue (`LINKERD2_PROXY_OUTBOUND_HTTP_QUEUE_CAPACITY`, `…_FAILFAST_TIMEOUT`, 2.x). */
export const failfastOptions: OptionSpecs = {
  timeout: { type: 'duration', min: 1, default: 3e9, doc: 'Without a ready endpoint for this long, all who wait fail with 504, and who comes next with 503.' },
  capacity: { type: 'integer', min: 1, default: 10_000, doc: 'Calls that wait for a ready endpoint; one more is answered 503.' },
};

export const failfastKind: Kind = {
  doc: 'While no endpoint is ready calls wait, first come first served.',
  copies: "Linkerd 2's balancer queue (linkerd2-proxy `linkerd/proxy/balance/queue`, August 2026)",
  options: failfastOptions,
  differences: ['An endpoint that is still being connected to counts as ready; in Linkerd calls wait for it in this queue.'],
};
