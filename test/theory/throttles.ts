/** Cases about what stands before a call, and does not see the endpoint: a rate limit, and a caller that refuses by itself. */
import type { CaseScenario } from './reference.ts';
import { arrivalsOf, isRecord, type Map, NotExpressible, type Size, type Variant, variantOf } from './scenario-text.ts';

/** In front of a service that answers all. */
export function rateLimited(scenario: CaseScenario, size: Size): Variant {
  const { type, refill_rps, burst } = scenario['rate_limit'] as { readonly type: string; readonly refill_rps: number; readonly burst: number };
  if (type !== 'token_bucket') throw new NotExpressible(`rate limit "${type}"`);
  const { arrivals, ratePerS } = arrivalsOf(scenario.arrivals, size);
  // The bucket is full at the start; a hundred times what fills it is enough to forget that.
  const warmupS = size.warmupS ?? (100 * burst) / refill_rps;
  return variantOf(size, ratePerS, warmupS, {
    services: { S: { concurrency: 'unlimited', latency: '1ms' } },
    traffic: { to: 'S', ...arrivals, policy: { rateLimit: { rate: `${refill_rps}/s`, burst } } },
  });
}

/** How many windows a throttle gets to settle: with a backend of which a share q fails it moves by exp(-0.4) or so in each. */
const WINDOWS = 12;

export function throttled(scenario: CaseScenario, size: Size): Variant {
  const { K, window_s } = scenario.client!.adaptive_throttle!;
  const { arrivals, ratePerS } = arrivalsOf(scenario.arrivals, size);
  const warmupS = size.warmupS ?? WINDOWS * window_s;
  const backends = backendsOf(scenario);
  const policy = { admission: { type: 'googleSre', k: K, window: `${window_s}s` } };
  return variantOf(size, ratePerS, warmupS, {
    services: backends,
    traffic: Object.keys(backends).map((to) => ({ to, ...arrivals, policy })),
  });
}

/** A backend each; its answers count as refusals when they are 503. */
function backendsOf({ backend, success_probability }: CaseScenario): Map {
  if (Array.isArray(success_probability)) {
    return Object.fromEntries(success_probability.map((share: number, i) => [`S${i + 1}`, { concurrency: 'unlimited', latency: '1ms', errors: { rate: 1 - share, status: 503 } }]));
  }
  if (!isRecord(backend)) throw new NotExpressible('a throttle without a backend');
  // With more to do than it can, a server with a short queue is never idle, so it takes exactly this many.
  return { S: { concurrency: 1, queue: 20, latency: `${Math.round(1e9 / Number(backend['accept_rps']))}ns` } };
}
