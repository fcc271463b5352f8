/** A run on sockets hears that it is to stop, however much there is to do in one turn of the event loop. */
import { expect, test } from 'vitest';
import { BEAT_MS } from '../../src/real/lateness.ts';
import { planFrom } from '../support/plan-from.ts';
import { RealMesh } from '../support/real-mesh.ts';

test('among answers that come all at once, it is asked whether it may go on', async () => {
  const USERS = 300;
  const ANSWER_MS = 2;
  let sinceAsked = 0;
  let mostAtOnce = 0;
  let answers = 0;
  const mesh = await RealMesh.start(
    planFrom({ duration: '60s', services: { web: { latency: '200ms', concurrency: 'unlimited' } }, traffic: [{ to: 'web', users: USERS, thinkTime: '400ms' }] }),
    () => {
      sinceAsked = 0;
      return answers < USERS;
    },
  );
  const { engine } = mesh;
  const attemptDone = engine.attemptDone.bind(engine);
  // An answer that takes as long as it may where many processes want the processor.
  engine.attemptDone = (...answer) => {
    answers++;
    mostAtOnce = Math.max(mostAtOnce, ++sinceAsked);
    for (const until = performance.now() + ANSWER_MS; performance.now() < until;);
    attemptDone(...answer);
  };
  expect(await mesh.over).toBe(false);
  expect(answers).toBeGreaterThanOrEqual(USERS);
  expect(mostAtOnce).toBeLessThanOrEqual(BEAT_MS / ANSWER_MS + 1);
});

test('among what became due while the process stood still, it is asked every so many events', async () => {
  let begunBefore = 0;
  let mostAtOnce = 0;
  const mesh: RealMesh = await RealMesh.start(planFrom({ duration: '1s', services: { web: { latency: '1ms', concurrency: 'unlimited' } }, traffic: [{ to: 'web', rate: '2000/s', arrivals: 'uniform' }] }), () => {
    const begun = mesh.recorded.requests;
    mostAtOnce = Math.max(mostAtOnce, begun - begunBefore);
    begunBefore = begun;
    return begun < 1500;
  });
  await mesh.reaches(1e6);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
  expect(await mesh.over).toBe(false);
  expect(mostAtOnce).toBeLessThanOrEqual(300);
});
