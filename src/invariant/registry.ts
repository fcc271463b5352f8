/**
 * What must hold in every run, whatever the scenario. One line an invariant; `docs/invariants.md` is made from it.
 *
 * The first ones are looked at by the books of the audit itself, see `audit.ts`.
 */
import type { Invariant } from './invariant.ts';
import type { InvariantName } from './violation.ts';

const CONTRACT = 'the contract between engine and world (`src/engine/ports.ts`)';

export const INVARIANTS: Readonly<Record<InvariantName, Invariant>> = {
  'settles-once': {
    doc: 'Every call is settled exactly once, by a good answer at once, and none is left that nothing can settle.',
    why: 'A call that is settled twice is counted twice and its row given to two others; one that is never settled holds its slot for ever.',
    source: CONTRACT,
  },
  'answers-once': {
    doc: 'Every attempt that is sent is answered exactly once, also late, and then counts nowhere any more.',
    why: 'A slot that a late answer does not give back is lost: balancers, limits and budgets that are shares of what is in flight go wrong for good.',
    source: CONTRACT,
  },
  'timers-owned': {
    doc: 'A timer stands only for a call that is open or an attempt that is waited for.',
    why: 'A timer that is left fires into whoever has the row next: a call times out that has just begun.',
    source: CONTRACT,
  },
  'timeouts-fire': {
    doc: 'A call ends at its deadline and an attempt at its per-try timeout, neither before nor after.',
    why: 'A timeout that does not fire lets one slow endpoint hold its callers; one that fires early makes retries out of good answers.',
    source: 'Envoy 1.38 `timeout` and `per_try_timeout` (`FilterUtility::finalTimeout`)',
  },
  'no-late-attempt': {
    doc: 'No attempt is sent after its call was settled or its deadline has passed.',
    why: 'Nobody hears the answer: it is load for nothing, at the very time when there is too much.',
    source: 'Envoy 1.38: the global timeout includes all retries; gRPC A6: retries stop at the deadline',
  },
  'deadline-never-grows': {
    doc: 'What an endpoint is told about who waits, and what its own calls get, is never later than what its caller has.',
    why: 'Work goes on down the chain for callers that have long given up.',
    source: 'Envoy 1.38 `x-envoy-expected-rq-timeout-ms`; gRPC deadline propagation',
  },
  'attempts-limit': {
    doc: 'No call is sent more often than its retries and hedges allow.',
    why: 'Amplification multiplies down a chain of calls: three levels with one attempt too many each are eight times the load.',
    source: 'Envoy 1.38 `num_retries`; gRPC A6 `maxAttempts`; Dean and Barroso, The Tail at Scale (CACM 2013)',
  },
};

/** All of them. */
export const INVARIANT_NAMES: readonly InvariantName[] = Object.keys(INVARIANTS) as InvariantName[]; // those and no others
