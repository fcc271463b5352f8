import type { ThresholdPlan } from './plan.ts';

/** Whether a value keeps a limit. */
export function holds(value: number, op: ThresholdPlan['op'], limit: number): boolean {
  switch (op) {
    case '<': return value < limit;
    case '<=': return value <= limit;
    case '>': return value > limit;
    case '>=': return value >= limit;
    case '==': return value === limit;
    case '!=': return value !== limit;
    default: return op satisfies never;
  }
}
