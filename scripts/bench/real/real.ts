/**
 * `npm run bench -- real`: what the mesh of sockets can do on this machine.
 *
 *     npm run bench -- real [--rounds 5] [--seconds 1.5]
 *
 * Candidates call the same servers, which have a process of their own. They take turns within each round, so that what else the
 * machine does is common to all of them, and are compared by the median of the ratios of a round, and by their best rounds, which others
 * disturbed least. How far apart the rounds of one candidate are is shown as noise.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { median } from 'simple-statistics';
import type { Ports } from '../../../src/real/part.ts';
import type { Order } from './client.ts';
import { startHaproxy } from './haproxy.ts';
import type { Measured } from './measured.ts';
import { type Added, OPEN_LOOP, addedAt } from './open-loop.ts';
import { type Precision, TIMERS, precisionOf } from './timers.ts';

interface Candidate {
  readonly name: string;
  measure(inFlight: number): Promise<Measured>;
}

const MANY = 32;
const HOPS_PER_SECOND = [1000, 2000, 4000, 8000, 12_000];

export async function benchReal(rounds: number, seconds: number): Promise<void> {
  const children: ChildProcess[] = [];
  const start = (file: string, words: readonly string[]): ChildProcess => {
    const child = fork(new URL(file, import.meta.url), words);
    children.push(child);
    return child;
  };
  const candidate = (name: string, client: 'bare' | 'engine', ports: readonly number[]): Candidate => {
    const child = start('./client.js', [client, ...ports.map(String)]);
    return {
      name,
      measure(inFlight) {
        const order: Order = { inFlight, seconds };
        child.send(order);
        return said<Measured>(child);
      },
    };
  };
  try {
    const { http1: ports } = await said<Ports>(start('./origin.js', []));
    const { http1: proxied } = await said<Ports>(start('./reply-from.js', ports.map(String)));
    const haproxy = await startHaproxy(ports);
    if (haproxy === null) console.log('HAProxy is not installed: left out');
    else children.push(haproxy.process);
    const candidates = [
      candidate('undici, bare', 'bare', ports),
      candidate('meshsim', 'engine', ports),
      candidate('@fastify/reply-from', 'bare', proxied),
      ...(haproxy === null ? [] : [candidate('HAProxy', 'bare', [haproxy.port])]),
    ];
    console.log(throughputTable(await inTurn(candidates, rounds, ({ measure }) => measure(MANY))));
    console.log(latencyTable(await inTurn(candidates, rounds, ({ measure }) => measure(1))));
  } finally {
    for (const child of children) child.kill();
  }
  const sweep = HOPS_PER_SECOND.map((hops) => ({ name: hops.toLocaleString('en'), hops }));
  console.log(openLoopTable(await inTurn(sweep, rounds, ({ hops }) => addedAt(hops, 2 * seconds))));
  const timers = Object.entries(TIMERS).map(([name, make]) => ({ name, make }));
  console.log(timerTable(await inTurn(timers, rounds, ({ make }) => precisionOf(make()))));
}

/** The next that a child of ours says, which is always of one kind. */
async function said<Message>(child: ChildProcess): Promise<Message> {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  child.once('exit', end);
  try {
    const [message] = (await once(child, 'message', { signal: ended.signal })) as [Message];
    return message;
  } finally {
    child.off('exit', end);
  }
}

/** By candidate, its rounds. */
type Rounds<Value> = ReadonlyMap<string, readonly Value[]>;

async function inTurn<Item extends { readonly name: string }, Value>(items: readonly Item[], rounds: number, measure: (item: Item) => Promise<Value>): Promise<Rounds<Value>> {
  const results = new Map(items.map(({ name }) => [name, [] as Value[]]));
  // The first round compiles.
  for (let round = 0; round <= rounds; round++) {
    for (const item of items) {
      const value = await measure(item);
      if (round > 0) results.get(item.name)!.push(value);
    }
  }
  return results;
}

function throughputTable(results: Rounds<Measured>): string {
  const [base] = results.values();
  const ratesOf = (runs: readonly Measured[]): number[] => runs.map(({ requestsPerSecond }) => requestsPerSecond);
  return table(`calls, ${MANY} at once`, ['calls/s', 'ratio', 'noise', 'best', 'ratio', 'client us'], results, (runs) => {
    const rates = ratesOf(runs);
    const best = Math.max(...rates);
    return [median(rates).toFixed(0), ratio(rates, ratesOf(base!)), noise(rates), best.toFixed(0), (best / Math.max(...ratesOf(base!))).toFixed(2), Math.min(...runs.map(({ cpuUs }) => cpuUs)).toFixed(1)];
  });
}

function latencyTable(results: Rounds<Measured>): string {
  const [base] = results.values();
  return table('calls, one at a time', ['p50 us', 'added', 'p99 us', 'added', 'best p99', 'added'], results, (runs) => {
    const us = (pick: (run: Measured) => number): string[] => [(1000 * median(runs.map(pick))).toFixed(0), (1000 * median(runs.map((run, i) => pick(run) - pick(base![i]!)))).toFixed(0)];
    const bestOf = (of: readonly Measured[]): number => 1000 * Math.min(...of.map(({ p99Ms }) => p99Ms));
    return [...us((run) => run.p50Ms), ...us((run) => run.p99Ms), bestOf(runs).toFixed(0), (bestOf(runs) - bestOf(base!)).toFixed(0)];
  });
}

function openLoopTable(results: Rounds<Added | null>): string {
  return table(`${OPEN_LOOP}, hops/s`, ['added p50', 'added p99', 'best p99', 'late p99', 'lag p99', 'cpu', 'overrun'], results, (rounds) => {
    const runs = rounds.filter((run) => run !== null);
    const overrun = `${rounds.length - runs.length} of ${rounds.length}`;
    if (runs.length === 0) return ['-', '-', '-', '-', '-', '-', overrun];
    const ms = (pick: (run: Added) => number): string => `${median(runs.map(pick)).toFixed(2)} ms`;
    return [
      ms((run) => run.p50Ms), ms((run) => run.p99Ms), `${Math.min(...runs.map(({ p99Ms }) => p99Ms)).toFixed(2)} ms`,
      ms((run) => run.latenessP99Ms), ms((run) => run.lagP99Ms), percent(median(runs.map(({ cpuShare }) => cpuShare))), overrun,
    ];
  });
}

function timerTable(results: Rounds<Precision>): string {
  return table('timers, 1 to 20 ms', ['earliest us', 'p50 us', 'p99 us', 'cpu us'], results, (runs) =>
    (['minUs', 'p50Us', 'p99Us', 'cpuUs'] as const).map((name) => median(runs.map((run) => run[name])).toFixed(0)));
}

function table<Value>(title: string, heads: readonly string[], results: Rounds<Value>, cells: (runs: readonly Value[]) => string[]): string {
  const line = (name: string, row: readonly string[]): string => name.padEnd(52) + row.map((cell) => cell.padStart(12)).join('');
  return `\n${[line(title, heads), ...[...results].map(([name, runs]) => line(name, cells(runs)))].join('\n')}`;
}

/** Median of the ratios of each round. */
function ratio(of: readonly number[], to: readonly number[]): string {
  return median(of.map((value, round) => value / to[round]!)).toFixed(2);
}

/** How far the rounds are apart. */
function noise(values: readonly number[]): string {
  return percent((Math.max(...values) - Math.min(...values)) / median([...values]));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
