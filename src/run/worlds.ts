/** The only place that knows which worlds there are. */
import { SimWorld } from '../../sim/world.ts';
import type { EngineMaker } from '../engine/engine.ts';
import type { Plan } from '../model/plan.ts';
import type { Audience, OpenWorld } from '../real/open-world.ts';
import type { Part } from '../real/part.ts';
import type { RealWorld } from '../real/world.ts';
import type { StationPort } from '../service/station.ts';
import type { RenderedKeys } from '../world/demand.ts';

export type { Audience, OpenWorld, Visit, VisitEnding } from '../real/open-world.ts';
export type { World } from '../world/world.ts';
export type { Meeting, Part, Ports } from '../real/part.ts';
export type { RealWorld } from '../real/world.ts';

export function createSimWorld(plan: Plan, seed: number, renderedKeys: RenderedKeys, makeEngine?: EngineMaker, between?: (world: StationPort) => StationPort): SimWorld {
  return new SimWorld(plan, seed, renderedKeys, makeEngine, between);
}

/** Loaded when it is asked for: its HTTP client takes 0.1 s and more. */
export async function createRealWorld(plan: Plan, seed: number, renderedKeys: RenderedKeys, timeScale: number, part?: Part, makeEngine?: EngineMaker, between?: (world: StationPort) => StationPort): Promise<RealWorld> {
  const { RealWorld } = await import('../real/world.ts');
  return new RealWorld(plan, seed, renderedKeys, timeScale, part, makeEngine, between);
}

/** A mesh of sockets that anybody can call. */
export async function createOpenWorld(plan: Plan, seed: number, renderedKeys: RenderedKeys, audience: Audience): Promise<OpenWorld> {
  const { OpenWorld } = await import('../real/open-world.ts');
  return new OpenWorld(plan, seed, renderedKeys, audience);
}
