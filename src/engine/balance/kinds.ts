/** Descriptions of the balancers, apart from their code so that `validate` need not load it. */
import type { Kind } from '../../model/kind.ts';
import { maglevOptions, maglevProblem } from './maglev-options.ts';
import { ringHashOptions, ringHashProblem } from './ring-hash-options.ts';

export type BalancerName = 'roundRobin' | 'random' | 'leastRequest' | 'peakEwma' | 'ringHash' | 'maglev';

const oneWorker = 'Each worker thread of Envoy picks for itself; here a caller endpoint is one worker.';
const oneName = "An endpoint's hash key is its name, such as `cart/3`; Envoy's other keys (host name, metadata) and hash policies (headers, cookies, source address) are not modelled.";

export const balancerKinds: Readonly<Record<BalancerName, Kind>> = {
  roundRobin: {
    doc: 'Each ready endpoint in turn, from a random start; unequal weights by earliest deadline first.',
    copies: 'Envoy 1.38 `ROUND_ROBIN`',
    options: {},
    differences: [oneWorker],
  },
  random: {
    doc: 'A random ready endpoint.',
    copies: 'Envoy 1.38 `RANDOM` with `weighted: false`',
    options: { weighted: { type: 'boolean', default: false, doc: 'Choose by weight. Envoy ignores weights here.' } },
  },
  leastRequest: {
    doc: 'The least busy of a few random endpoints, by requests this caller has in flight; unequal weights by earliest deadline first.',
    copies: 'Envoy 1.38 `LEAST_REQUEST` with `sampling: withReplacement`, which for equal weights is gRPC least_request too',
    options: {
      choices: { type: 'integer', min: 2, max: 100, default: 2, doc: 'Endpoints compared for each pick.' },
      sampling: { type: 'choice', values: ['distinct', 'withReplacement'], default: 'distinct', doc: 'distinct: different endpoints, ties uniform. withReplacement: as Envoy, the first sample wins ties.' },
      activeRequestBias: { type: 'number', min: 0, default: 1, doc: 'Exponent of the requests in flight where weights are unequal.' },
      fullScan: { type: 'boolean', default: false, doc: 'Compare all endpoints, ties uniform; Envoy `FULL_SCAN`.' },
    },
    differences: [oneWorker],
  },
  peakEwma: {
    doc: 'The cheaper of two random endpoints, by latency estimate x (requests in flight + 1); the estimate jumps up at once and decays down.',
    copies: 'Linkerd 2 (tower PeakEwma; linkerd2-proxy load-biaser, edge of August 2026) or Finagle PeakEwma',
    options: {
      decay: { type: 'duration', min: 1, default: 10e9, doc: 'Time constant of the decay.' },
      defaultRtt: { type: 'duration', min: 1e6, default: 30e6, doc: 'Estimate of an endpoint that was never used; `estimator: finagle` has none.' },
      estimator: {
        type: 'choice', values: ['tower', 'penalize', 'finagle'], default: 'tower',
        doc: 'tower: failures count as what they took, reading decays the estimate. penalize: failures count as at least `penalty`, reading changes nothing. finagle: as tower, but an endpoint that was never answered costs nothing while idle and nearly everything while in use.',
      },
      penalty: { type: 'duration', min: 0, default: 5e9, doc: 'Latency that a failure counts as under `estimator: penalize`.' },
      maxRetryAfter: { type: 'duration', min: 0, default: 300e9, later: true, doc: 'Longest wait asked for by an answer that a failure counts as under `estimator: penalize`.' },
    },
    differences: ['Linkerd measures until the first frame of a body; here an answer comes whole.', "Finagle weighs a node's status first; here only ready endpoints are drawn."],
  },
  ringHash: { doc: 'The endpoint next on a ring of hashed names.', copies: 'Envoy 1.38 `RING_HASH`; gRPC `ring_hash` (A42) with `members: all`', options: ringHashOptions, check: ringHashProblem, differences: [oneName, 'gRPC connects to an endpoint when the ring first comes to it; here connections are opened by calls.'] },
  maglev: { doc: 'The endpoint that a permutation table names for the hash.', copies: 'Envoy 1.38 `MAGLEV`', options: maglevOptions, check: maglevProblem, differences: [oneName] },
};
