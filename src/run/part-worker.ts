/** Entry of the threads of `spread-run.ts`: one part of a real mesh, from its start to what it has counted. */
import { parentPort, workerData } from 'node:worker_threads';
import { MeshError } from '../model/mesh-error.ts';
import { RunCounts } from '../result/counts.ts';
import { tallyDataOf } from '../result/tally.ts';
import { renderedKeysOf } from '../traffic/request-class.ts';
import { raiseInliningBudget } from './inlining.ts';
import { PartBoard } from './part-board.ts';
import type { PartInput, PartMessage, PartOrder, PartReport } from './spread-run.ts';
import { createRealWorld, type Meeting } from './worlds.ts';

// `spread-run.ts` alone starts this file, with exactly this data, in a thread that has a parent.
const { memory, part, plan, seed, timeScale } = workerData as PartInput;
const parent = parentPort!;
const board = new PartBoard(memory);

/** Orders come one at a time, each in answer to a message. */
function ask<Order extends PartOrder>(message: PartMessage): Promise<Order> {
  parent.postMessage(message);
  return new Promise((resolve) => parent.once('message', resolve));
}

const meeting: Meeting = {
  async listens(ports) {
    return (await ask<Extract<PartOrder, { ports: unknown }>>({ ports })).ports;
  },
  async isReady() {
    const { beginsAt } = await ask<Extract<PartOrder, { beginsAt: unknown }>>({ isReady: true });
    parent.postMessage({ hasBegun: true } satisfies PartMessage);
    return beginsAt;
  },
  async isOver(isComplete) {
    await ask({ hasStopped: isComplete || board.mustStop() ? 'over' : 'early' });
  },
};

async function host(): Promise<PartReport> {
  const world = await createRealWorld(plan, seed, renderedKeysOf(plan, seed), timeScale, part);
  const mayGoOn = (): boolean => {
    board.setOpenCalls(part.index, world.engine.calls.live);
    return !board.mustStop();
  };
  await world.run(mayGoOn, meeting);
  world.finish();
  const { events, isFlooded, log, recorder, stations } = world;
  return {
    events, isFlooded,
    tally: tallyDataOf(plan, new RunCounts(plan, recorder, stations, log, world.now)),
    digest: recorder.digestText(),
    series: recorder.series(),
    lateness: world.latenessData(),
    logged: log.events,
    droppedEvents: log.droppedEvents,
  };
}

raiseInliningBudget();
try {
  parent.postMessage({ report: await host() } satisfies PartMessage);
} catch (error) {
  if (!(error instanceof MeshError)) throw error;
  parent.postMessage({ refusal: error.message } satisfies PartMessage);
}
