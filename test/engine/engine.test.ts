import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Outcome } from '../../src/model/outcome.ts';
import { NS_PER_MS } from '../../src/model/units.ts';
import { type Sent, ToyWorld } from '../support/toy-world.ts';

const MS = NS_PER_MS;

/** One thing that happens to the engine; numbers choose among what is there. */
type Step =
  | { readonly kind: 'begin'; readonly deadlineMs: number | null }
  | { readonly kind: 'answer'; readonly which: number; readonly outcome: Outcome; readonly status: number }
  | { readonly kind: 'open' | 'refuse' | 'crash'; readonly which: number }
  | { readonly kind: 'timer' }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'abandon'; readonly which: number };

const answers = fc.constantFrom<readonly [Outcome, number]>([Outcome.ok, 200], [Outcome.error, 500], [Outcome.error, 503], [Outcome.error, 409], [Outcome.reset, 0], [Outcome.connectFailure, 0], [Outcome.rejected, 503]);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('begin' as const), deadlineMs: fc.option(fc.integer({ min: 0, max: 60 })) }) },
  { weight: 6, arbitrary: fc.tuple(fc.nat(), answers).map(([which, [outcome, status]]) => ({ kind: 'answer' as const, which, outcome, status })) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('open' as const, 'open' as const, 'refuse' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), which: fc.nat() }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'timer' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 30 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abandon' as const), which: fc.nat() }) },
);

const policies = fc.record(
  {
    timeout: fc.constantFrom('none', '20ms', '50ms'),
    deadline: fc.constantFrom('ignore', 'propagate'),
    loadBalancer: fc.constantFrom<unknown>('roundRobin', 'random', 'leastRequest', 'peakEwma', 'ringHash', { type: 'ringHash', members: 'all', boundedLoad: 1 }, { type: 'maglev', tableSize: 251 }),
    slowStart: fc.constantFrom('20ms', '1h'),
    retries: fc.record({
      attempts: fc.integer({ min: 1, max: 4 }),
      on: fc.constantFrom(['5xx', 'timeout'], ['reset'], ['retriable4xx', 'overload'], ['gatewayError', 'connectFailure']),
      perTryTimeout: fc.constantFrom('none', '5ms', '15ms'),
      backoff: fc.constantFrom({ base: 0, jitter: 'none' }, { base: '3ms', jitter: 'full' }, { base: '2ms', jitter: 'decorrelated' }, { base: '2ms', jitter: 'envoy' }),
      avoidPrevious: fc.boolean(),
      budget: fc.constantFrom({ ratio: 0.2, minPerSecond: 1, ttl: '1s' }, { percent: 0.2, minConcurrency: 1 }, { maxTokens: 4, tokenRatio: 0.5 }, { type: 'tower', ratio: 0.5, minPerSecond: 2, ttl: '1s' }, { capacity: 12 }),
      lastTryTimeout: fc.boolean(),
    }),
    hedge: fc.constantFrom({ after: '2ms', max: 2, budget: 1 }, { after: 0, max: 1, budget: 0.5 }, { after: 'none', max: 1, onPerTryTimeout: true }),
    connectionPool: fc.record({
      maxConnections: fc.constantFrom<number | string>(1, 2, 'unlimited'),
      maxPendingRequests: fc.integer({ min: 0, max: 3 }),
      maxRequests: fc.integer({ min: 1, max: 4 }),
      maxRetries: fc.integer({ min: 0, max: 2 }),
      maxRequestsPerConnection: fc.constantFrom<number | string>(1, 3, 'unlimited'),
      idleTimeout: fc.constantFrom('10ms', '1h'),
      protocol: fc.constantFrom('http1', 'http2'),
      maxConcurrentStreams: fc.constantFrom<number | string>(1, 2, 'unlimited'),
      perUpstreamPreconnectRatio: fc.constantFrom(1, 2),
    }),
    outlierDetection: fc.record({ consecutive5xx: fc.integer({ min: 1, max: 3 }), interval: fc.constantFrom('5ms', '40ms'), baseEjectionTime: fc.constantFrom('10ms', '50ms'), maxEjectionPercent: fc.constantFrom(0.34, 1) }),
    failureAccrual: fc.constant({ consecutive: { maxFailures: 2, minPenalty: '5ms', maxPenalty: '20ms' } }),
    failfast: fc.constant('5ms'),
    panicThreshold: fc.constantFrom(0, 0.5, 1),
  },
  { requiredKeys: ['timeout', 'deadline', 'loadBalancer'] },
);

interface Model {
  readonly world: ToyWorld;
  /** Deadline of each call from its own caller and timeout. */
  readonly deadlines: Map<number, number>;
}

function play({ policy, replicas, opensLater, steps }: Run): Model {
  const world = new ToyWorld({ policy, replicas, opensLater });
  const deadlines = new Map<number, number>();
  for (const one of steps) act(world, one, deadlines);
  return { world, deadlines };
}

function act(world: ToyWorld, one: Step, deadlines: Map<number, number>): void {
  switch (one.kind) {
    case 'begin': {
      const deadline = one.deadlineMs === null ? Infinity : world.now + one.deadlineMs * MS;
      deadlines.set(world.begin(deadline), Math.min(deadline, world.now + world.policy.timeoutNs));
      break;
    }
    case 'answer': {
      const { owed } = world;
      if (owed.length > 0) world.answer(owed[one.which % owed.length]!, one.outcome, one.status);
      break;
    }
    case 'open':
    case 'refuse': {
      const opening = world.openings[one.which % Math.max(1, world.openings.length)];
      if (opening === undefined) break;
      if (one.kind === 'open') world.opened(opening);
      else world.openFailed(opening);
      break;
    }
    case 'crash':
      world.crash(one.which % world.replicas);
      break;
    case 'timer':
      world.fireNext();
      break;
    case 'pass':
      world.advanceTo(world.now + one.ms * MS);
      break;
    case 'abandon': {
      const { openNumbers } = world;
      if (openNumbers.length > 0) world.abandon(openNumbers[one.which % openNumbers.length]!);
    }
  }
}

/** Whatever is still to come: connections, then answers in the order they were asked for, then timers, until nothing is open. */
function finish(world: ToyWorld): void {
  for (let i = 0; i < 10_000 && (world.openNumbers.length > 0 || world.owed.length > 0 || world.openings.length > 0); i++) {
    const [opening] = world.openings;
    const [first] = world.owed;
    if (opening !== undefined) world.opened(opening);
    else if (first !== undefined) world.answer(first, Outcome.ok, 200);
    else world.fireNext();
  }
}

interface Run {
  readonly policy: typeof policies extends fc.Arbitrary<infer Policy> ? Policy : never;
  readonly replicas: number;
  /** Connections take time, whether or not the policy limits them. */
  readonly opensLater: boolean;
  readonly steps: readonly Step[];
}

const runs: fc.Arbitrary<Run> = fc.record({ policy: policies, replicas: fc.integer({ min: 1, max: 5 }), opensLater: fc.boolean(), steps: fc.array(step, { minLength: 1, maxLength: 120 }) });

describe('a call', () => {
  it('settles exactly once, whatever the order of answers, timers and cancels', () => {
    fc.assert(
      fc.property(runs, (run) => {
        // The toy throws where a call settles twice, or before `begin` has returned.
        const { world, deadlines } = play(run);
        finish(world);
        expect(world.openNumbers).toEqual([]);
        expect(world.settled.map(({ request }) => request).sort((a, b) => a - b)).toEqual([...deadlines.keys()]);
        expect(world.engine.openCalls()).toEqual([]);
        expect(world.engine.calls.live).toBe(0);
        expect(world.owed).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves nobody behind in a queue, on a connection or in flight', () => {
    fc.assert(
      fc.property(runs, (run) => {
        const { world } = play(run);
        finish(world);
        // The load that balancers and budgets see is the caller's own affair.
        for (const { pools, set } of world.engine['outbounds']) {
          expect([pools?.pending ?? 0, pools?.active ?? 0, set.activeTotal]).toEqual([0, 0, 0]);
          expect(set.active.every((count) => count === 0)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('leaves no timer behind but the sweep of the outlier detection or the end of a penalty', () => {
    fc.assert(
      fc.property(runs, (run) => {
        const { policy } = run;
        const { world } = play(run);
        finish(world);
        const least = policy.outlierDetection === undefined ? 0 : 1;
        expect(world.timers.size).toBeGreaterThanOrEqual(least);
        expect(world.timers.size).toBeLessThanOrEqual(policy.failureAccrual === undefined ? least : 1);
      }),
      { numRuns: 1000 },
    );
  });

  it('makes at most one attempt more than its policy has retries, and as many hedges', () => {
    fc.assert(
      fc.property(runs, (run) => {
        const { policy } = run;
        const { world } = play(run);
        finish(world);
        const most = 1 + (policy.retries?.attempts ?? 0) + (policy.hedge?.max ?? 0);
        for (const { attempts } of world.settled) expect(attempts).toBeLessThanOrEqual(most);
        for (const [request, sent] of groupedBy(world.sent)) {
          expect(sent.length).toBeLessThanOrEqual(world.settled.find((one) => one.request === request)!.attempts);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is waited for at as many endpoints as it has hedges and one, and at none once it is settled', () => {
    fc.assert(
      fc.property(runs, (run) => {
        const { policy } = run;
        const { world } = play(run);
        const waitedFor = groupedBy(world.owed.filter(({ cancelled }) => !cancelled));
        const most = policy.hedge === undefined ? 1 : 1 + (policy.retries?.attempts ?? 0) + policy.hedge.max;
        for (const [request, sent] of waitedFor) {
          expect(world.isOpen(request)).toBe(true);
          expect(sent.length).toBeLessThanOrEqual(most);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('sends nothing after its deadline, and is over by then', () => {
    fc.assert(
      fc.property(runs, (run) => {
        const { world, deadlines } = play(run);
        finish(world);
        for (const { request, at } of world.sent) expect(at).toBeLessThanOrEqual(deadlines.get(request)!);
      }),
      { numRuns: 1000 },
    );
  });

  it('never lets a deadline grow on its way down', () => {
    fc.assert(
      fc.property(runs, (run) => {
        const { policy } = run;
        const { world, deadlines } = play(run);
        for (const { request, deadline, at } of world.sent) {
          if (policy.deadline === 'ignore') expect(deadline).toBe(Infinity);
          else {
            const waits = policy.hedge?.onPerTryTimeout || policy.retries?.lastTryTimeout === false;
            expect(deadline).toBeLessThanOrEqual(Math.min(deadlines.get(request)!, waits ? Infinity : at + (world.policy.retries?.perTryTimeoutNs ?? Infinity)));
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps within its pool: attempts in flight never exceed maxRequests, nor connections over HTTP/1', () => {
    fc.assert(
      fc.property(runs, (run) => {
        const { policy, replicas, opensLater, steps } = run;
        fc.pre(policy.connectionPool !== undefined);
        const { maxRequests, protocol, maxConnections } = policy.connectionPool!;
        const world = new ToyWorld({ policy, replicas, opensLater });
        for (const one of steps) {
          act(world, one, new Map());
          const waitedFor = world.owed.filter(({ cancelled }) => !cancelled);
          expect(waitedFor.length).toBeLessThanOrEqual(maxRequests);
          // An endpoint without any connection may always have one.
          if (protocol === 'http1' && maxConnections !== 'unlimited') expect(waitedFor.length).toBeLessThanOrEqual(Number(maxConnections) + replicas - 1);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('same seed, same decisions', () => {
    fc.assert(
      fc.property(runs, (run) => {
        const [a, b] = [play(run).world, play(run).world];
        expect(a.sent).toEqual(b.sent);
        expect(a.settled).toEqual(b.settled);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a timeout', () => {
  it('of the call ends it at that moment, and cancels the attempt', () => {
    const world = new ToyWorld({ policy: { timeout: '20ms' } });
    world.begin();
    world.advanceTo(1000 * MS);
    expect(world.settled).toEqual([{ request: 0, outcome: Outcome.timeout, status: 504, attempts: 1, at: 20 * MS }]);
    expect(world.sent[0]!.cancelled).toBe(true);
  });

  it('of an attempt starts the next one, and a late answer of the first changes nothing', () => {
    const world = new ToyWorld({ policy: { retries: { attempts: 1, on: ['timeout'], perTryTimeout: '10ms', backoff: { base: 0, jitter: 'none' } } } });
    world.begin();
    world.advanceTo(12 * MS);
    expect(world.sent.map(({ at }) => at)).toEqual([0, 10 * MS]);
    world.answer(world.sent[0]!, Outcome.ok, 200);
    expect(world.settled).toEqual([]);
    world.answer(world.sent[1]!, Outcome.ok, 200);
    expect(world.settled).toEqual([{ request: 0, outcome: Outcome.ok, status: 200, attempts: 2, at: 12 * MS }]);
  });

  it('falls on a call that has no time left at all before any attempt', () => {
    const world = new ToyWorld({ policy: {} });
    world.begin(0);
    world.advanceTo(0);
    expect(world.sent).toEqual([]);
    expect(world.settled).toMatchObject([{ outcome: Outcome.timeout, attempts: 0, at: 0 }]);
  });
});

describe('avoidPrevious', () => {
  it.each(['roundRobin', 'random', 'leastRequest', 'peakEwma', 'ringHash', 'maglev'])('%s: no retry goes to the endpoint that just failed while another is ready', (loadBalancer) => {
    const world = new ToyWorld({ policy: { loadBalancer, retries: { attempts: 5, avoidPrevious: true, backoff: { base: 0, jitter: 'none' } } } });
    for (let i = 0; i < 200; i++) world.begin();
    while (world.owed.length > 0 || world.openNumbers.length > 0) {
      const [first] = world.owed;
      if (first === undefined) world.fireNext();
      else world.answer(first, Outcome.error, 500);
    }
    for (const sent of groupedBy(world.sent).values()) {
      expect(sent).toHaveLength(6);
      for (let i = 1; i < sent.length; i++) expect(sent[i]!.endpoint).not.toBe(sent[i - 1]!.endpoint);
    }
  });
});

function groupedBy(sent: readonly Sent[]): Map<number, Sent[]> {
  const groups = new Map<number, Sent[]>();
  for (const one of sent) groups.set(one.request, [...(groups.get(one.request) ?? []), one]);
  return groups;
}

describe('a hedged call', () => {
  const hedge = { after: '10ms', max: 1, budget: 1 };

  it('sends its copy to another endpoint, takes the first answer and gives up the other', () => {
    const world = new ToyWorld({ policy: { hedge } });
    world.begin();
    world.advanceTo(20 * MS);
    const [primary, copy] = world.sent;
    expect([copy!.at, copy!.endpoint === primary!.endpoint]).toEqual([10 * MS, false]);
    world.answer(copy!, Outcome.ok, 200);
    expect(world.settled).toEqual([{ request: 0, outcome: Outcome.ok, status: 200, attempts: 2, at: 20 * MS }]);
    expect([primary!.cancelled, world.timers.size]).toEqual([true, 0]);
  });

  it('lets a failure pass while its copy is waited for, and answers with the last one', () => {
    const world = new ToyWorld({ policy: { hedge } });
    world.begin();
    world.begin();
    world.advanceTo(10 * MS);
    const [first, , copy] = world.sent;
    world.answer(first!, Outcome.error, 500);
    expect(world.isOpen(0)).toBe(true);
    world.answer(copy!, Outcome.error, 503);
    expect(world.settled[0]).toMatchObject({ request: 0, outcome: Outcome.error, status: 503 });
  });

  it('sends its copy at once where the first attempt fails', () => {
    const world = new ToyWorld({ policy: { hedge } });
    world.begin();
    world.answer(world.sent[0]!, Outcome.error, 500);
    world.advanceTo(0);
    expect(world.sent.map(({ at }) => at)).toEqual([0, 0]);
  });

  it('stays alone where its budget refuses the copy', () => {
    const world = new ToyWorld({ policy: { hedge: { after: '10ms', max: 1, budget: 0 } } });
    world.begin();
    world.advanceTo(100 * MS);
    expect([world.sent.length, world.refusals, world.isOpen(0)]).toEqual([1, 1, true]);
  });
});

describe('the budget of a service profile', () => {
  it('is fed by whatever is not retried, and by nothing else', () => {
    const world = new ToyWorld({ policy: { retries: { attempts: 'unlimited', on: '5xx', backoff: { base: 0, jitter: 'none' }, budget: { type: 'tower', ratio: 1, minPerSecond: 0 } } } });
    const answerAll = (outcome: Outcome, status: number): void => {
      world.advanceTo(world.now);
      for (const sent of world.owed) world.answer(sent, outcome, status);
    };
    world.begin();
    answerAll(Outcome.error, 503);
    expect([world.refusals, world.sent.length]).toEqual([1, 1]);
    for (const [outcome, status] of [[Outcome.ok, 200], [Outcome.error, 404]] as const) {
      world.begin();
      answerAll(outcome, status);
    }
    world.begin();
    for (let i = 0; i < 3; i++) answerAll(Outcome.error, 503);
    expect([world.refusals, world.sent.length]).toEqual([2, 6]);
  });
});
