import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbPart, arbPolicy } from '../../src/check/arbitrary/policy.ts';
import { CheckResult } from '../../src/engine/breaker/health-checks.ts';
import { TimerKind, kindOf } from '../../src/engine/timers.ts';
import { Outcome } from '../../src/model/outcome.ts';
import { NS_PER_MS } from '../../src/model/units.ts';
import { leftIn } from '../../src/invariant/leftovers.ts';
import { type Sent, ToyWorld } from '../support/toy-world.ts';

const MS = NS_PER_MS;

/** One thing that happens to the engine; numbers choose among what is there. */
type Step =
  | { readonly kind: 'begin'; readonly deadlineMs: number | null }
  | { readonly kind: 'answer'; readonly which: number; readonly outcome: Outcome; readonly status: number }
  | { readonly kind: 'open' | 'refuse' | 'crash'; readonly which: number }
  | { readonly kind: 'timer' }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'abandon'; readonly which: number }
  | { readonly kind: 'check'; readonly which: number; readonly result: CheckResult };

const answers = fc.constantFrom<readonly [Outcome, number]>([Outcome.ok, 200], [Outcome.error, 500], [Outcome.error, 503], [Outcome.error, 409], [Outcome.error, 429], [Outcome.reset, 0], [Outcome.connectFailure, 0], [Outcome.rejected, 503]);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('begin' as const), deadlineMs: fc.option(fc.integer({ min: 0, max: 60 })) }) },
  { weight: 6, arbitrary: fc.tuple(fc.nat(), answers).map(([which, [outcome, status]]) => ({ kind: 'answer' as const, which, outcome, status })) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('open' as const, 'open' as const, 'refuse' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), which: fc.nat() }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'timer' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 30 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abandon' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('check' as const), which: fc.nat(), result: fc.constantFrom(CheckResult.pass, CheckResult.pass, CheckResult.fail, CheckResult.network) }) },
);

type Policy = Readonly<Record<string, unknown>>;

const policies: fc.Arbitrary<Policy> = arbPolicy({
  parts: [
    'timeout', 'deadline', 'loadBalancer', 'slowStart', 'retries', 'hedge', 'connectionPool', 'outlierDetection', 'failureAccrual', 'failfast', 'circuitBreaker', 'healthCheck', 'rateLimit', 'admission',
    'concurrencyLimit', 'panicThreshold', 'locality', 'split',
  ],
});
/** Where calls wait for an endpoint more often than not. */
const waiting: fc.Arbitrary<Policy> = fc.tuple(policies, arbPart('failureAccrual'), arbPart('failfast')).map(([policy, failureAccrual, failfast]) => ({ ...policy, failureAccrual, failfast, panicThreshold: 0 }));
const setups: fc.Arbitrary<Setup> = fc.oneof(
  fc.record({ policy: policies, replicas: fc.integer({ min: 1, max: 5 }), isSplit: fc.boolean(), opensLater: fc.boolean() }),
  fc.record({ policy: waiting, replicas: fc.integer({ min: 1, max: 2 }), isSplit: fc.boolean(), opensLater: fc.boolean() }),
);

interface Setup {
  readonly policy: Readonly<Record<string, unknown>>;
  readonly replicas: number;
  readonly isSplit: boolean;
  /** Connections take time, whether or not the policy limits them. */
  readonly opensLater: boolean;
}

interface Model {
  readonly world: ToyWorld;
  /** Deadline of each call from its own caller and timeout. */
  readonly deadlines: Map<number, number>;
}

function play(setup: Setup, steps: readonly Step[], world: ToyWorld = new ToyWorld(setup)): Model {
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
      break;
    }
    case 'check':
      if (world.probes.length > 0) world.checked(one.which % world.probes.length, one.result);
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

const runs = fc.tuple(setups, fc.array(step, { minLength: 1, maxLength: 120 }));
/** `MESHSIM_RUNS=5000` for more of them. */
const numRuns = Number(process.env['MESHSIM_RUNS'] ?? 400);
const LONG = { timeout: 60_000 + numRuns * 20 };

function holds(what: (setup: Setup, steps: readonly Step[]) => void, times: number = numRuns): void {
  fc.assert(fc.property(runs, ([setup, steps]) => what(setup, steps)), { numRuns: times });
}

const attemptsAtMost = ({ policy: { retries, hedge: copies } }: ToyWorld): number => 1 + (retries?.attempts ?? 0) + (copies?.max ?? 0);

describe('a call', () => {
  it('settles exactly once, whatever the order of answers, timers and cancels', LONG, () => {
    holds((setup, steps) => {
      // The toy throws where a call settles twice, or before `begin` has returned.
      const { world, deadlines } = play(setup, steps);
      finish(world);
      expect(world.openNumbers).toEqual([]);
      expect(world.settled.map(({ request }) => request).sort((a, b) => a - b)).toEqual([...deadlines.keys()]);
      expect(world.engine.openCalls()).toEqual([]);
      expect(world.engine.calls.live).toBe(0);
      expect(world.owed).toEqual([]);
    }, 2 * numRuns);
  });

  it('leaves nothing behind: no count, nobody waiting, and no timer but those of the outbounds', LONG, () => {
    holds((setup, steps) => {
      const { world } = play(setup, steps);
      finish(world);
      expect(leftIn(world.engine)).toEqual([]);
      expect([...world.timers.keys()].filter((timer) => kindOf(timer) !== TimerKind.outbound)).toEqual([]);
      if (['outlierDetection', 'failureAccrual', 'failfast', 'circuitBreaker', 'healthCheck'].every((part) => !(part in setup.policy))) expect(world.timers.size).toBe(0);
    });
  });

  it('tells breakers the end of each attempt whose beginning it told them', LONG, () => {
    holds((setup, steps) => {
      const world = new ToyWorld(setup);
      const open = new Map<string, number>();
      const count = (key: string, by: number): void => {
        open.set(key, (open.get(key) ?? 0) + by);
        expect(open.get(key)).toBeGreaterThanOrEqual(0);
      };
      for (const outbound of world.engine['outbounds']) {
        const [sent, finished] = [outbound.sent.bind(outbound), outbound.finished.bind(outbound)];
        outbound.sent = (endpoint, now) => {
          count(`${outbound.index}/${endpoint}`, 1);
          sent(endpoint, now);
        };
        outbound.finished = (endpoint, ...result) => {
          count(`${outbound.index}/${endpoint}`, -1);
          finished(endpoint, ...result);
        };
      }
      play(setup, steps, world);
      finish(world);
      expect([...open.values()].every((left) => left === 0)).toBe(true);
    });
  });

  it('makes at most one attempt more than its policy has retries, and as many hedges', LONG, () => {
    holds((setup, steps) => {
      const { world } = play(setup, steps);
      finish(world);
      const most = attemptsAtMost(world);
      for (const { attempts } of world.settled) expect(attempts).toBeLessThanOrEqual(most);
      for (const [request, sent] of groupedBy(world.sent)) {
        expect(sent.length).toBeLessThanOrEqual(world.settled.find((one) => one.request === request)!.attempts);
      }
    });
  });

  it('is waited for at as many endpoints as it has hedges and one, and at none once it is settled', LONG, () => {
    holds((setup, steps) => {
      const { world } = play(setup, steps);
      const waitedFor = groupedBy(world.owed.filter(({ cancelled }) => !cancelled));
      const most = world.policy.hedge === null ? 1 : attemptsAtMost(world);
      for (const [request, sent] of waitedFor) {
        expect(world.isOpen(request)).toBe(true);
        expect(sent.length).toBeLessThanOrEqual(most);
      }
    });
  });

  it('sends nothing after its deadline, and is over by then', LONG, () => {
    holds((setup, steps) => {
      const { world, deadlines } = play(setup, steps);
      finish(world);
      for (const { request, at } of world.sent) expect(at).toBeLessThanOrEqual(deadlines.get(request)!);
      for (const { request, at } of world.settled) expect(at).toBeLessThanOrEqual(deadlines.get(request)!);
    });
  });

  it('never lets a deadline grow on its way down', LONG, () => {
    holds((setup, steps) => {
      const { world, deadlines } = play(setup, steps);
      const { hedge: copies, propagateDeadline, retries } = world.policy;
      for (const { request, deadline, at } of world.sent) {
        if (!propagateDeadline) expect(deadline).toBe(Infinity);
        else {
          const waits = copies?.onPerTryTimeout || retries?.lastTryTimeout === false;
          expect(deadline).toBeLessThanOrEqual(Math.min(deadlines.get(request)!, waits ? Infinity : at + (retries?.perTryTimeoutNs ?? Infinity)));
        }
      }
    });
  });

  it('keeps within its pool: attempts in flight never exceed maxRequests, nor connections over HTTP/1', LONG, () => {
    fc.assert(
      fc.property(runs, arbPart('connectionPool'), ([setup, steps], pool) => {
        const world = new ToyWorld({ ...setup, isSplit: false, policy: { ...setup.policy, connectionPool: pool } });
        const { maxRequests, protocol, maxConnections } = world.policy.connectionPool!;
        for (const one of steps) {
          act(world, one, new Map());
          const waitedFor = world.owed.filter(({ cancelled }) => !cancelled);
          expect(waitedFor.length).toBeLessThanOrEqual(maxRequests);
          // An endpoint without any connection may always have one.
          if (protocol === 'http1') expect(waitedFor.length).toBeLessThanOrEqual(maxConnections + setup.replicas - 1);
        }
      }),
      { numRuns },
    );
  });

  it('same seed, same decisions', LONG, () => {
    holds((setup, steps) => {
      const [a, b] = [play(setup, steps).world, play(setup, steps).world];
      expect(a.sent).toEqual(b.sent);
      expect(a.settled).toEqual(b.settled);
    }, Math.ceil(numRuns / 3));
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

describe('a hedged call without a ready endpoint', () => {
  // One failure shuts the only endpoint for 100 ms.
  const policyWith = (failfast: object): object => ({ hedge: { after: '10ms', max: 1, budget: 1 }, failureAccrual: { consecutive: { maxFailures: 1, minPenalty: '100ms', jitterRatio: 0 } }, failfast, panicThreshold: 0 });

  it('waits once, and its copies with it', () => {
    const world = new ToyWorld({ policy: policyWith({ timeout: '1s', capacity: 1 }), replicas: 1 });
    for (let i = 0; i < 3; i++) world.begin();
    const [first, second] = world.sent;
    // The copy of the first call waits; that of the third finds the queue full.
    world.answer(first!, Outcome.error, 500);
    world.advanceTo(20 * MS);
    world.answer(second!, Outcome.ok, 200);
    world.advanceTo(100 * MS);
    expect(world.sent.slice(3).map(({ request, at }) => [request, at])).toEqual([[0, 100 * MS]]);
    expect(world.settled.map(({ request }) => request)).toEqual([1]);
    expect(leftIn(world.engine)).not.toContain('outbound 0: 1 calls without an endpoint');
  });

  it('is not given up by a failfast while its first attempt is waited for', () => {
    const world = new ToyWorld({ policy: policyWith({ timeout: '20ms' }), replicas: 1 });
    world.begin();
    world.begin();
    const [first, second] = world.sent;
    world.answer(first!, Outcome.error, 500);
    world.advanceTo(50 * MS);
    expect(world.settled.map(({ request, outcome, status, at }) => [request, outcome, status, at])).toEqual([[0, Outcome.noEndpoint, 504, 20 * MS]]);
    world.answer(second!, Outcome.ok, 200);
    expect(world.settled[1]).toMatchObject({ request: 1, outcome: Outcome.ok });
  });

  it('has no more copies than its policy says when it waited for its first attempt', () => {
    const world = new ToyWorld({ policy: policyWith({ timeout: '1s' }), replicas: 1 });
    world.begin();
    world.answer(world.sent[0]!, Outcome.error, 500);
    world.advanceTo(0);
    world.begin();
    world.advanceTo(100 * MS);
    // The copy of the first call was the probe; what waited is sent as soon as it has passed, and hedged 10 ms later.
    world.answer(world.sent[1]!, Outcome.ok, 200);
    world.advanceTo(200 * MS);
    expect(world.sent.slice(2).map(({ request, at }) => [request, at])).toEqual([[1, 100 * MS], [1, 110 * MS]]);
  });
});
