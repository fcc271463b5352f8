/**
 * Stands in for `src/run/run.ts` until it exists: spends real time in steps, stops when asked, and
 * fills a result with numbers that follow from the plan.
 */
import type { Plan } from '../../../../src/model/plan.ts';
import { VERSION } from '../../../../src/model/version.ts';
import type { Result } from '../../../../src/result/result.ts';
import { RESULT_SCHEMA } from '../../../../src/result/result.ts';
import { exampleResult } from '../../example-result.ts';

export interface RunControl {
  readonly onProgress?: (progress: Progress) => boolean;
}

export interface Progress {
  readonly nowNs: number;
  readonly events: number;
  readonly requests: number;
  readonly failed: number;
  readonly phase: 'running' | 'draining';
}

export interface SimulateOptions {
  readonly seed?: number;
  readonly resolved?: unknown;
  readonly sha256?: string;
  readonly control?: RunControl;
}

export function simulate(plan: Plan, options: SimulateOptions = {}): Result {
  if (plan.name === 'crash') throw new Error('endpoint 7 has -1 requests in flight');
  const started = Date.now();
  let complete = true;
  let nowNs = 0;
  for (let step = 1; complete && nowNs < plan.durationNs; step++) {
    nowNs = Math.min(plan.durationNs, step * 1e9);
    for (const until = Date.now() + (plan.name === 'slow' ? 20 : 0); Date.now() < until; );
    if (options.control?.onProgress?.({ nowNs, events: step * 5000, requests: step * 1000, failed: step, phase: 'running' })) complete = false;
  }
  const result = exampleResult();
  return {
    ...result,
    schema: RESULT_SCHEMA,
    meshsim: VERSION,
    seed: options.seed ?? plan.seed,
    complete,
    scenario: { name: plan.name, sha256: options.sha256 ?? '', resolved: options.resolved ?? null },
    window: { warmupMs: plan.warmupNs / 1e6, durationMs: plan.durationNs / 1e6, endMs: nowNs / 1e6 },
    // Judged for real by run.ts; here a limit of 0 fails and any other holds.
    thresholds: plan.thresholds.map(({ expr, limit }) => ({
      expr, value: 1, low: null, high: null, limit, unit: 'ratio', pass: limit > 0, judged: limit > 0 ? 'pass' : 'fail',
    })),
    env: { node: process.version, platform: process.platform, wallMs: Date.now() - started, events: 5000 },
  };
}
