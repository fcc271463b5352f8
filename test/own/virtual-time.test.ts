import { createRequire } from 'node:module';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { WrapperFactory } from '../../src/index.ts';
import { EPOCH_MS, holdVirtualTime } from '../../src/own/virtual-time.ts';
import { line, plainly, runWaiting, sleep } from './support.ts';

const timers = createRequire(import.meta.url)('node:timers') as typeof import('node:timers');
const hrtime = process.hrtime;
const globals = (): unknown[] => [
  globalThis.Date, Date.now, Math.random, performance.now, setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate,
  process.hrtime, process.hrtime.bigint, AbortSignal.timeout, timers.setTimeout, timers.setImmediate, sleepFor,
];
const before = globals();

afterEach(() => expect(globals()).toEqual(before));

/** What code does at the only request of a run, which comes at 1 s. */
async function during(act: () => unknown): Promise<void> {
  let failure: unknown;
  const acting: WrapperFactory = () => ({
    call: async (attempt) => {
      try {
        await act();
      } catch (thrown) {
        failure = thrown;
      }
      return attempt();
    },
  });
  const { totals } = await runWaiting(line({ every: '1000ms', duration: '1500ms', policy: { wrapper: 'ours' } }), { wrappers: { ours: acting } });
  if (failure !== undefined) throw failure;
  expect(totals.ok).toBe(1);
}

const nowMs = (): number => Date.now() - EPOCH_MS;

describe('inside a run', () => {
  it('every clock is that of the run', () =>
    during(async () => {
      expect(nowMs()).toBe(1000);
      expect(new Date().toISOString()).toBe('2020-01-01T00:00:01.000Z');
      expect(new Date(5).getTime()).toBe(5);
      expect(new Date()).toBeInstanceOf(Date);
      expect(Date()).toContain('2020');
      expect(performance.now()).toBe(1000);
      expect(process.hrtime.bigint()).toBe(1_000_000_000n);
      const began = process.hrtime();
      await sleep(1500);
      expect(process.hrtime(began)).toEqual([1, 500_000_000]);
    }));

  it('timers fire when they are due, in the order in which they were set', () =>
    during(async () => {
      const fired: string[] = [];
      const note = (what: string): void => {
        fired.push(`${nowMs()} ${what}`);
      };
      setTimeout(note, 20, 'b');
      setTimeout(note, 10, 'a');
      setTimeout(note, 20, 'c');
      // Below 1 ms, and beyond what Node can count: 1 ms. Parts of a millisecond are cut off.
      setTimeout(note, 0, 'zero');
      setTimeout(note, 2 ** 31, 'endless');
      setTimeout(note, 2.9, 'two');
      setImmediate(note, 'at once');
      Promise.resolve().then(() => note('microtask'));
      process.nextTick(note, 'tick');
      await sleep(30);
      expect(fired).toEqual(['1000 microtask', '1000 tick', '1000 at once', '1001 zero', '1001 endless', '1002 two', '1010 a', '1020 b', '1020 c']);
    }));

  it('timers behave as those of Node', () =>
    during(async () => {
      const fired: number[] = [];
      const note = (): void => {
        fired.push(nowMs());
      };
      const cleared = setTimeout(note, 5);
      clearTimeout(cleared);
      const byNumber = setTimeout(note, 5);
      clearTimeout(Number(byNumber));
      const refreshed = setTimeout(note, 10);
      setTimeout(() => refreshed.refresh(), 5);
      const interval = setInterval(() => {
        note();
        if (fired.length === 4) clearInterval(interval);
      }, 7);
      expect(refreshed.unref().hasRef()).toBe(false);
      expect(refreshed.ref().hasRef()).toBe(true);
      expect(() => setTimeout(undefined as unknown as () => void, 5)).toThrow(TypeError);
      clearTimeout(undefined);
      await sleep(100);
      expect(fired).toEqual([1007, 1014, 1015, 1021]);
    }));

  it('promises of timers wait in virtual time', () =>
    during(async () => {
      await sleepFor(50);
      expect(nowMs()).toBe(1050);
      expect(await sleepFor(10, 'value')).toBe('value');
      await promisify(setTimeout)(10);
      await timers.promises.scheduler.wait(10);
      expect(nowMs()).toBe(1080);
      await expect(sleepFor(1e6, null, { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({ name: 'AbortError', cause: { name: 'TimeoutError' } });
      expect(nowMs()).toBe(1100);
    }));

  it('chance is drawn from the seed', async () => {
    const drawn: number[] = [];
    for (let i = 0; i < 2; i++) await during(() => drawn.push(Math.random()));
    expect(drawn[0]).toBe(drawn[1]);
    expect(drawn[0]).toBeGreaterThan(0);
  });
});

describe('outside of a run', () => {
  it('time is real, also while one goes on', async () => {
    const seen: Date[] = [];
    let goesOn = true;
    const watch = (): void => {
      seen.push(new Date(), new Date(Date.now()));
      if (goesOn) setTimeout(watch, 1);
    };
    watch();
    await runWaiting(line({ every: '1ms', duration: '5s', policy: { wrapper: 'ours' } }), { wrappers: { ours: plainly } });
    goesOn = false;
    expect(seen.length).toBeGreaterThan(4);
    for (const date of seen) expect(date.getTime()).toBeGreaterThan(EPOCH_MS + 5 * 365 * 86_400_000);
    await sleep(2);
  });

  it('everything is what it was after code has failed', async () => {
    await expect(during(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const failing: WrapperFactory = () => {
      throw new Error('unmade');
    };
    await expect(runWaiting(line({ policy: { wrapper: 'ours' } }), { wrappers: { ours: failing } })).rejects.toThrow('unmade');
    expect(process.hrtime).toBe(hrtime);
  });

  it('what others put in place meanwhile stays', () => {
    const release = holdVirtualTime();
    const real = before[2] as typeof Math.random;
    const theirs = (): number => 0.5;
    Math.random = theirs;
    release();
    release();
    expect(Math.random).toBe(theirs);
    Math.random = real;
  });
});
