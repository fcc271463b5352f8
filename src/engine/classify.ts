/**
 * Success or failure as Linkerd judges an answer, for profile retries and failure accrual (linkerd2-proxy:
 * linkerd/app/core/src/classify.rs). A gRPC answer is judged by its `grpc-status` alone, wherever it stands: without
 * one it is a success, whatever its HTTP status. Rate limiting is a success, and counted apart.
 */
import { GrpcStatus } from './grpc-status.ts';

const GRPC_FAILURES: readonly number[] = [
  GrpcStatus.UNKNOWN, GrpcStatus.DEADLINE_EXCEEDED, GrpcStatus.PERMISSION_DENIED, GrpcStatus.INTERNAL, GrpcStatus.UNAVAILABLE, GrpcStatus.DATA_LOSS,
];
const TOO_MANY_REQUESTS = 429;

export function isHttpFailure(status: number): boolean {
  return status >= 500 && status <= 599;
}

export function isHttpRateLimit(status: number): boolean {
  return status === TOO_MANY_REQUESTS;
}

/** @param status  null where headers and trailers have none */
export function isGrpcFailure(status: number | null): boolean {
  return status !== null && GRPC_FAILURES.includes(status);
}

export function isGrpcRateLimit(status: number | null): boolean {
  return status === GrpcStatus.RESOURCE_EXHAUSTED;
}
