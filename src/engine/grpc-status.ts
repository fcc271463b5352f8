/** gRPC status codes, and what becomes of them between HTTP and gRPC: Envoy 1.38, source/common/grpc/status.cc. */

export const GrpcStatus = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;
export type GrpcStatus = (typeof GrpcStatus)[keyof typeof GrpcStatus];
export type GrpcStatusName = keyof typeof GrpcStatus;

/** By code. */
const HTTP_OF: readonly number[] = [200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401];

/** The HTTP status that an answer with this gRPC status counts as, for outlier detection and success rates. */
export function httpOfGrpc(status: number): number {
  return HTTP_OF[status] ?? 500;
}

/** The gRPC status of an answer that has none of its own. */
export function grpcOfHttp(status: number): GrpcStatus {
  switch (status) {
    case 400:
      return GrpcStatus.INTERNAL;
    case 401:
      return GrpcStatus.UNAUTHENTICATED;
    case 403:
      return GrpcStatus.PERMISSION_DENIED;
    case 404:
      return GrpcStatus.UNIMPLEMENTED;
    case 429:
    case 502:
    case 503:
    case 504:
      return GrpcStatus.UNAVAILABLE;
    default:
      return GrpcStatus.UNKNOWN;
  }
}

/** What Envoy's admission control takes for a failure unless told otherwise (success_criteria_evaluator.cc). */
const ADMISSION_FAILURES: readonly number[] = [4, 8, 10, 13, 14, 15];

export function isAdmissionSuccess(status: number): boolean {
  return !ADMISSION_FAILURES.includes(status);
}
