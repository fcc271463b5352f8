/** Cases with known answers: closed forms, numerically solved chains and published numbers, one JSON file a family. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Another folder of files of the same form may take the place of test/reference. */
const FOLDER: string = process.env['MESHSIM_REFERENCE'] ?? join(import.meta.dirname, '..', 'reference');

export interface Family {
  readonly family: string;
  readonly cases: readonly Case[];
}

export interface Case {
  readonly name: string;
  readonly source: string;
  readonly scenario: CaseScenario;
  readonly expected: readonly Expected[];
  readonly mean_field_limit?: { readonly sojourn_mean_ms: number };
}

export interface Expected {
  readonly metric: string;
  readonly value: unknown;
  readonly tolerance: Tolerance;
}

export type Tolerance =
  | { readonly kind: 'arithmetic' | 'relative'; readonly rel: number; readonly why?: string }
  | { readonly kind: 'exact' }
  | { readonly kind: 'absolute'; readonly abs: number; readonly why?: string }
  | { readonly kind: 'sampling'; readonly rel_at_1e6: number; readonly floor_rel: number }
  | { readonly kind: 'proportion' }
  | { readonly kind: 'iid'; readonly rel_at_1e6: number }
  | { readonly kind: 'band'; readonly lo: number; readonly hi: number; readonly why?: string }
  | { readonly kind: 'bound'; readonly relation: string }
  | { readonly kind: 'order' };

/** What the translators read; every field may be missing. Values of other forms are refused with a reason. */
export interface CaseScenario {
  readonly topology?: unknown;
  readonly model?: string;
  readonly arrivals?: unknown;
  readonly service?: LawOfCase & { readonly means_ms?: readonly number[] };
  readonly endpoints?: number;
  readonly workers_per_endpoint?: number | 'unlimited';
  readonly queue_limit?: number | null;
  readonly discipline?: string;
  readonly lb?: unknown;
  readonly speeds?: readonly number[];
  readonly failure_probability?: number;
  readonly cancellation?: string;
  readonly pauses?: PausesOfCase;
  readonly outage_s?: readonly [number, number];
  readonly measure_window_s?: readonly [number, number];
  readonly window_s?: number;
  readonly client?: ClientOfCase;
  readonly [field: string]: unknown;
}

export interface LawOfCase {
  readonly dist: string;
  readonly mean_ms?: number;
  readonly [parameter: string]: unknown;
}

export interface PausesOfCase {
  readonly up_mean_ms?: number;
  readonly down_mean_ms?: number;
  readonly first_at_s?: number;
  readonly length_s?: number;
}

export interface ClientOfCase {
  readonly timeout_ms?: number | null;
  readonly retries?: number | string;
  readonly hedging?: { readonly delay_ms: number; readonly max_extra: number } | null;
  readonly breaker?: { readonly max_requests: number; readonly max_pending: number } | null;
  readonly queue_timeout?: LawOfCase;
  readonly backoff?: unknown;
  readonly retry_budget?: { readonly ratio: number; readonly min_retries_per_sec: number; readonly ttl_s?: number; readonly bucket_cap?: number } | null;
  readonly retry_token_bucket?: { readonly per_success: number; readonly per_retry: number; readonly cap: number };
  readonly grpc_throttle?: { readonly max_tokens: number; readonly token_ratio: number };
  readonly adaptive_throttle?: { readonly K: number; readonly window_s: number };
}

export function readFamilies(): readonly Family[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Family);
}
