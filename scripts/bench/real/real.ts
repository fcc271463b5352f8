/**
 * `npm run bench -- real`: what the mesh of sockets can do on this machine.
 *
 *     npm run bench -- real [--rounds 5] [--seconds 1.5]
 *
 * Candidates call the same servers, which have a process of their own. They take turns within each round, so that what else the
 * machine does is common to all of them, and are compared by the median of the ratios of a round. How far apart the
 * rounds of one candidate are is shown as noise.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { median } from 'simple-statistics';
import type { Ports } from '../../../src/real/part.ts';
import { BareClient } from './bare-client.ts';
import { throughEngine } from './engine-client.ts';
import { startHaproxy } from './haproxy.ts';
import type { Measured } from './measured.ts';
import { type Added, OPEN_LOOP, addedAt } from './open-loop.ts';
import { type Precision, TIMERS, precisionOf } from './timers.ts';

interface Candidate {
  readonly name: string;
  measure(inFlight: number, seconds: number): Promise<Measured>;
}

const MANY = 32;
const HOPS_PER_SECOND = [1000, 2000, 4000, 8000, 12_000];

export async function benchReal(rounds: number, seconds: number): Promise<void> {
  const children: ChildProcess[] = [];
  const clients: BareClient[] = [];
  const start = async (file: string, ...words: string[]): Promise<Ports> => {
    const child = fork(new URL(file, import.meta.url), words);
    children.push(child);
    // Each of ours says where it listens, and nothing else.
    const [ports] = (await once(child, 'message')) as [Ports];
    return ports;
  };
  const bare = (name: string, ports: readonly number[]): Candidate => {
    const client = new BareClient(ports);
    clients.push(client);
    return { name, measure: (inFlight, for_) => client.measure(inFlight, for_) };
  };
  try {
    const origin = await start('./origin.js');
    const words = origin.http1.map(String);
    const haproxy = await startHaproxy(origin.http1);
    if (haproxy !== null) children.push(haproxy.process);
    const candidates: Candidate[] = [
      bare('undici, bare', origin.http1),
      { name: 'meshsim', measure: (inFlight, for_) => throughEngine(origin, inFlight, for_) },
      bare('@fastify/reply-from', (await start('./reply-from.js', ...words)).http1),
      ...(haproxy === null ? [] : [bare('HAProxy', [haproxy.port])]),
    ];
    if (haproxy === null) console.log('HAProxy is not installed: left out');
    console.log(throughputTable(await inTurn(candidates, rounds, (candidate) => candidate.measure(MANY, seconds))));
    console.log(latencyTable(await inTurn(candidates, rounds, (candidate) => candidate.measure(1, seconds))));
  } finally {
    await Promise.all(clients.map((client) => client.close()));
    for (const child of children) child.kill();
  }
  console.log(openLoopTable(await inTurn(HOPS_PER_SECOND.map((hops) => ({ name: hops.toLocaleString('en'), hops })), rounds, ({ hops }) => addedAt(hops, 2 * seconds))));
  console.log(timerTable(await inTurn(Object.entries(TIMERS).map(([name, make]) => ({ name, make })), rounds, ({ make }) => precisionOf(make()))));
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
  return table(`calls, ${MANY} at once`, ['calls/s', 'ratio', 'noise', 'client us', 'ratio'], results, (runs) => {
    const rates = runs.map(({ requestsPerSecond }) => requestsPerSecond);
    return [
      median(rates).toFixed(0),
      ratio(rates, base!.map(({ requestsPerSecond }) => requestsPerSecond)),
      noise(rates),
      median(runs.map(({ cpuUs }) => cpuUs)).toFixed(1),
      ratio(base!.map(({ cpuUs }) => cpuUs), runs.map(({ cpuUs }) => cpuUs)),
    ];
  });
}

function latencyTable(results: Rounds<Measured>): string {
  const [base] = results.values();
  return table('calls, one at a time', ['p50 us', 'p99 us', 'added p50', 'added p99', 'noise'], results, (runs) => {
    const us = (pick: (run: Measured) => number): string => (1000 * median(runs.map(pick))).toFixed(0);
    const added = (pick: (run: Measured) => number): string => (1000 * median(runs.map((run, i) => pick(run) - pick(base![i]!)))).toFixed(0);
    return [us((run) => run.p50Ms), us((run) => run.p99Ms), added((run) => run.p50Ms), added((run) => run.p99Ms), noise(runs.map(({ p50Ms }) => p50Ms))];
  });
}

function openLoopTable(results: Rounds<Added>): string {
  return table(`${OPEN_LOOP}, hops/s`, ['added p50', 'added p99', 'best p99', 'late p99', 'lag p99', 'cpu'], results, (runs) => {
    const ms = (pick: (run: Added) => number): string => `${median(runs.map(pick)).toFixed(2)} ms`;
    return [
      ms((run) => run.p50Ms), ms((run) => run.p99Ms), `${Math.min(...runs.map(({ p99Ms }) => p99Ms)).toFixed(2)} ms`,
      ms((run) => run.latenessP99Ms), ms((run) => run.lagP99Ms), `${(100 * median(runs.map(({ cpuShare }) => cpuShare))).toFixed(0)} %`,
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
  return `${((100 * (Math.max(...values) - Math.min(...values))) / median([...values])).toFixed(0)} %`;
}
