import type { Kind } from '../../model/kind.ts';
import { consecutiveAccrualOptions, finagleAccrualOptions, unifiedAccrualOptions } from './failure-accrual-options.ts';

export type AccrualName = 'consecutive' | 'unified' | 'finagle';

const linkerdDifferences = ['Hints of `Retry-After`, `grpc-status` and the response classes of service profiles are not modelled: a failure is a status 500-599 or no answer.'];

/** Breakers an endpoint that accrue failures; a file names one under `failureAccrual`. */
export const accrualKinds: Readonly<Record<AccrualName, Kind>> = {
  consecutive: {
    doc: 'Shuts an endpoint after failures in a row; one request a penalty probes it.',
    copies: 'Linkerd 2 (linkerd2-proxy `consecutive_failures.rs`, August 2026)',
    options: consecutiveAccrualOptions,
    differences: linkerdDifferences,
  },
  unified: {
    doc: 'Shuts an endpoint after failures in a row or at a low success rate; one request a penalty probes it.',
    copies: 'Linkerd 2, edge (linkerd2-proxy `unified.rs`, August 2026)',
    options: unifiedAccrualOptions,
    differences: linkerdDifferences,
  },
  finagle: {
    doc: 'Marks an endpoint dead after failures in a row or at a low success rate; one request at a time probes it.',
    copies: 'Finagle 24.8 `FailureAccrualFactory` (revision 4feb34c)',
    options: finagleAccrualOptions,
    differences: [
      'Finagle sends to dead nodes where it finds no other; here that is what `panicThreshold` says.',
      'A failure is a status 500-599 or no answer, as its HTTP client classifies; other response classifiers are not modelled.',
    ],
  },
};
