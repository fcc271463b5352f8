/** The only place that knows which worlds there are. */
import { SimWorld } from '../../sim/world.ts';
import type { Plan } from '../model/plan.ts';

const worlds = {
  sim: (plan: Plan, seed: number, renderedKeys: RenderedKeys): SimWorld => new SimWorld(plan, seed, renderedKeys),
} as const;

/** By source and class: some rendered values of its hash key, where that is a template. */
type RenderedKeys = readonly (readonly (readonly string[])[])[];

export function createWorld(mode: keyof typeof worlds, plan: Plan, seed: number, renderedKeys: RenderedKeys): SimWorld {
  return worlds[mode](plan, seed, renderedKeys);
}

export type World = ReturnType<typeof createWorld>;
