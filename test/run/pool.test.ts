/** Many runs over worker threads. */
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { MetricPlan, Plan } from '../../src/model/plan.ts';
import { replicationSeed } from '../../src/random/replication-seed.ts';
import { type PoolOptions, runMany, type TaskOutcome } from '../../src/run/pool.ts';
import { replicate } from '../../src/run/replicate.ts';
import { simulate } from '../../src/run/run.ts';
import { type Job, replications, type Task, type Want } from '../../src/run/task.ts';
import { planFrom } from '../support/plan-from.ts';
import { temporaryFolder } from '../support/scenario-files.ts';

const folder = temporaryFolder();

const METRICS: MetricPlan[] = [{ metric: 'latency', tags: {}, stat: { kind: 'percentile', p: 0.99 }, unit: 'ns' }];
const COMPACT = { kind: 'metrics', metrics: METRICS } as const;

function planOf(name: string, duration = '2s'): Plan {
  return planFrom({ name, duration, services: { s: { replicas: 2, latency: { exponential: '5ms' } } }, traffic: [{ to: 's', rate: '200/s' }] });
}

const jobOf = (plan: Plan): Job => ({ plan, resolved: { name: plan.name }, sha256: 'abc' });
const job = jobOf(planOf('many'));

function tasks<W extends Want>(count: number, want: W, of: (i: number) => Job = () => job): Task<W>[] {
  return Array.from({ length: count }, (_, i) => ({ job: of(i), seed: replicationSeed(1, i), want }));
}

async function all<W extends Want>(todo: Iterable<Task<W>>, options: PoolOptions): Promise<TaskOutcome<W>[]> {
  const outcomes: TaskOutcome<W>[] = [];
  for await (const outcome of runMany(todo, options)) outcomes.push(outcome);
  return outcomes;
}

/** A worker that ends when it is given the run with that seed, as often as told. */
function mortal(seed: number, deaths: number, how: string): URL {
  const marks = Array.from({ length: deaths }, (_, i) => join(folder, `death-${seed}-${how.length}-${i}`));
  return new URL(`data:text/javascript,${encodeURIComponent(`
    import { existsSync, writeFileSync } from 'node:fs';
    import { parentPort } from 'node:worker_threads';
    const on = parentPort.on.bind(parentPort);
    parentPort.on = (name, hear) => on(name, (order) => {
      const mark = order.seed === ${seed} ? ${JSON.stringify(marks)}.find((path) => !existsSync(path)) : undefined;
      if (mark === undefined) return hear(order);
      writeFileSync(mark, '');
      ${how};
    });
    await import(${JSON.stringify(pathToFileURL(resolve('dist/src/run/worker.js')).href)});
  `)}`);
}

test('gives the same in the same order with one worker and with eight, as without threads', async () => {
  const jobs = [job, jobOf(planOf('other', '1s'))];
  const todo = tasks(12, { kind: 'result' }, (i) => jobs[i % 2]!);
  const lasting = (outcomes: readonly TaskOutcome<{ readonly kind: 'result' }>[]): unknown[] => outcomes.map(({ answer }) => ({ ...answer!, env: null }));
  const one = lasting(await all(todo, { jobs: 1 }));
  expect(lasting(await all(todo, { jobs: 8 }))).toEqual(one);
  expect(one).toEqual(todo.map(({ job: { plan, ...rest }, seed }) => ({ ...simulate(plan, { seed, ...rest }), env: null })));
});

test('a compact answer has the metrics that were wanted', async () => {
  const [outcome] = await all(tasks(1, COMPACT), { jobs: 1 });
  const { totals, digest } = simulate(job.plan);
  expect(outcome!.answer).toMatchObject({ seed: 1, ending: 'complete', work: { requests: totals.requests, attempts: totals.attempts, retries: 0, hedges: 0 }, digest, totals, values: [totals.latencyMs.p99! * 1e6] });
});

test('keeps more jobs than a worker does apart', async () => {
  const jobs = Array.from({ length: 20 }, (_, i) => jobOf(planOf(`plan-${i}`, '100ms')));
  const outcomes = await all(tasks(60, { kind: 'result' }, (i) => jobs[(i * 7) % 20]!), { jobs: 2 });
  expect(outcomes.map(({ answer }) => answer!.scenario.name)).toEqual(outcomes.map(({ task }) => task.job.plan.name));
});

test('takes tasks as it has room, and ends when the reader leaves', async () => {
  let taken = 0;
  const endless = function* (): Generator<Task<typeof COMPACT>> {
    for (;;) yield { job, seed: ++taken, want: COMPACT };
  };
  let read = 0;
  for await (const { answer } of runMany(endless(), { jobs: 2 })) {
    expect(answer!.seed).toBe(++read);
    expect(taken - read).toBeLessThanOrEqual(8);
    if (read === 20) break;
  }
  expect(read).toBe(20);
});

test('a stop ends what is under way at its next event and begins nothing more', async () => {
  const long = jobOf(planOf('long', '100000s'));
  const pool = runMany(tasks(50, { kind: 'result' }, () => long), { jobs: 2 });
  const poll = setInterval(() => {
    if (pool.progress().running.every(({ requests }) => requests > 0) && pool.progress().running.length === 2) pool.stop();
  }, 10);
  const complete: boolean[] = [];
  for await (const { answer } of pool) complete.push(answer!.complete);
  clearInterval(poll);
  expect(complete).toEqual([false, false]);
  expect(pool.progress()).toMatchObject({ ended: 2, running: [] });
  expect(pool.progress().requests).toBeGreaterThan(0);
});

test('a stop in the middle of many replications leaves those that were whole', async () => {
  const pool = runMany(replications(job, 1000, { kind: 'replication' }), { jobs: 2 });
  const { result } = await replicate(job, pool, { count: 1000, precision: null }, ({ count }) => {
    if (count === 5) pool.stop();
  });
  const { complete, reps } = result;
  expect(complete).toBe(false);
  expect(reps.length).toBeGreaterThanOrEqual(5);
  expect(reps.length).toBeLessThan(1000);
  // One that was stopped may have a later one beside it that was over already: whole ones, in their order, perhaps not the first so many.
  const seeds = Array.from({ length: reps.length + 2 }, (_, i) => replicationSeed(1, i));
  const kept = seeds.filter((seed) => reps.some((rep) => rep.seed === seed));
  expect(reps.map(({ seed, totals }) => ({ seed, totals }))).toEqual(kept.map((seed) => ({ seed, totals: simulate(job.plan, { seed }).totals })));
});

describe('a worker that dies', () => {
  test.each([
    ['leaves', 'process.exit(9)', 'code 9'],
    ['throws', 'throw new Error("broken")', 'broken'],
  ])('and %s has its task run again, and nothing else is lost', async (_, how, reason) => {
    const todo = tasks(8, COMPACT);
    const seed = todo[3]!.seed;
    const retried: string[] = [];
    const outcomes = await all(todo, { jobs: 2, program: mortal(seed, 1, how), onRetry: (task, error) => retried.push(`${task.seed}: ${error.message}`) });
    expect(retried).toEqual([expect.stringMatching(new RegExp(`^${seed}: .*${reason}`))]);
    expect(outcomes).toEqual(await all(todo, { jobs: 1 }));
  });

  test('of the same task twice is told, with all others', async () => {
    const todo = tasks(8, COMPACT);
    const outcomes = await all(todo, { jobs: 2, program: mortal(todo[0]!.seed, 2, 'process.exit(9)') });
    expect(outcomes.map(({ answer }) => answer?.seed)).toEqual([undefined, ...todo.slice(1).map(({ seed }) => seed)]);
    expect(outcomes[0]!.error?.message).toContain('code 9');
  });
});

test('seeds of replications differ, begin with the own one, and can be given back as --seed', () => {
  const seeds = Array.from({ length: 1000 }, (_, i) => replicationSeed(42, i));
  expect(seeds[0]).toBe(42);
  expect(new Set(seeds).size).toBe(1000);
  for (const seed of seeds) expect(String(seed)).toMatch(/^\d{1,15}$/);
  expect(replicationSeed(43, 1)).not.toBe(seeds[1]);
});
