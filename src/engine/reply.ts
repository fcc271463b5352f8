/**
 * What Envoy's caller is answered, and what its access log says of it (1.38: source/common/router/router.cc,
 * source/common/stream_info/utility.cc): status, response flags, details, body, headers. For an outcome of the engine.
 */
import { Outcome } from '../model/outcome.ts';
import { statusOf } from './outcome.ts';
import { ResetReason } from './retry/condition.ts';
import { Verdict } from './retry/retry-gate.ts';

export interface Reply {
  readonly status: number;
  readonly flags: readonly string[];
  readonly details: string;
  /** Of an answer that the proxy made itself; the endpoint's own otherwise. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How the call came to its outcome. */
export interface Ending {
  /** The last decision about a retry. */
  readonly verdict: Verdict;
  /** A timeout was that of an attempt, not of the call. */
  readonly isPerTry: boolean;
}

export function replyOf(outcome: Outcome, status: number, { verdict, isPerTry }: Ending): Reply {
  const answered = statusOf(outcome, status);
  const refusal = REFUSAL_FLAGS[verdict];
  const flagged = (flag: string | null): string[] => [...(flag === null ? [] : [flag]), ...(refusal === undefined || refusal === flag ? [] : [refusal])];
  switch (outcome) {
    case Outcome.ok:
      return upstream(answered, []);
    case Outcome.error:
    case Outcome.rejected:
      return upstream(answered, flagged(null));
    case Outcome.timeout:
      return local(answered, flagged('UT'), isPerTry ? 'upstream_per_try_timeout' : 'response_timeout', 'upstream request timeout');
    case Outcome.reset:
      return replyToReset(ResetReason.connectionTermination, flagged);
    case Outcome.connectFailure:
      return replyToReset(ResetReason.remoteConnectionFailure, flagged);
    case Outcome.overflow:
      return replyToReset(ResetReason.overflow, flagged);
    case Outcome.noEndpoint:
      return local(answered, ['UH'], 'no_healthy_upstream', 'no healthy upstream');
    case Outcome.rateLimited:
      return local(answered, ['RL'], 'local_rate_limited', 'local_rate_limited');
    case Outcome.unroutable:
      return local(answered, ['NR'], 'route_not_found', '');
    case Outcome.denied:
      return local(answered, [], 'rbac_access_denied', 'RBAC: access denied');
    case Outcome.breakerOpen:
      // Envoy has no such breaker: an ejected endpoint is one that is not there.
      return local(answered, ['UH'], 'no_healthy_upstream', 'no healthy upstream');
    case Outcome.unfinished:
      return local(answered, ['DC'], 'downstream_remote_disconnect', '');
    default:
      return outcome satisfies never;
  }
}

/** An attempt ended without an answer, and no other follows. */
export function replyToReset(reason: ResetReason, flagged: (flag: string) => readonly string[] = (flag) => [flag]): Reply {
  const [text, flag, status] = RESETS[reason];
  const reply = local(status, flagged(flag), `upstream_reset_before_response_started{${text}}`, `upstream connect error or disconnect/reset before headers. reset reason: ${text.replaceAll('_', ' ')}`);
  return reason === ResetReason.overflow ? { ...reply, headers: { 'x-envoy-overloaded': 'true' } } : reply;
}

const RESETS: Readonly<Record<ResetReason, readonly [text: string, flag: string, status: number]>> = {
  [ResetReason.overflow]: ['overflow', 'UO', 503],
  [ResetReason.localConnectionFailure]: ['local_connection_failure', 'UF', 503],
  [ResetReason.remoteConnectionFailure]: ['remote_connection_failure', 'UF', 503],
  [ResetReason.connectionTimeout]: ['connection_timeout', 'UF', 503],
  [ResetReason.connectionTermination]: ['connection_termination', 'UC', 503],
  [ResetReason.remoteReset]: ['remote_reset', 'UR', 503],
  [ResetReason.remoteRefusedStream]: ['remote_refused_stream_reset', 'UR', 503],
  [ResetReason.localReset]: ['local_reset', 'LR', 503],
  [ResetReason.protocolError]: ['protocol_error', 'UPE', 502],
};

const REFUSAL_FLAGS: Readonly<Partial<Record<Verdict, string>>> = {
  [Verdict.limitReached]: 'URX',
  [Verdict.overflow]: 'UO',
  [Verdict.budgetRefused]: 'UO',
};

function upstream(status: number, flags: readonly string[]): Reply {
  return { status, flags, details: 'via_upstream', body: '', headers: {} };
}

function local(status: number, flags: readonly string[], details: string, body: string): Reply {
  return { status, flags, details, body, headers: {} };
}
