/** What the observer hears of breakers is what callers meet: a call is refused while they are said to refuse, and only then. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NONE } from '../../../src/model/ids.ts';
import { Outcome } from '../../../src/model/outcome.ts';
import { NS_PER_MS } from '../../../src/model/units.ts';
import { ToyWorld } from '../../support/toy-world.ts';

const MS = NS_PER_MS;

const breakers = fc.record({
  slidingWindowType: fc.constantFrom('count', 'time'),
  slidingWindowSize: fc.integer({ min: 1, max: 4 }),
  minimumNumberOfCalls: fc.integer({ min: 1, max: 3 }),
  waitDurationInOpenState: fc.constantFrom('2ms', '20ms'),
  permittedNumberOfCallsInHalfOpenState: fc.integer({ min: 1, max: 3 }),
  maxWaitDurationInHalfOpenState: fc.constantFrom(0, '5ms'),
  automaticTransitionFromOpenToHalfOpenEnabled: fc.boolean(),
});
const steps = fc.array(fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'begin' as const }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('answer' as const), which: fc.nat(), fails: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abandon' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ns: fc.constantFrom(1, 1 * MS, 2 * MS, 2 * MS + 1, 5 * MS, 30 * MS) }) },
), { minLength: 60, maxLength: 120 });

function play(world: ToyWorld, all: readonly { readonly kind: string; readonly which?: number; readonly fails?: boolean; readonly ns?: number }[], begin: () => void): void {
  for (const { kind, which = 0, fails = false, ns = 0 } of all) {
    const { owed, openNumbers } = world;
    if (kind === 'begin') begin();
    else if (kind === 'pass') world.advanceTo(world.now + ns);
    else if (kind === 'answer' && owed.length > 0) world.answer(owed[which % owed.length]!, fails ? Outcome.error : Outcome.ok, fails ? 503 : 200);
    else if (kind === 'abandon' && openNumbers.length > 0) world.abandon(openNumbers[which % openNumbers.length]!);
  }
}

/** Alternately on and off, from on. */
function alternates(switches: readonly { readonly on: boolean }[]): boolean {
  return switches.every(({ on }, i) => on === (i % 2 === 0));
}

describe('a breaker of the whole service', () => {
  it('refuses exactly while it is said to', () => {
    fc.assert(fc.property(breakers, steps, (circuitBreaker, all) => {
      const world = new ToyWorld({ policy: { circuitBreaker } });
      play(world, all, () => {
        world.advanceTo(world.now);
        const refuses = world.blocks.at(-1)?.on ?? false;
        const number = world.begin();
        world.advanceTo(world.now);
        expect(world.settled.some(({ request, outcome }) => request === number && outcome === Outcome.breakerOpen)).toBe(refuses);
      });
      expect([alternates(world.breakerChanges), alternates(world.blocks)]).toEqual([true, true]);
      expect(world.blocks.every(({ endpoint }) => endpoint === NONE)).toBe(true);
    }), { numRuns: 300 });
  });

  it('is said to go on refusing at the time, though nobody asks', () => {
    const world = new ToyWorld({ policy: { circuitBreaker: { slidingWindowSize: 1, minimumNumberOfCalls: 1, waitDurationInOpenState: '20ms' } } });
    world.begin();
    world.answer(world.owed[0]!, Outcome.error, 503);
    world.advanceTo(100 * MS);
    expect(world.blocks.map(({ at, on }) => [at, on])).toEqual([[0, true], [20 * MS + 1, false]]);
    expect(world.breakerChanges).toEqual([{ at: 0, on: true }]);
  });
});

describe.each([
  ['failure accrual', fc.record({ failureAccrual: fc.record({ consecutive: fc.record({ maxFailures: fc.integer({ min: 1, max: 3 }), minPenalty: fc.constantFrom('1ms', '5ms'), maxPenalty: fc.constant('20ms') }) }) })],
  ['a circuit breaker an endpoint', fc.record({ circuitBreaker: breakers.map((options) => ({ ...options, scope: 'endpoint' })) })],
  ['both', fc.record({ failureAccrual: fc.constant({ consecutive: { maxFailures: 2, minPenalty: '5ms' } }), circuitBreaker: breakers.map((options) => ({ ...options, scope: 'endpoint' })) })],
] as const)('%s', (_, policies) => {
  it('keeps calls from an endpoint exactly while it is said to', () => {
    fc.assert(fc.property(policies, steps, (policy, all) => {
      const replicas = 3;
      const world = new ToyWorld({ policy: { ...policy, panicThreshold: '0%' }, replicas });
      const blocked = (): number[] => Array.from({ length: replicas }, (_, i) => i).filter((i) => world.blocks.findLast(({ endpoint }) => endpoint === i)?.on ?? false);
      play(world, all, () => {
        world.advanceTo(world.now);
        const [before, sent] = [blocked(), world.sent.length];
        world.begin();
        const target = world.sent[sent]?.endpoint ?? null;
        if (target === null) expect(before).toHaveLength(replicas);
        else expect(before).not.toContain(target);
      });
      for (let i = 0; i < replicas; i++) expect(alternates(world.blocks.filter(({ endpoint }) => endpoint === i))).toBe(true);
    }), { numRuns: 200 });
  });
});

describe('a failfast', () => {
  it('is said to shed from when its time is over until somebody is ready', () => {
    const world = new ToyWorld({ policy: { failfast: { timeout: '10ms' }, panicThreshold: '0%', failureAccrual: { consecutive: { maxFailures: 1, minPenalty: '50ms', jitterRatio: 0 } } }, replicas: 1 });
    world.begin();
    world.answer(world.owed[0]!, Outcome.error, 503);
    world.begin();
    world.advanceTo(100 * MS);
    expect(world.sheds).toEqual([{ at: 10 * MS, on: true }, { at: 50 * MS, on: false }]);
  });
});
