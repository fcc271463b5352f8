/** What `meshsim verify` found, as its JSON document has it. Times are those of the run. */
import type { Row } from './agreement.ts';
import type { OverheadFigures } from './calibration.ts';

export const VERIFICATION_SCHEMA = 'meshsim/verification/1';

export interface Verification {
  readonly schema: typeof VERIFICATION_SCHEMA;
  /** Version that made it. */
  readonly meshsim: string;
  readonly scenario: { readonly name: string; readonly sha256: string };
  readonly seed: number;
  readonly durationMs: number;
  /** Of the requests of one real repetition; the mean. */
  readonly requests: number;
  /** Real time per time of the run. */
  readonly timeScale: number;
  /** Added to the simulator's network; null without calibration. */
  readonly overhead: readonly OverheadFigures[] | null;
  /** Pairs of runs that were compared. */
  readonly repetitions: number;
  /** False when it was stopped before all repetitions were made. */
  readonly complete: boolean;
  /** How late real runs were at worst, p99 of requests or of the event loop. */
  readonly latenessP99Ms: number;
  /** Real repetitions whose lateness was more than 5 % of their latency p99. */
  readonly distorted: number;
  /** `unknown` with fewer than two repetitions. */
  readonly verdict: 'agree' | 'disagree' | 'inconclusive' | 'unknown';
  readonly rows: readonly Row[];
}
