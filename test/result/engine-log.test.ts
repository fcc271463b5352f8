import { describe, expect, it } from 'vitest';
import { Detection } from '../../src/engine/breaker/detection.ts';
import { Holder } from '../../src/engine/breaker/readiness.ts';
import { NONE } from '../../src/model/ids.ts';
import { EngineLog } from '../../src/result/engine-log.ts';
import { Recorder } from '../../src/result/recorder.ts';
import { planFrom } from '../support/plan-from.ts';

const S = 1e9;
const { circuitBreaker, failureAccrual, healthCheck, outlierDetection } = Holder;

function newLog(): EngineLog {
  const plan = planFrom({ name: 'log', warmup: '1s', duration: '60s', services: { s: { latency: '1ms', replicas: 2 } }, traffic: [{ to: 's', name: 'c', clients: 2, rate: '1/s' }] });
  return new EngineLog(plan, new Recorder(plan));
}

describe('the log of the engine', () => {
  it('counts the time that a caller does without an endpoint once, whoever holds it', () => {
    const log = newLog();
    log.ejected(0, 0, 1, 10 * S, outlierDetection, Detection.consecutive5xx);
    log.ejected(0, 0, 1, 11 * S, healthCheck, Detection.healthCheck);
    log.unejected(0, 0, 1, 12 * S, outlierDetection);
    log.ejected(0, 1, 1, 12 * S, outlierDetection, Detection.consecutive5xx);
    log.unejected(0, 0, 1, 15 * S, healthCheck);
    expect(log.outOfUse.totals(20 * S).get(1)).toBe((5 + 8) * S);
  });

  it('tells ejections from openings of breakers and failed checks', () => {
    const log = newLog();
    log.ejected(0, 0, 0, 10 * S, outlierDetection, Detection.successRate);
    log.ejected(0, 0, 0, 11 * S, failureAccrual, Detection.consecutiveFailures);
    log.ejected(0, 0, 0, 12 * S, circuitBreaker, Detection.slowCallRate);
    log.ejected(0, 0, 0, 13 * S, healthCheck, Detection.healthCheck);
    log.breakerOpened(0, 1, 14 * S, Detection.failureRate);
    for (const holder of [outlierDetection, failureAccrual, circuitBreaker, healthCheck]) log.unejected(0, 0, 0, 15 * S, holder);
    log.breakerClosed(0, 1, 16 * S);
    log.shedding(0, 1, true, 17 * S);
    log.shedding(0, 1, false, 18 * S);
    const here = { edge: 'c->s', caller: 'c/0', endpoint: 's/0' };
    const service = { edge: 'c->s', caller: 'c/1' };
    expect(log.events).toEqual([
      { atMs: 10_000, kind: 'ejected', policy: 'outlierDetection', detection: 'successRate', ...here },
      { atMs: 11_000, kind: 'breakerOpened', policy: 'failureAccrual', detection: 'consecutiveFailures', ...here },
      { atMs: 12_000, kind: 'breakerOpened', policy: 'circuitBreaker', detection: 'slowCallRate', ...here },
      { atMs: 13_000, kind: 'unhealthy', policy: 'healthCheck', detection: 'healthCheck', ...here },
      { atMs: 14_000, kind: 'breakerOpened', policy: 'circuitBreaker', detection: 'failureRate', ...service },
      { atMs: 15_000, kind: 'unejected', policy: 'outlierDetection', ...here },
      { atMs: 15_000, kind: 'breakerClosed', policy: 'failureAccrual', ...here },
      { atMs: 15_000, kind: 'breakerClosed', policy: 'circuitBreaker', ...here },
      { atMs: 15_000, kind: 'healthy', policy: 'healthCheck', ...here },
      { atMs: 16_000, kind: 'breakerClosed', policy: 'circuitBreaker', ...service },
      { atMs: 17_000, kind: 'shedOn', policy: 'failfast', ...service },
      { atMs: 18_000, kind: 'shedOff', policy: 'failfast', ...service },
    ]);
    expect([...log.ejections, ...log.edgeEjections, ...log.openings, ...log.healthCheckFailures]).toEqual([1, 0, 1, 3, 1]);
    expect([log.outOfUse, log.sheds].map((stretches) => stretches.totals(60 * S).get(0))).toEqual([5 * S, 1 * S]);
  });

  it('counts nothing before the measured window and after it', () => {
    const log = newLog();
    for (const at of [0.5 * S, 61 * S]) {
      log.ejected(0, 0, 0, at, outlierDetection, Detection.consecutive5xx);
      log.unejected(0, 0, 0, at, outlierDetection);
      log.breakerOpened(0, 0, at, Detection.failureRate);
    }
    expect([...log.ejections, ...log.edgeEjections, ...log.openings]).toEqual([0, 0, 0, 0]);
    expect(log.events).toHaveLength(6);
  });

  it('sums over callers and endpoints how long breakers refused', () => {
    const log = newLog();
    log.refusing(0, 0, NONE, true, 0);
    log.refusing(0, 1, NONE, true, 10 * S);
    log.refusing(0, 1, 1, true, 10 * S);
    log.refusing(0, 0, NONE, false, 2 * S);
    log.refusing(0, 1, 1, false, 11 * S);
    expect(log.refusals.totals(20 * S).get(0)).toBe((1 + 10 + 1) * S);
  });
});
