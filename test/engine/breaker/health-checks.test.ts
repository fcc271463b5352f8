import { describe, expect, it } from 'vitest';
import { Detection } from '../../../src/engine/breaker/detection.ts';
import { CheckResult, HealthChecks } from '../../../src/engine/breaker/health-checks.ts';
import { healthCheckOptions } from '../../../src/engine/breaker/health-check-options.ts';
import { HealthHolding, Holder, Holding, Readiness } from '../../../src/engine/breaker/readiness.ts';
import { EndpointSet } from '../../../src/engine/endpoints.ts';
import { OutlierDetection } from '../../../src/engine/outlier/outlier-detection.ts';
import { outlierOptions } from '../../../src/engine/outlier/outlier-options.ts';
import type { EngineObserver } from '../../../src/engine/ports.ts';
import { Outcome } from '../../../src/model/outcome.ts';
import { Stream } from '../../../src/random/hash.ts';
import { Sequence } from '../../../src/random/sequence.ts';
import { defaultsOf } from '../../support/defaults.ts';
import { SILENT } from '../../support/silent-observer.ts';

const S = 1e9;

class Bench {
  readonly set: EndpointSet = new EndpointSet([1, 1, 1], 0);
  readonly news: string[] = [];
  readonly serials: number[] = [];
  readonly readiness: Readiness;
  readonly outlier: OutlierDetection;
  readonly checks: HealthChecks;

  constructor(areKnown: boolean) {
    const observer: EngineObserver = {
      ...SILENT,
      ejected: (_edge, _caller, endpoint, now, holder, detection) => this.news.push(`${now / S} out ${endpoint} ${holder} ${detection}`),
      unejected: (_edge, _caller, endpoint, now, holder) => this.news.push(`${now / S} back ${endpoint} ${holder}`),
    };
    const dice = new Sequence(new Stream(1, 'health'), 0);
    this.readiness = new Readiness(this.set, this.set.size, observer, 0, 0, 0);
    this.outlier = new OutlierDetection(3, { ...defaultsOf(outlierOptions), maxEjectionPercent: 1 }, dice, new Holding(this.readiness, Holder.outlierDetection));
    this.checks = new HealthChecks(3, defaultsOf(healthCheckOptions), dice, new HealthHolding(this.readiness, this.set, this.outlier), { probe: (endpoint, serial) => (this.serials[endpoint] = serial) });
    this.checks.hasTraffic = true;
    this.checks.start(0, areKnown);
  }

  answer(endpoint: number, result: CheckResult, now: number): void {
    this.checks.answered(endpoint, this.serials[endpoint]!, result, now);
  }

  get ready(): number[] {
    return [0, 1, 2].filter((i) => this.set.isReady(i));
  }
}

describe('active health checks', () => {
  it('hold new endpoints back until their first check passes, and call that no recovery', () => {
    const bench = new Bench(false);
    expect(bench.ready).toEqual([]);
    bench.answer(1, CheckResult.pass, 0.1 * S);
    expect(bench.ready).toEqual([1]);
    expect(bench.checks.lastRecoveryAt(1)).toBe(0.1 * S);
    bench.answer(2, CheckResult.network, 0.1 * S);
    expect(bench.ready).toEqual([1]);
    expect(bench.news).toEqual([]);
  });

  it('take a check without an answer in time for failed, and hear nothing of it later', () => {
    const bench = new Bench(true);
    for (const now of [1, 7, 13]) {
      expect(bench.checks.dueAt).toBe(now * S);
      const late = bench.serials[0]!;
      bench.checks.tick(now * S);
      bench.checks.answered(0, late, CheckResult.pass, now * S);
      bench.checks.tick((now + 5) * S);
    }
    // Three timeouts in a row, the period being the interval and the wait.
    expect(bench.news).toEqual([0, 1, 2].map((endpoint) => `13 out ${endpoint} ${Holder.healthCheck} ${Detection.healthCheck}`));
  });

  it('bring an ejected endpoint back, but not one that they hold themselves', () => {
    const bench = new Bench(true);
    for (let i = 0; i < 5; i++) for (const endpoint of [0, 1]) bench.outlier.record(endpoint, Outcome.error, 500, 0);
    expect(bench.ready).toEqual([2]);
    bench.answer(0, CheckResult.pass, 0.5 * S);
    bench.answer(1, CheckResult.fail, 0.5 * S);
    expect(bench.ready).toEqual([0, 2]);
    bench.checks.tick(5.5 * S);
    bench.answer(1, CheckResult.pass, 5.6 * S);
    expect(bench.outlier.active).toBe(1);
    // The sweep alone is not enough while the checks hold it.
    bench.outlier.sweep(30 * S);
    expect([bench.outlier.active, bench.ready]).toEqual([0, [0, 2]]);
    bench.checks.tick(10.6 * S);
    bench.answer(1, CheckResult.pass, 31 * S);
    expect(bench.ready).toEqual([0, 1, 2]);
  });
});
