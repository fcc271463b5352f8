/**
 * A real mesh over several threads: the sources of requests are in this one, the endpoints in those that are started here. See
 * `real/part.ts` for what a part is.
 *
 * The parts go in step: each tells its ports and hears all, opens its sockets and hears when to begin, stops and hears that all have. The
 * run is over when no part has a call open; then what each has counted is added up. Every caller and every endpoint is in
 * one part, so sums are what one thread would have counted.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { MeshError } from '../model/mesh-error.ts';
import type { Plan } from '../model/plan.ts';
import { digestOfAll } from '../result/digest.ts';
import { type LatenessData, mergedLateness } from '../result/lateness.ts';
import { RunMeasurements } from '../result/selections.ts';
import { type SeriesData, SeriesSum } from '../result/series.ts';
import { Reading } from '../result/step-reading.ts';
import { Tally, tallyDataOf } from '../result/tally.ts';
import type { FinishedRun } from './carry-out.ts';
import { PartBoard } from './part-board.ts';
import type { Replication } from './replication.ts';
import type { Meeting, Part, Ports } from './worlds.ts';

export interface PartInput {
  readonly plan: Plan;
  readonly seed: number;
  readonly timeScale: number;
  readonly part: Part;
  readonly memory: SharedArrayBuffer;
}

/** From a part, in this order. */
export type PartMessage =
  | { readonly ports: Ports }
  | { readonly isReady: true }
  | { readonly hasBegun: true }
  | { readonly hasStopped: 'over' | 'early' }
  | { readonly report: PartReport }
  /** In place of any of them: this machine cannot carry it. */
  | { readonly refusal: string };

export type PartReport = Pick<Replication, 'digest' | 'droppedEvents' | 'events' | 'logged' | 'series' | 'tally'> & { readonly isFlooded: boolean; readonly lateness: LatenessData };

/** To a part, in answer to the first, the second and the fourth. */
export type PartOrder = { readonly ports: Ports } | { readonly beginsAt: bigint } | { readonly close: true };

/** Between two looks at whether the other parts are done, ms. */
const LOOK_MS = 5;

/** Why a run of the plan cannot be spread over threads; null when it can. */
export function whyNotSpread({ thresholds }: Plan): string | null {
  const early = thresholds.find(({ abort }) => abort !== null);
  return early === undefined ? null : `the threshold \`${early.expr}\` may end the run, but what is counted in several threads is only added up when it is over`;
}

export class SpreadRun implements Meeting {
  /** Which part this thread is. */
  readonly own: Part;
  private readonly board: PartBoard;
  private readonly threads: readonly Thread[];

  /**
   * @param workers  threads beside this one, at least 1
   * @param onLost   hears of a part that cannot go on
   */
  constructor(plan: Plan, seed: number, timeScale: number, workers: number, onLost: (cause: Error) => void) {
    const parts = workers + 1;
    this.own = { index: 0, parts };
    this.board = PartBoard.of(parts);
    this.threads = Array.from({ length: workers }, (_, i) => new Thread({ plan, seed, timeScale, part: { index: i + 1, parts }, memory: this.board.memory }, onLost));
  }

  /** A part has stopped before its time, so the run has to end. */
  get mustEnd(): boolean {
    return this.threads.some(({ hasStoppedEarly }) => hasStoppedEarly);
  }

  async listens(own: Ports): Promise<Ports> {
    const all = [own, ...(await this.heard('ports'))];
    // Each endpoint has a port in one part and 0 in the others.
    const joined = (version: keyof Ports): number[] => own[version].map((_, endpoint) => Math.max(...all.map((ports) => ports[version][endpoint]!)));
    const ports = { http1: joined('http1'), http2: joined('http2') };
    this.say({ ports });
    return ports;
  }

  async isReady(): Promise<bigint> {
    await this.heard('isReady');
    const beginsAt = process.hrtime.bigint();
    this.say({ beginsAt });
    // A request must not come where time has not begun.
    await this.heard('hasBegun');
    return beginsAt;
  }

  async isOver(isComplete: boolean): Promise<void> {
    if (isComplete) await this.areSettled();
    this.board.askToStop();
    await this.heard('hasStopped');
    this.say({ close: true });
  }

  /** What all parts have counted. */
  async joined(own: FinishedRun): Promise<FinishedRun> {
    const { plan, world } = own;
    const reports = await this.heard('report');
    const tally = new Tally(plan);
    tally.add(tallyDataOf(plan, own.counts));
    // The same time has passed for all of them.
    for (const { tally: counts } of reports) tally.add({ ...counts, segmentNs: counts.segmentNs.map(() => 0) });
    const series = new SeriesSum(own.series);
    for (const report of reports) series.add(withoutTime(report.series));
    const sum = (of: 'droppedEvents' | 'events'): number => reports.reduce((total, report) => total + report[of], 0);
    return {
      ...own,
      counts: tally,
      measurements: new RunMeasurements(plan, tally),
      series: series.data(),
      lateness: reports.reduce<LatenessData | null>((lateness, report) => (lateness === null ? report.lateness : mergedLateness(lateness, report.lateness)), own.lateness),
      digest: digestOfAll([own.digest, ...reports.map(({ digest }) => digest)]),
      ending: reports.some(({ isFlooded }) => isFlooded) ? 'flooded' : own.ending,
      world: {
        now: world.now,
        queued: world.queued,
        faults: world.faults,
        lateAnswers: world.lateAnswers,
        events: world.events + sum('events'),
        log: { events: [...world.log.events, ...reports.flatMap(({ logged }) => logged)], droppedEvents: world.log.droppedEvents + sum('droppedEvents') },
      },
    };
  }

  /** End the threads, whatever they are at. */
  async end(): Promise<void> {
    await Promise.all(this.threads.map(({ worker }) => worker.terminate()));
  }

  /** Work that nobody waits for may have calls of its own; at the end of the drain a part gives up by itself. */
  private async areSettled(): Promise<void> {
    while (this.threads.some(({ hasSaidMore, part }) => !hasSaidMore && this.board.openCalls(part.index) > 0)) await sleep(LOOK_MS);
  }

  private say(order: PartOrder): void {
    for (const { worker } of this.threads) worker.postMessage(order);
  }

  /** The next message of each part, which is of this kind. */
  private async heard<Kind extends MessageKind>(kind: Kind): Promise<MessageOf<Kind>[]> {
    const messages = await Promise.all(this.threads.map((thread) => thread.next()));
    return messages.map((message) => (message as unknown as Record<Kind, MessageOf<Kind>>)[kind]); // parts go in step
  }
}

/** The same time has passed for all parts, and they are one run. */
function withoutTime(series: SeriesData): SeriesData {
  return { ...series, readings: series.readings.map((row) => row.map((value, place) => (place === Reading.time || place === Reading.runs ? 0 : value))) };
}

type MessageKind = 'ports' | 'isReady' | 'hasBegun' | 'hasStopped' | 'report';
type MessageOf<Kind extends MessageKind> = Extract<PartMessage, Record<Kind, unknown>>[Kind];

/** A thread that hosts a part. */
class Thread {
  readonly part: Part;
  readonly worker: Worker;
  private readonly unread: PartMessage[] = [];
  private waiting: { readonly resolve: (message: PartMessage) => void; readonly reject: (cause: Error) => void } | null = null;
  private lost: Error | null = null;

  constructor(input: PartInput, onLost: (cause: Error) => void) {
    this.part = input.part;
    this.worker = new Worker(new URL(`./part-worker${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url), { workerData: input });
    const lose = (cause: Error): void => {
      this.lost ??= cause;
      this.waiting?.reject(this.lost);
      onLost(this.lost);
    };
    this.worker.on('message', (message: PartMessage) => {
      if ('refusal' in message) lose(new MeshError(message.refusal));
      else if (this.waiting === null) this.unread.push(message);
      else {
        this.waiting.resolve(message);
        this.waiting = null;
      }
    });
    this.worker.once('error', (cause: Error) => lose(cause));
    this.worker.once('exit', (code) => {
      if (code !== 0) lose(new Error(`a thread of the mesh ended with code ${code}`));
    });
  }

  get hasSaidMore(): boolean {
    return this.unread.length > 0;
  }

  get hasStoppedEarly(): boolean {
    const [message] = this.unread;
    return message !== undefined && 'hasStopped' in message && message.hasStopped === 'early';
  }

  next(): Promise<PartMessage> {
    const message = this.unread.shift();
    if (message !== undefined) return Promise.resolve(message);
    if (this.lost !== null) return Promise.reject(this.lost);
    return new Promise((resolve, reject) => (this.waiting = { resolve, reject }));
  }
}
