/**
 * A scenario file as the cases of a sweep of faults: values of the file that leave its own faults out, put others in, and ask of each what
 * the file asks of its own.
 */
import type { Plan } from '../model/plan.ts';
import type { Override } from '../scenario/override.ts';
import { FAULT_PHASE, overridesOf, type Part } from './cases.ts';
import type { FaultSweep } from './fault-sweep.ts';
import type { Window } from './window.ts';

export interface ScenarioCasesOptions {
  readonly window: Window;
  /** Thresholds beside those of the file. */
  readonly thresholds: readonly string[];
}

/** What is read of the resolved file. */
interface Resolved {
  readonly traffic: readonly { readonly rate?: unknown }[];
  readonly thresholds: readonly { readonly expr: string; readonly confidence: string }[];
}

export class ScenarioCases {
  readonly own: FaultSweep['own'];
  private readonly plan: Plan;
  private readonly resolved: Resolved;
  private readonly window: Window;
  private readonly thresholds: readonly Override[];

  /** @param resolved  of the file that the plan is of, as `ParsedScenario` has it */
  constructor(plan: Plan, resolved: unknown, { window, thresholds }: ScenarioCasesOptions) {
    this.plan = plan;
    this.resolved = resolved as Resolved; // as the schema writes it
    this.window = window;
    const isOwn = plan.thresholds.map(({ tags }) => tags.phase !== undefined);
    this.own = { faults: plan.faults.map(({ name }) => name), thresholds: plan.thresholds.flatMap(({ expr }, i) => (isOwn[i] ? [expr] : [])) };
    // A run that a threshold cuts short cannot be compared with the others.
    const asked = this.resolved.thresholds.map(({ expr, ...threshold }, i) => ({ ...threshold, abort: false, expr: isOwn[i] ? ofAnyFault(expr) : expr }));
    const written = [...asked.map((threshold) => (threshold.confidence === 'point' ? threshold.expr : threshold)), ...thresholds].map((threshold) => JSON.stringify(threshold));
    const isChanged = isOwn.includes(true) || plan.thresholds.some(({ abort }) => abort !== null) || thresholds.length > 0;
    this.thresholds = isChanged ? [{ path: 'thresholds', value: `[ ${[...new Set(written)].join(', ')} ]` }] : [];
  }

  /** @param parts  none is the case in which nothing breaks */
  overrides(parts: readonly Part[]): Override[] {
    return [...overridesOf(parts, this.window, this.plan, (source) => this.resolved.traffic[source]?.rate != null), ...this.thresholds];
  }
}

/** What has to hold while a fault of the file is on, or after it, has to hold whatever the fault. */
function ofAnyFault(expr: string): string {
  return expr.replace(/\bphase\s*:\s*(after:)?[^,}]*/, (_, after: string | undefined) => `phase:${after ?? ''}${FAULT_PHASE}`);
}
