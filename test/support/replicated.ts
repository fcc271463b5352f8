/** Sides of a comparison, run on this thread. */
import type { Side } from '../../src/compare/side.ts';
import type { Plan } from '../../src/model/plan.ts';
import { msOf } from '../../src/model/units.ts';
import { VERSION } from '../../src/model/version.ts';
import { carryOut } from '../../src/run/carry-out.ts';
import { answerOf } from '../../src/run/perform.ts';

export function replicated(label: string, plan: Plan, seeds: readonly number[]): Side {
  const job = { plan, resolved: null, sha256: '' };
  return {
    label, scenario: plan.name, sha256: '', meshsim: VERSION, seed: seeds[0]!, durationMs: msOf(plan.durationNs), warmupMs: msOf(plan.warmupNs),
    replications: seeds.map((seed) => answerOf(carryOut(plan, seed), { job, seed, want: { kind: 'sample' } }).sample),
  };
}

/** `count` seeds that no other `block` has. */
export function seedBlock(block: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => 1_000_000 + block * count + i);
}
