/** Carries a run out that has code of somebody else in it, with the clocks and timers of that code in virtual time. */
import { watchedBy } from '../engine/watch/watched-engine.ts';
import type { Plan } from '../model/plan.ts';
import { NS_PER_S } from '../model/units.ts';
import { ownRunOf } from '../own/own-run-of.ts';
import type { OwnPolicies } from '../own/policies.ts';
import { holdVirtualTime } from '../own/virtual-time.ts';
import { renderedKeysOf } from '../traffic/request-class.ts';
import { type Aside, Attendant, carryOut, EVENTS_PER_LOOK, type FinishedRun, warm } from './carry-out.ts';
import type { RunControl } from './run.ts';
import { createSimWorld, type World } from './worlds.ts';

/** As `carryOut`, which it is where the plan names no code. */
export function carryOutOwn(policies: OwnPolicies, plan: Plan, seed: number, control?: RunControl, aside: Aside = {}): FinishedRun {
  const own = ownRunOf(plan, seed, policies, false);
  if (own === null) return carryOut(plan, seed, control, aside);
  const release = holdVirtualTime();
  try {
    return carryOut(plan, seed, control, { ...aside, own });
  } finally {
    release();
  }
}

/** As `carryOutOwn`, stopping between events for code that is asynchronous. */
export async function carryOutWaiting(policies: OwnPolicies, plan: Plan, seed: number, control?: RunControl, { latencies, watchers = [] }: Pick<Aside, 'latencies' | 'watchers'> = {}): Promise<FinishedRun> {
  const own = ownRunOf(plan, seed, policies, true);
  if (own === null) return carryOut(plan, seed, control, { ...(latencies === undefined ? {} : { latencies }), watchers });
  const release = holdVirtualTime();
  try {
    const world = createSimWorld(warm(plan), seed, renderedKeysOf(plan, seed), watchedBy(watchers, own.code));
    own.attach(world);
    world.recorder.latencies = latencies ?? null;
    const attendant = new Attendant(plan, seed, world, control);
    const look = every(EVENTS_PER_LOOK, world, attendant.mayGoOn);
    let isComplete = false;
    if (attendant.mayGoOn()) {
      world.start((handle) => own.woken(handle));
      await own.begin();
      do {
        await own.settle();
        isComplete = world.goOn(() => !own.isAwake && look());
      } while (!isComplete && own.isAwake);
    }
    if (isComplete) own.end();
    return attendant.finish(isComplete, null);
  } finally {
    release();
  }
}

/** Asked after each event: `mayGoOn` after so many of them, and whenever a second of the run has passed, for thresholds that may end it. */
function every(events: number, world: World, mayGoOn: () => boolean): () => boolean {
  let left = events;
  let second = 0;
  return () => {
    const now = Math.floor(world.now / NS_PER_S);
    if (--left > 0 && now === second) return true;
    left = events;
    second = now;
    return mayGoOn();
  };
}
