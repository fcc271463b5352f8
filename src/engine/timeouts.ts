/**
 * The two timeouts of a call as Envoy puts them together (`FilterUtility::finalTimeout`, source/common/router/router.cc,
 * 1.38): the route's, what the caller's headers ask for, gRPC's own deadline; a per-try timeout that is not shorter than the
 * whole means nothing. Here "none" is Infinity, where Envoy says 0.
 */
import { NS_PER_MS } from '../model/units.ts';

export interface TimeoutRules {
  /** The whole call. */
  readonly timeoutNs: number;
  readonly perTryTimeoutNs: number;
  /** gRPC calls bring their own deadline, at most this; null where the route's timeout counts for them too. */
  readonly maxGrpcTimeoutNs: number | null;
  /** Taken off a gRPC deadline that is longer. */
  readonly grpcTimeoutOffsetNs: number;
  /** Whether the deadline that another proxy has put into the request takes the place of the route's. */
  readonly respectsExpected: boolean;
}

export interface Timeouts {
  readonly wholeNs: number;
  readonly perTryNs: number;
}

type Headers = Readonly<Record<string, string>>;

export function timeoutsOf(rules: TimeoutRules, isGrpc: boolean, headers: Headers): Timeouts {
  const ownNs = isGrpc && rules.maxGrpcTimeoutNs !== null ? grpcNs(headers['grpc-timeout'], rules.maxGrpcTimeoutNs, rules.grpcTimeoutOffsetNs) : rules.timeoutNs;
  const expected = rules.respectsExpected ? headers['x-envoy-expected-rq-timeout-ms'] : undefined;
  const wholeNs = nsOfHeader(expected ?? headers['x-envoy-upstream-rq-timeout-ms']) ?? ownNs;
  const perTryNs = nsOfHeader(headers['x-envoy-upstream-rq-per-try-timeout-ms']) ?? rules.perTryTimeoutNs;
  return { wholeNs, perTryNs: perTryNs < wholeNs ? perTryNs : Infinity };
}

/**
 * What an attempt may tell the endpoint about who still waits for it. At least a millisecond: less would read as "no limit".
 *
 * @param keepsWaiting  whether the per-try timeout starts another attempt and cancels none (`hedge_on_per_try_timeout`)
 * @param elapsedNs     since the call began
 */
export function expectedNs({ wholeNs, perTryNs }: Timeouts, keepsWaiting: boolean, elapsedNs: number): number {
  const ownNs = keepsWaiting || perTryNs === Infinity ? wholeNs : perTryNs;
  return elapsedNs >= wholeNs ? NS_PER_MS : Math.min(ownNs, wholeNs - elapsedNs);
}

function nsOfHeader(value: string | undefined): number | null {
  if (value === undefined || !/^\s*\d+\s*$/.test(value)) return null;
  return unlessZero(Number(value) * NS_PER_MS);
}

function unlessZero(ns: number): number {
  return ns === 0 ? Infinity : ns;
}

const GRPC_UNITS_NS: Readonly<Record<string, number>> = { H: 3600e9, M: 60e9, S: 1e9, m: 1e6, u: 1e3, n: 1 };

/** Whole milliseconds, begun ones included. */
function grpcNs(header: string | undefined, maxNs: number, offsetNs: number): number {
  const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(header ?? '') ?? [];
  const asked = unlessZero(digits === undefined ? 0 : Math.ceil((Number(digits) * GRPC_UNITS_NS[unit!]!) / NS_PER_MS) * NS_PER_MS);
  return Math.min(maxNs, asked !== Infinity && offsetNs < asked ? asked - offsetNs : asked);
}
