/**
 * What holds in every run, whatever the scenario (validation.md 2). `watch` runs a plan and keeps books of its own
 * beside the simulator's, at the ports between world, engine and stations; `violationsOf` compares the
 * two and what a result says. An empty list is a pass, so that a property failure prints what broke.
 */
import type { SimWorld } from '../../sim/world.ts';
import { TimerKind, kindOf } from '../../src/engine/timers.ts';
import { Condition } from '../../src/fault/conditions.ts';
import { figuresAddUp, servicesInSplits } from '../../src/invariant/figures.ts';
import { leftIn } from '../../src/invariant/leftovers.ts';
import type { EdgePlan, Plan, ServicePlan } from '../../src/model/plan.ts';
import type { Metrics, Result } from '../../src/result/result.ts';
import { simulate } from '../../src/run/run.ts';
import { createSimWorld } from '../../src/run/worlds.ts';
import { renderedKeysOf } from '../../src/traffic/request-class.ts';

export function newWorld(plan: Plan, seed: number = plan.seed): SimWorld {
  return createSimWorld(plan, seed, renderedKeysOf(plan, seed));
}

/**
 * Everything that is wrong with a run of the plan, in words.
 * @param result  of a run that nobody watched
 */
export function violationsOf(plan: Plan, seed: number = plan.seed, result: Result = simulate(plan, { seed })): string[] {
  const books = watch(plan, seed);
  return [...books.violations, ...booksBalance(plan, books), ...figuresAddUp({ plan, endNs: books.world.now, figures: result, series: result.series, recoverWithinNs: null }), ...agree(plan, books, result)];
}

/** Books kept beside a run. Areas are integrals over time, in request nanoseconds. */
export interface Books {
  readonly world: SimWorld;
  readonly violations: string[];
  /** Counted calls, by the edge that they were made on. */
  readonly begun: Float64Array;
  readonly settled: Float64Array;
  /** Settled calls, by edge; those that were split count for both their edges. */
  readonly calls: Float64Array;
  readonly withAttempt: Float64Array;
  readonly attempts: Float64Array;
  /** Counted attempts, by endpoint: sent there, and answered by it. */
  readonly sent: Float64Array;
  readonly answered: Float64Array;
  /** By endpoint, from first event to last. */
  readonly area: Float64Array;
  readonly busyArea: Float64Array;
  /** The same inside the measured window. */
  readonly windowBusy: Float64Array;
  readonly windowQueued: Float64Array;
  /** By endpoint: time from arrival to answer, of all jobs and of the counted ones, those still there up to the end. */
  readonly sojourn: Float64Array;
  readonly countedSojourn: Float64Array;
  /** By endpoint: work that was begun, less what was left of it at the end. */
  readonly work: Float64Array;
  readonly complete: boolean;
}

export function watch(plan: Plan, seed: number = plan.seed): Books {
  const world = newWorld(plan, seed);
  const { stations, engine, recorder } = world;
  const violations: string[] = [];
  const broke = (what: string): void => {
    if (violations.length < 5) violations.push(`${what} at ${world.now} ns`);
  };
  const ofEdge = (): Float64Array => new Float64Array(plan.edges.length);
  const ofEndpoint = (): Float64Array => new Float64Array(stations.serviceOf.length);
  const books = {
    world, violations, begun: ofEdge(), settled: ofEdge(), calls: ofEdge(), withAttempt: ofEdge(), attempts: ofEdge(), sent: ofEndpoint(), answered: ofEndpoint(),
    area: ofEndpoint(), busyArea: ofEndpoint(), windowBusy: ofEndpoint(), windowQueued: ofEndpoint(), sojourn: ofEndpoint(), countedSojourn: ofEndpoint(), work: ofEndpoint(),
  };

  const begin = engine.begin.bind(engine);
  engine.begin = (edge, caller, keyHi, keyLo, hashKey, requestClass, tag, parent, deadline, now) => {
    if (tag >= 0) books.begun[edge]!++;
    return begin(edge, caller, keyHi, keyLo, hashKey, requestClass, tag, parent, deadline, now);
  };
  const edgeNames = plan.edges.map(({ name }) => name);
  const settled = recorder.settled.bind(recorder);
  recorder.settled = (call, way, outcome, isRequest, now) => {
    if (!(now >= call.begunAt)) broke(`a call that took ${now - call.begunAt} ns`);
    if (call.tag >= 0) {
      const edges = recorder.ways.list[way]!.edges.map((name) => edgeNames.indexOf(name));
      books.settled[edges[0]!]!++;
      for (const edge of edges) {
        books.calls[edge]!++;
        books.attempts[edge]! += call.attempts;
        if (call.attempts > 0) books.withAttempt[edge]!++;
      }
    }
    settled(call, way, outcome, isRequest, now);
  };

  const armed = new Set<number>();
  const arm = world.arm.bind(world);
  world.arm = (timer, due) => {
    if (due === Infinity) broke(`timer ${timer} armed for ever`);
    armed.add(timer);
    arm(timer, due);
  };
  const disarm = world.disarm.bind(world);
  world.disarm = (timer) => {
    armed.delete(timer);
    disarm(timer);
  };
  const timerDue = engine.timerDue.bind(engine);
  engine.timerDue = (timer, now) => {
    if (!armed.delete(timer)) broke(`timer ${timer} fired and was not armed`);
    timerDue(timer, now);
  };

  /** Where each unanswered attempt is going or has come to. */
  const open = new Map<number, { readonly endpoint: number; readonly tag: number; arrivedAt: number }>();
  const expect = stations.expect.bind(stations);
  stations.expect = (job, endpoint, call, keyLo) => {
    if (call.tag >= 0) books.sent[endpoint]!++;
    open.set(job, { endpoint, tag: call.tag, arrivedAt: Infinity });
    expect(job, endpoint, call, keyLo);
  };
  const refused = stations.refused.bind(stations);
  stations.refused = (endpoint, tag) => {
    // For want of a connection it never came, and counts as answered there.
    if (tag >= 0) {
      books.sent[endpoint]!++;
      books.answered[endpoint]!++;
    }
    refused(endpoint, tag);
  };
  const arrive = stations.arrive.bind(stations);
  stations.arrive = (job, now) => {
    const attempt = open.get(job);
    if (attempt === undefined) broke(`attempt ${job} arrived and was never sent, or is answered`);
    else attempt.arrivedAt = now;
    arrive(job, now);
  };
  const turnAway = stations.turnAway.bind(stations);
  stations.turnAway = (job, now) => {
    const attempt = open.get(job);
    if (attempt === undefined) broke(`attempt ${job} came to a lost connection and was never sent, or is answered`);
    else attempt.arrivedAt = now;
    turnAway(job, now);
  };
  const answer = world.answer.bind(world);
  world.answer = (job, outcome, status, now) => {
    const attempt = open.get(job);
    if (attempt === undefined) broke(`attempt ${job} answered twice`);
    else {
      open.delete(job);
      const took = now - attempt.arrivedAt;
      books.sojourn[attempt.endpoint]! += took;
      if (attempt.tag >= 0) {
        books.answered[attempt.endpoint]!++;
        books.countedSojourn[attempt.endpoint]! += took;
      }
    }
    answer(job, outcome, status, now);
  };
  const ends = new Map<number, { readonly endpoint: number; readonly due: number }>();
  const work = world.work.bind(world);
  world.work = (job, due) => {
    const endpoint = stations.endpointOf(job);
    books.work[endpoint]! += due - world.now;
    ends.set(job, { endpoint, due });
    work(job, due);
  };

  const limits = Array.from(stations.serviceOf, (service) => plan.services[service]!);
  const busy = new Int32Array(limits.length);
  const queued = new Int32Array(limits.length);
  let before = 0;
  const look = (): boolean => {
    const { now } = world;
    if (now < before) broke(`the clock went back from ${before}`);
    const past = now - before;
    const inside = Math.max(0, Math.min(now, plan.durationNs) - Math.max(before, plan.warmupNs));
    for (let endpoint = 0; endpoint < busy.length; endpoint++) {
      if (past > 0) {
        books.area[endpoint]! += (busy[endpoint]! + queued[endpoint]!) * past;
        books.busyArea[endpoint]! += busy[endpoint]! * past;
        books.windowBusy[endpoint]! += busy[endpoint]! * inside;
        books.windowQueued[endpoint]! += queued[endpoint]! * inside;
      }
      busy[endpoint] = stations.busyAt(endpoint);
      queued[endpoint] = stations.queuedAt(endpoint);
      const { concurrency, queue } = limits[endpoint]!;
      // A paused process cannot refuse: what it has no room for waits in front of it.
      const { flags, capacity } = world.faults.conditions.endpoints[endpoint]!;
      const isPaused = (flags & Condition.paused) !== 0;
      if (busy[endpoint]! < 0 || busy[endpoint]! > concurrency) broke(`${busy[endpoint]} of ${concurrency} slots in use at endpoint ${endpoint}`);
      if (queued[endpoint]! < 0 || (queued[endpoint]! > queue.limit && !isPaused)) broke(`${queued[endpoint]} in a queue of ${queue.limit} at endpoint ${endpoint}`);
      if (queued[endpoint]! > 0 && busy[endpoint]! < Math.ceil(concurrency * capacity - 1e-9) && !isPaused) {
        broke(`${queued[endpoint]} wait at endpoint ${endpoint} with ${busy[endpoint]} of ${concurrency} x ${capacity} slots in use`);
      }
    }
    before = now;
    return true;
  };
  const complete = world.run(look, 1);
  look();
  if (engine.calls.live === 0) {
    for (const what of leftIn(engine)) broke(what);
    for (const timer of armed) if (kindOf(timer) !== TimerKind.outbound) broke(`a timer of kind ${kindOf(timer)} is left`);
  }
  world.finish();
  for (const { endpoint, tag, arrivedAt } of open.values()) {
    if (arrivedAt === Infinity) continue;
    books.sojourn[endpoint]! += world.now - arrivedAt;
    // Still there at the end: an unfinished answer in the figures.
    if (tag >= 0) {
      books.answered[endpoint]!++;
      books.countedSojourn[endpoint]! += world.now - arrivedAt;
    }
    // Not in the histograms: nobody was answered.
    if (tag >= 0 && Number.isNaN(arrivedAt)) broke('no arrival time');
  }
  for (const { endpoint, due } of ends.values()) if (due > world.now) books.work[endpoint]! -= due - world.now;
  return { ...books, complete };
}

/** The simulator's own measurements against the books. */
function booksBalance(plan: Plan, books: Books): string[] {
  const { world } = books;
  const { stats, serviceOf } = world.stations;
  const wrong: string[] = [];
  const same = (what: string, value: number, expected: number, slack = 0): void => {
    if (!(Math.abs(value - expected) <= slack + 1e-9 * Math.abs(expected))) wrong.push(`${what}: ${value}, by the books ${expected}`);
  };
  if (!books.complete) wrong.push('the run did not complete');
  for (const [edge, { name }] of plan.edges.entries()) same(`${name}: calls settled`, books.settled[edge]!, books.begun[edge]!);
  const hit = (...kinds: readonly string[]): Set<number> => endpointsHitBy(plan, kinds);
  const [frozen, stopped] = [hit('hang', 'pause'), hit('hang', 'pause', 'crash')];
  for (const [endpoint, serviceIndex] of serviceOf.entries()) {
    const service = plan.services[serviceIndex]!;
    const name = `${service.name}/${endpoint - service.firstEndpoint}`;
    same(`${name}: busy time`, stats.busyNs(endpoint), books.windowBusy[endpoint]!, 1);
    same(`${name}: queued time`, stats.queuedNs(endpoint), books.windowQueued[endpoint]!, 1);
    const outcomes = stats.outcomes(endpoint).reduce((sum, count) => sum + count, 0);
    // What a hung endpoint swallowed, and its caller gave up, was not answered by it.
    const hung = hit('hang').has(endpoint);
    if (!hung) same(`${name}: answers`, outcomes, books.answered[endpoint]!);
    else if (outcomes > books.answered[endpoint]!) wrong.push(`${name}: ${outcomes} answers, by the books ${books.answered[endpoint]}`);
    if (books.answered[endpoint]! > books.sent[endpoint]!) wrong.push(`${name}: ${books.answered[endpoint]} answers to ${books.sent[endpoint]} attempts`);
    // Little's law on the sample path: the area under the number in the system is the sum of the times in it.
    if (!frozen.has(endpoint)) same(`${name}: L = lambda W`, books.sojourn[endpoint]!, books.area[endpoint]!, 1);
    if (!hung) same(`${name}: mean of the histograms`, stats.okLatencies(endpoint).sum + stats.failedLatencies(endpoint).sum, books.countedSojourn[endpoint]!, 1);
    if (service.calls.length === 0 && service.onCancel !== 'stop' && !stopped.has(endpoint)) {
      same(`${name}: slot time is work done`, books.busyArea[endpoint]!, books.work[endpoint]!, 1);
    }
  }
  return wrong;
}

function endpointsHitBy(plan: Plan, kinds: readonly string[]): Set<number> {
  return new Set(plan.faults.flatMap(({ target, effects }) =>
    target.kind === 'endpoints' && effects.some(({ kind }) => kinds.includes(kind)) ? target.endpoints : []));
}

/** The result is of the run that was watched, and says of its calls what the books say. */
function agree(plan: Plan, books: Books, result: Result): string[] {
  const wrong: string[] = [];
  const same = (what: string, value: number | string, expected: number | string): void => {
    if (value !== expected) wrong.push(`${what}: ${value}, by the books ${expected}`);
  };
  same('digest', result.digest, books.world.recorder.digestText());
  const shared = servicesInSplits(plan);
  const sentTo = ({ firstEndpoint, replicas }: ServicePlan): number => books.sent.subarray(firstEndpoint, firstEndpoint + replicas).reduce((sum, count) => sum + count, 0);
  // Who waits for a connection in vain is never sent.
  const mayWait = (edges: readonly EdgePlan[]): boolean => plan.network.links.some((link) => link !== null) || edges.some(({ policy }) => policy.connectionPool !== null);
  for (const [i, { name, to }] of plan.edges.entries()) {
    const edge = result.edges[name]!;
    same(`${name}: calls`, edge.requests, books.calls[i]!);
    same(`${name}: attempts`, edge.attempts, books.attempts[i]!);
    same(`${name}: retries and hedges`, edge.retries + edge.hedges, books.attempts[i]! - books.withAttempt[i]!);
    if (shared.has(to) || mayWait(plan.edges.filter((other) => other.to === to))) continue;
    const service = plan.services[to]!;
    same(`${service.name}: attempts sent to its endpoints`, sentTo(service), result.services[service.name]!.attempts);
  }
  const total = (of: (metrics: Metrics) => number): number => Object.values(result.services).reduce((sum, metrics) => sum + of(metrics), 0);
  same('all services: calls', total(({ requests }) => requests), books.begun.reduce((sum, count) => sum + count, 0));
  if (!mayWait(plan.edges)) same('all services: attempts sent to endpoints', plan.services.reduce((sum, service) => sum + sentTo(service), 0), total(({ attempts }) => attempts));
  return wrong;
}
