/** Carries a run out on sockets, in one thread or spread over several. */
import { watchedBy } from '../engine/watch/watched-engine.ts';
import type { Plan } from '../model/plan.ts';
import { refuseCode } from '../own/named-code.ts';
import { renderedKeysOf } from '../traffic/request-class.ts';
import { type Aside, Attendant, type FinishedRun, warm } from './carry-out.ts';
import type { RealMode, RunControl } from './run.ts';
import { SpreadRun, whyNotSpread } from './spread-run.ts';
import { createRealWorld, type RealWorld } from './worlds.ts';

/** @throws MeshError when this machine cannot carry the mesh */
export async function carryOutReal(plan: Plan, seed: number, { timeScale, workers = 0 }: RealMode, control?: RunControl, { tracer, watchers = [] }: Pick<Aside, 'tracer' | 'watchers'> = {}): Promise<FinishedRun> {
  refuseCode(plan, 'runs on sockets take none');
  if (workers > 0) {
    if (watchers.length > 0 || tracer !== undefined) throw new Error('a recording or trace is of one engine, and threads have one each');
    return carryOutSpread(warm(plan), seed, timeScale, workers, control);
  }
  const world = await createRealWorld(warm(plan), seed, renderedKeysOf(plan, seed), timeScale, undefined, watchedBy(tracer === undefined ? watchers : [...watchers, tracer]), tracer?.between);
  tracer?.begins(world);
  const attendant = new Attendant(plan, seed, world, control);
  const isComplete = attendant.mayGoOn() && (await world.run(attendant.mayGoOn));
  tracer?.finish();
  return attendant.finish(isComplete, world.latenessData());
}

async function carryOutSpread(plan: Plan, seed: number, timeScale: number, workers: number, control?: RunControl): Promise<FinishedRun> {
  const obstacle = whyNotSpread(plan);
  if (obstacle !== null) throw new Error(obstacle);
  let world: RealWorld | undefined;
  let lost: Error | undefined;
  const spread = new SpreadRun(plan, seed, timeScale, workers, (cause) => {
    lost ??= cause;
    world?.fail(lost);
  });
  try {
    world = await createRealWorld(plan, seed, renderedKeysOf(plan, seed), timeScale, spread.own);
    const attendant = new Attendant(plan, seed, world, control);
    if (!attendant.mayGoOn()) return attendant.finish(false, world.latenessData());
    const isComplete = await world.run(() => attendant.mayGoOn() && !spread.mustEnd, spread);
    return await spread.joined(attendant.finish(isComplete, world.latenessData()));
  } catch (cause) {
    // What else went wrong is what came of that.
    throw lost ?? cause;
  } finally {
    await spread.end();
  }
}
