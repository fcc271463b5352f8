/** Tail blame names the right place where that is known, and agrees with theory where there is one. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planOf, shippedScenarios } from '../../scripts/shipped.ts';
import { Outcome } from '../../src/model/outcome.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { CallTrace, RequestTrace, TailResult, TailTimes } from '../../src/result/result.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { planFrom } from '../support/plan-from.ts';
import { randomScenario } from '../support/random-scenario.ts';
import { tailIn, traced } from '../support/traced.ts';

function shipped(name: string, set: Readonly<Record<string, string>> = {}): Plan {
  return planOf(shippedScenarios().find((scenario) => scenario.name === name)!, set).plan;
}

function museum(name: string): Plan {
  return parseScenario(readFileSync(`scenarios/museum/${name}.yaml`, 'utf8')).plan!;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, value) => total + value, 0);
const total = (times: Readonly<Record<string, TailTimes>>, group: keyof TailTimes): number => sum(Object.values(times).map((one) => one[group]));

describe('the blame is right where it is known', () => {
  test('hanging-dependency: attempts that time out at the service that hangs', () => {
    const { places, typical } = tailIn(shipped('hanging-dependency'));
    expect(places[0]).toMatchObject({ part: 'timedOut', service: 'ads', medianMs: 0 });
    expect(places[0]!.slowMs).toBeCloseTo(200, 0);
    expect(typical[0]).toMatchObject({ part: 'timedOut', service: 'ads' });
  });

  test('an attempt that times out far above is blamed on where it is stuck', () => {
    const { places, slow } = tailIn(planFrom({
      duration: '20s',
      services: { web: { latency: '1ms', concurrency: 'unlimited', calls: ['mid'] }, mid: { latency: '1ms', concurrency: 'unlimited', calls: ['ads'] }, ads: { latency: '1ms', concurrency: 'unlimited' } },
      traffic: [{ name: 'c', to: 'web', rate: '20/s', arrivals: 'uniform', policy: { timeout: '300ms' } }],
      faults: [{ at: '5s', for: '2s', target: 'ads', hang: true }],
    }));
    expect(places.map(({ edge, part, slowMs }) => [part, edge, slowMs])).toEqual([['timedOut', 'mid->ads', 298], ['timedOut', 'c->web', 1], ['timedOut', 'web->mid', 1], ['service', 'c->web', 0], ['service', 'web->mid', 0], ['service', 'mid->ads', 0]]);
    expect([slow.meanMs, slow.failed]).toEqual([300, 1]);
  });

  test('slow-replica under round robin: the replica that is slow, and nobody else', () => {
    const { endpoints, places } = tailIn(shipped('slow-replica', { 'policies.steer.loadBalancer': 'roundRobin' }));
    expect(places[0]!.service).toBe('cart');
    const [[worst, held], ...others] = Object.entries(endpoints) as [[string, TailTimes], ...[string, TailTimes][]];
    expect(worst).toBe('cart/4');
    expect(held.slowMs).toBeGreaterThan(1000);
    for (const [, { slowMs }] of others) expect(slowMs).toBeLessThan(500);
  });

  test('retry-amplification: three layers of four attempts are 64', () => {
    const { amplifiers } = tailIn(museum('retry-amplification'));
    expect(amplifiers[0]).toMatchObject({ edge: 'naive-api->naive-db', slow: { calls: 16, attempts: 64, retries: 48 } });
    expect(amplifiers[0]!.chain.map(({ attemptsPerCall }) => attemptsPerCall)).toEqual([4, 4, 4]);
  });

  test('retry-storm after its trigger: attempts that time out, twice as many as calls', () => {
    const { amplifiers, parts, places, slow } = tailIn(shipped('retry-storm'));
    expect(places[0]).toMatchObject({ part: 'timedOut', service: 'database' });
    expect(parts.timedOut!.slowMs).toBeGreaterThan(0.9 * slow.meanMs);
    expect(amplifiers[0]!.slow.attempts / amplifiers[0]!.slow.calls).toBeCloseTo(2, 1);
  });

  test('fan-out-tail without a policy: one of the twenty', () => {
    const { slow, places } = tailIn(shipped('fan-out-tail', { 'services.shard.policy': 'none' }));
    expect(places[0]).toMatchObject({ part: 'service', service: 'shard' });
    expect(places[0]!.slowMs).toBeGreaterThan(0.9 * slow.meanMs);
  });

  test('a backoff is what the file says', () => {
    // Twenty of two thousand fail at once, wait, and are served.
    const { parts } = tailIn(planFrom({
      duration: '4s', services: { s: { latency: '10ms', concurrency: 'unlimited', policy: { retries: { attempts: 1, on: '5xx', backoff: { base: '41ms', jitter: 'none' } } } } },
      traffic: [{ name: 'c', to: 's', rate: '500/s', arrivals: 'uniform' }],
      faults: [{ at: '2s', for: '40ms', target: 's', errors: { rate: '100%', after: 0 } }],
    }));
    expect(parts).toEqual({ service: { slowMs: 10, medianMs: 10 }, backoff: { slowMs: 41, medianMs: 0 } });
  });

  test('so are the network, and the wait for a connection', () => {
    const { parts, slow } = tailIn(planFrom({
      duration: '20s', network: { latency: '3ms' },
      services: { s: { latency: '10ms', concurrency: 'unlimited', policy: { connectionPool: { maxConnections: 1 } } } },
      traffic: [{ name: 'c', to: 's', users: 10, thinkTime: '50ms' }],
    }));
    // Ten on one connection.
    expect(parts.network).toEqual({ slowMs: 6, medianMs: 6 });
    expect(parts.service).toEqual({ slowMs: 10, medianMs: 10 });
    expect(parts.connection!.slowMs).toBeCloseTo(slow.meanMs - 16, 5);
    expect(parts.connection!.slowMs).toBeGreaterThan(80);
  });

  test('a hedge that answers in place of an endpoint that hangs was waited for', () => {
    const { parts, places } = tailIn(planFrom({
      duration: '20s',
      services: { s: { replicas: 2, latency: '10ms', policy: { hedge: { after: '25ms', max: 1, budget: '100%' }, timeout: '1s' } } },
      traffic: [{ name: 'c', to: 's', rate: '20/s', arrivals: 'uniform' }],
      faults: [{ at: '1s', for: '2s', target: 's/0', hang: true }],
    }));
    expect(parts).toEqual({ service: { slowMs: 10, medianMs: 10 }, hedgeWait: { slowMs: 25, medianMs: 0 } });
    expect(places[0]).toMatchObject({ part: 'hedgeWait', edge: 'c->s' });
  });
});

describe('M/M/1', () => {
  // E[S | T = t] = (1 - exp(-lambda t)) / lambda: of the time of a slow request only so much is its own work, however slow it is.
  test('the share of the queue is that of theory, in the tail and at the median', () => {
    const lambda = 0.8;
    const { median, parts, slow } = tailIn(planFrom({
      duration: '150s', warmup: '10s', seed: 5,
      services: { s: { concurrency: 1, queue: { limit: 'unlimited' }, latency: { exponential: '1ms' } } },
      traffic: [{ to: 's', rate: '800/s' }],
    }));
    const serviceMs = (t: number): number => (1 - Math.exp(-lambda * t)) / lambda;
    // Spread of the service times of slow requests: 1 / lambda at most, over those that were looked at.
    const within = (group: typeof slow): number => (4.5 * (1 / lambda)) / Math.sqrt(group.examined);
    expect(Math.abs(parts.service!.slowMs - serviceMs(slow.meanMs))).toBeLessThan(within(slow));
    expect(Math.abs(parts.service!.medianMs - serviceMs(median.meanMs))).toBeLessThan(within(median));
    expect(slow.meanMs).toBeGreaterThan(Math.log(100) / 0.2);
    expect(median.meanMs).toBeGreaterThan(3);
    expect(median.meanMs).toBeLessThan(4);
  });
});

describe('whatever the run', () => {
  test('the parts, the places and the slowest requests add up', () => {
    fc.assert(
      fc.property(randomScenario, (scenario) => {
        const plan = planFrom(scenario);
        const latencies: number[] = [];
        traced(plan, (request) => void (request.isMeasured && latencies.push(request.latencyNs / 1e6)));
        if (latencies.length === 0) return;
        const tail = tailIn(plan);
        latencies.sort((one, other) => other - one);
        expect(tail.requests).toBe(latencies.length);
        expect(tail.slowest.map(({ latencyMs }) => latencyMs)).toEqual(latencies.slice(0, 20));
        // Half a request more is none more.
        expect(tail.slow.requests).toBe(Math.max(1, Math.ceil(latencies.length / 100 - 0.5)));
        for (const group of ['slow', 'median'] as const) {
          const mean = tail[group].meanMs;
          const times = `${group}Ms` as const;
          for (const all of [total(tail.parts, times), sum([...tail.places, tail.otherPlaces].map((place) => place[times])), total(tail.services, times) + total(tail.edges, times)]) {
            expect(Math.abs(all - mean)).toBeLessThan(1e-4);
          }
        }
        for (const request of [...tail.slowest, ...tail.typical.map((one) => one.request)]) expect(wrongIn(request)).toEqual([]);
        expect(JSON.stringify(tailIn(plan))).toBe(JSON.stringify(tail));
        expect(JSON.stringify(tail).length).toBeLessThan(500_000);
      }),
      { numRuns: 15 },
    );
  });

  test('the slowest 1 % and the median are those of all requests', () => {
    const plan = planFrom({ duration: '20s', services: { s: { replicas: 3, concurrency: 4, latency: { exponential: '10ms' }, errors: '10%' } }, traffic: [{ to: 's', rate: '1000/s', policy: { timeout: '150ms' } }] });
    const requests: { readonly ms: number; readonly isOk: boolean }[] = [];
    traced(plan, ({ isMeasured, latencyNs, outcome }) => void (isMeasured && requests.push({ ms: latencyNs / 1e6, isOk: outcome === Outcome.ok })));
    requests.sort((one, other) => one.ms - other.ms);
    const { median, slow }: TailResult = tailIn(plan);
    for (const [group, members] of [[slow, requests.slice(-slow.requests)], [median, requests.slice(Math.floor(requests.length * 0.45)).slice(0, median.requests)]] as const) {
      expect(group.examined).toBeGreaterThan(50);
      expect(group.examined).toBeLessThan(group.requests);
      for (const [found, exact] of [[group.fromMs, members[0]!.ms], [group.toMs, members.at(-1)!.ms], [group.meanMs, sum(members.map(({ ms }) => ms)) / members.length]] as const) expect(Math.abs(found / exact - 1)).toBeLessThan(0.008);
      // Counted, but for those at the two ends.
      expect(Math.abs(group.failed - members.filter(({ isOk }) => !isOk).length / members.length)).toBeLessThan(0.02);
    }
    expect(slow.toMs).toBe(requests.at(-1)!.ms);
  });

  test('where half of all requests time out, the slowest 1 % are no few of them that a sort put last', () => {
    // Every second request has to do with `fine`, and of the others two of three wait for `stuck` and one for `stalled`.
    const { endpoints, slow } = tailIn(planFrom({
      duration: '60s',
      services: { fine: { latency: '1ms', concurrency: 'unlimited' }, stuck: { latency: '10s', concurrency: 'unlimited' }, stalled: { latency: '10s', concurrency: 'unlimited' } },
      traffic: [{ to: 'fine', rate: '300/s' }, { to: 'stuck', rate: '200/s', policy: { timeout: '500ms' } }, { to: 'stalled', rate: '100/s', policy: { timeout: '500ms' } }],
    }));
    expect(slow).toMatchObject({ fromMs: 500, toMs: 500, meanMs: 500, failed: 1, examined: 64 });
    expect(endpoints['stuck/0']!.slowMs + endpoints['stalled/0']!.slowMs).toBeCloseTo(500, 5);
    // 4.5 standard deviations of a share of 2/3 among 64.
    expect(Math.abs(endpoints['stuck/0']!.slowMs / 500 - 2 / 3)).toBeLessThan(0.27);
  });

  test('few requests: as many as there are, and those of one latency alike', () => {
    const of = (rate: string): TailResult => tailIn(planFrom({ duration: '1s', services: { s: { latency: '10ms' } }, traffic: [{ to: 's', rate, arrivals: 'uniform' }] }));
    const one = of('1.5/s');
    expect([one.requests, one.slow.requests, one.median.requests]).toEqual([1, 1, 1]);
    const many = of('50/s');
    expect([many.requests, many.slow.requests, many.median.requests]).toEqual([49, 1, 5]);
    expect(many.slow.examined).toBe(49);
  });
});

/** A tree that says something impossible. */
function wrongIn({ call, latencyMs, parts }: RequestTrace): string[] {
  const wrong: string[] = [];
  if (Math.abs(sum(Object.values(parts)) - latencyMs) > 1e-6) wrong.push(`parts of ${JSON.stringify(parts)} are not ${latencyMs}`);
  if (call.fromMs !== 0 || call.toMs !== latencyMs) wrong.push(`the call is from ${call.fromMs} to ${call.toMs}`);
  const visit = ({ attempts, fromMs }: CallTrace): void => {
    for (const attempt of attempts) {
      const times = [fromMs, attempt.sentMs, attempt.arrivedMs, attempt.startedMs, attempt.answeredMs].filter((at) => at !== undefined);
      if (times.some((at, i) => i > 0 && at < times[i - 1]!)) wrong.push(`times of ${attempt.endpoint} are ${times.join(', ')}`);
      for (const child of attempt.calls) {
        if (child.fromMs < (attempt.startedMs ?? Infinity)) wrong.push(`a call at ${child.fromMs} of an attempt that started at ${attempt.startedMs}`);
        visit(child);
      }
    }
  };
  visit(call);
  return wrong;
}
