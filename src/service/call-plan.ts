/** The calls that the endpoints of each service make, flattened into columns: steps, and the call sites of each step. */
import type { Plan } from '../model/plan.ts';

export class CallPlans {
  /** Steps of service s: `firstStep[s] .. firstStep[s + 1]`. */
  readonly firstStep: Int32Array;
  /** Sites of step k: `firstSite[k] .. firstSite[k + 1]`. */
  readonly firstSite: Int32Array;
  readonly edge: Int32Array;
  readonly probability: Float64Array;
  readonly optional: Uint8Array;
  readonly times: Int32Array;

  constructor(plan: Plan) {
    const steps = plan.services.flatMap((service) => service.calls);
    const sites = steps.flatMap((step) => step.calls);
    this.firstStep = offsetsOf(plan.services.map((service) => service.calls.length));
    this.firstSite = offsetsOf(steps.map((step) => step.calls.length));
    this.edge = Int32Array.from(sites, (site) => site.edge);
    this.probability = Float64Array.from(sites, (site) => site.probability);
    this.optional = Uint8Array.from(sites, (site) => (site.optional ? 1 : 0));
    this.times = Int32Array.from(sites, (site) => site.times);
  }
}

function offsetsOf(lengths: readonly number[]): Int32Array {
  const offsets = new Int32Array(lengths.length + 1);
  for (const [i, length] of lengths.entries()) offsets[i + 1] = offsets[i]! + length;
  return offsets;
}
