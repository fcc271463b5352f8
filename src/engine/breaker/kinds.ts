import type { Kind } from '../../model/kind.ts';
import { consecutiveAccrualOptions, finagleAccrualOptions, unifiedAccrualOptions } from './failure-accrual-options.ts';

export type AccrualName = 'consecutive' | 'unified' | 'finagle';

/** Breakers an endpoint that accrue failures; a file names one under `failureAccrual`. */
export const accrualKinds: Readonly<Record<AccrualName, Kind>> = {
  consecutive: { doc: 'Shuts an endpoint after failures in a row; one request a penalty probes it.', copies: 'Linkerd 2 (linkerd2-proxy consecutive_failures)', options: consecutiveAccrualOptions },
  unified: { doc: 'Shuts an endpoint after failures in a row or at a low success rate; one request a penalty probes it.', copies: 'Linkerd 2 edge of August 2026 (linkerd2-proxy unified)', options: unifiedAccrualOptions },
  finagle: { doc: 'Marks an endpoint dead after failures in a row or at a low success rate; one request at a time probes it.', copies: 'Finagle FailureAccrualFactory (revision 4feb34c)', options: finagleAccrualOptions },
};
