/**
 * What Linkerd's penalising estimator makes of an answer, by its head alone (linkerd.md 2; linkerd2-proxy
 * `linkerd/load-biaser`). A gRPC status counts where it came in the headers of an HTTP 200, the whole answer
 * being trailers; one that comes in real trailers is not seen, so `grpcStatus` is -1 then, too.
 */

const TOO_MANY_REQUESTS = 429;
const SERVICE_UNAVAILABLE = 503;
/** gRPC codes. */
const UNKNOWN = 2;
const DEADLINE_EXCEEDED = 4;
const RESOURCE_EXHAUSTED = 8;
const INTERNAL = 13;
const UNAVAILABLE = 14;
const DATA_LOSS = 15;

/** @param grpcStatus  -1 where there is none */
export function isPenalised(status: number, grpcStatus: number): boolean {
  switch (grpcStatus) {
    case UNKNOWN:
    case DEADLINE_EXCEEDED:
    case RESOURCE_EXHAUSTED:
    case INTERNAL:
    case UNAVAILABLE:
    case DATA_LOSS:
      return true;
    default:
      return status === TOO_MANY_REQUESTS || status >= 500;
  }
}

/**
 * The wait that the answer asks for, where it is one that may ask: 429 and 503, or their gRPC likes; else 0.
 * @param retryAfterNs  of `Retry-After`; -1 where there is none
 * @param pushbackNs    of `grpc-retry-pushback-ms`; -1 where there is none
 */
export function hintNsOf(status: number, grpcStatus: number, retryAfterNs: number, pushbackNs: number): number {
  if (status === TOO_MANY_REQUESTS || status === SERVICE_UNAVAILABLE) return Math.max(0, retryAfterNs);
  if (grpcStatus === RESOURCE_EXHAUSTED || grpcStatus === UNAVAILABLE) return Math.max(0, pushbackNs);
  return 0;
}
