import { describe, expect, it } from 'vitest';
import { RetryCondition } from '../../src/engine/retry/condition.ts';
import { retryWordsOfEnvoy } from '../../src/engine/retry/envoy-words.ts';
import { RetryCause } from '../../src/engine/retry/retry-cause.ts';
import { RetryGate, type RetryingCall, Verdict } from '../../src/engine/retry/retry-gate.ts';
import { Outcome } from '../../src/model/outcome.ts';

const callWith = (retriesLeft: number): RetryingCall => ({ retriesLeft, hasRetrySlot: false, retryCause: RetryCause.none });

describe('a retry gate', () => {
  it('gives a slot back at the next decision of its call, before it looks for room', () => {
    const gate = new RetryGate(1, null);
    const [first, second] = [callWith(3), callWith(3)];
    expect(gate.decide(first, true, 0)).toBe(Verdict.granted);
    expect(gate.decide(second, true, 0)).toBe(Verdict.overflow);
    expect(gate.decide(first, true, 0)).toBe(Verdict.granted);
    expect(gate.decide(first, false, 0)).toBe(Verdict.final);
    expect([gate.active, gate.decide(second, true, 0)]).toEqual([0, Verdict.granted]);
  });

  it('uses up a retry also where it refuses it for want of room', () => {
    const gate = new RetryGate(0, null);
    const call = callWith(1);
    expect([gate.decide(call, true, 0), gate.decide(call, true, 0)]).toEqual([Verdict.overflow, Verdict.limitReached]);
  });

  it('asks the budget last', () => {
    let asked = 0;
    const gate = new RetryGate(5, { called: () => {}, ended: () => {}, withdraw: () => asked++ === 0, balance: 1, left: 1 });
    const call = callWith(2);
    expect([gate.decide(call, false, 0), asked]).toEqual([Verdict.final, 0]);
    expect([gate.decide(call, true, 0), gate.decide(call, true, 0), gate.decide(call, true, 0), asked]).toEqual([Verdict.granted, Verdict.budgetRefused, Verdict.limitReached, 2]);
  });
});

describe('retry words', () => {
  it('of Envoy are read without regard to spaces, and unknown ones mean nothing', () => {
    expect(retryWordsOfEnvoy(' 5xx, gateway-error ,what,retriable-status-codes', [429, 503])).toEqual(['5xx', 'gatewayError', 429, 503]);
  });

  it('of a gRPC client are about every failure as it would see it', () => {
    const condition = new RetryCondition(['UNAVAILABLE']);
    const allowed = [[Outcome.error, 503], [Outcome.error, 500], [Outcome.rejected, 503], [Outcome.connectFailure, 0], [Outcome.reset, 0], [Outcome.timeout, 0]] as const;
    expect(allowed.map(([outcome, status]) => condition.allows(outcome, status))).toEqual([true, false, true, true, true, false]);
  });

  it('of a gRPC client in Envoy look at `grpc-status` alone', () => {
    const condition = new RetryCondition(['unavailable']);
    expect([condition.allows(Outcome.error, 503), condition.allowsAnswer({ status: 200, grpcStatus: 14, headers: {} })]).toEqual([false, true]);
  });

  it('resetBeforeRequest is over once an attempt has reached an endpoint', () => {
    const condition = new RetryCondition(['resetBeforeRequest', 503]);
    expect([condition.allows(Outcome.connectFailure, 0), condition.allows(Outcome.connectFailure, 0, true), condition.allows(Outcome.reset, 0)]).toEqual([true, false, false]);
  });

  it('as a range are about answers only', () => {
    const condition = new RetryCondition(['500-502']);
    expect([499, 500, 502, 503].map((status) => condition.allows(Outcome.error, status))).toEqual([false, true, true, false]);
    expect(condition.allows(Outcome.reset, 0)).toBe(false);
  });

  it('never retry an overflow of the caller’s own limits', () => {
    const condition = new RetryCondition(['5xx', 'reset', 'overload', 'connectFailure']);
    expect([Outcome.overflow, Outcome.noEndpoint, Outcome.unfinished].map((outcome) => condition.allows(outcome, 503))).toEqual([false, false, false]);
  });
});
