/** The servers that every candidate calls: the endpoints of the closed loop, in a process of their own. Says where they listen. */
import { ALONE, type Meeting } from '../../../src/real/part.ts';
import { RealWorld } from '../../../src/real/world.ts';
import { closedLoop } from './mesh.ts';

/** Longer than any measurement. */
const SECONDS = 36_000;

const plan = closedLoop(1, SECONDS);
const meeting: Meeting = {
  ...ALONE,
  listens(own) {
    process.send?.(own);
    return ALONE.listens(own);
  },
};
process.on('disconnect', () => process.exit());
await new RealWorld(plan, plan.seed, [], 1, { index: 1, parts: 2 }).run(() => true, meeting);
