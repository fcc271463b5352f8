/** What finds endpoints that do worse than others: Envoy's detection, or gRPC's. */
import type { OptionValues } from '../../model/kind.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Sequence } from '../../random/sequence.ts';
import type { Detection } from '../breaker/detection.ts';
import { GrpcOutlierDetection } from './grpc-outlier-detection.ts';
import { OutlierDetection } from './outlier-detection.ts';

/** Whoever owns the endpoint set. */
export interface EjectionTarget {
  eject(endpoint: number, now: number, detection: Detection): void;
  uneject(endpoint: number, now: number): void;
}

/** Chance: a `Sequence`, or numbers from a file. */
export type EjectionDice = Pick<Sequence, 'below' | 'unit'>;

export interface OutlierDetector {
  /** From one `sweep` to the next. */
  readonly intervalNs: number;
  /** The attempt got its connection; once an attempt, before its `record`, not where connecting failed. */
  connected(endpoint: number, now: number): void;
  /** An attempt ended; overflows and what its caller no longer wanted are not reported. */
  record(endpoint: number, outcome: Outcome, status: number, now: number): void;
  sweep(now: number): void;
  /** An active check of an endpoint that is not failed by such checks has passed. */
  healthCheckPassed(endpoint: number, now: number): void;
}

export function createOutlierDetector(size: number, options: OptionValues, dice: EjectionDice, target: EjectionTarget): OutlierDetector {
  return options['dialect'] === 'grpc' ? new GrpcOutlierDetection(size, options, dice, target) : new OutlierDetection(size, options, dice, target);
}
