import { expect, test } from 'vitest';
import { NS_PER_MS } from '../../src/model/units.ts';
import { Alarm } from '../../src/real/alarm.ts';
import { Clock } from '../../src/real/clock.ts';

/** An alarm that is set anew to whatever comes first of `dues`, ms. @returns when each was seen to be due, ms */
function ring(dues: readonly number[]): Promise<number[]> {
  const clock = new Clock(1);
  clock.start(process.hrtime.bigint());
  const waiting = dues.map((ms) => ms * NS_PER_MS);
  const rung: number[] = [];
  return new Promise((resolve) => {
    const alarm = new Alarm(clock, () => {
      while (waiting.length > 0 && Math.min(...waiting) <= clock.now()) rung.push(waiting.splice(waiting.indexOf(Math.min(...waiting)), 1)[0]! / NS_PER_MS);
      if (waiting.length > 0) alarm.set(Math.min(...waiting));
      else resolve(rung);
    });
    // Those set first are the last to come.
    for (const due of [...waiting].sort((a, b) => b - a)) alarm.set(due);
  });
}

test('rings for everything that is due, in its order', async () => {
  const dues = [40, 3.5, 0.2, 17.25, 3.6, 21];
  expect(await ring(dues)).toEqual([...dues].sort((a, b) => a - b));
});

test('an alarm that is cleared does not ring, and keeps nothing alive', async () => {
  const clock = new Clock(1);
  clock.start(process.hrtime.bigint());
  let rings = 0;
  const alarm = new Alarm(clock, () => rings++);
  for (const due of [0.1, 5]) {
    alarm.set(due * NS_PER_MS);
    alarm.clear();
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(rings).toBe(0);
});
