/** The same inputs lead to the same decisions, and who changes either is found out where he did. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planOf, shippedScenarios } from '../../scripts/shipped.ts';
import type { Plan, PolicyPlan } from '../../src/model/plan.ts';
import { headerLine, parseHeader } from '../../src/record/recording.ts';
import { simulate } from '../../src/run/run.ts';
import { planFrom } from '../support/plan-from.ts';
import { randomScenario } from '../support/random-scenario.ts';
import { temporaryFolder } from '../support/scenario-files.ts';
import { Tapes, withHeader } from '../support/tapes.ts';

const tapes = new Tapes(temporaryFolder());

/** Everything that one edge can have, and enough failures for all of it. */
const BUSY = planFrom({
  name: 'busy',
  duration: '4s',
  network: { latency: '0.2ms' },
  services: {
    web: { replicas: 2, latency: '2ms', calls: ['cart'], policy: 'front' },
    cart: { replicas: 4, latency: { p50: '5ms', p99: '60ms' }, errors: { rate: '6%', status: 503 }, policy: 'back' },
  },
  policies: {
    front: { timeout: '80ms', retries: { attempts: 2, on: ['5xx', 'reset', 'connectFailure', 'timeout'], perTryTimeout: '30ms', budget: { ratio: '50%', minPerSecond: 10 } }, hedge: { after: '15ms', max: 1, budget: '20%' } },
    back: {
      loadBalancer: { type: 'leastRequest' }, timeout: '60ms', deadline: 'propagate',
      retries: { attempts: 3, on: ['5xx', 'reset', 'connectFailure', 'timeout'], perTryTimeout: '20ms' },
      connectionPool: { maxConnections: 6, maxPendingRequests: 1, maxRequests: 3, maxRetries: 10, maxRequestsPerConnection: 50, idleTimeout: '300ms' },
      outlierDetection: { consecutive5xx: 4, interval: '200ms', baseEjectionTime: '300ms', maxEjectionPercent: '50%' },
      healthCheck: { interval: '450ms', noTrafficInterval: '450ms', timeout: '50ms', unhealthyThreshold: 1, healthyThreshold: 1 },
    },
  },
  traffic: [{ to: 'web', name: 'users', clients: 2, rate: '150/s' }],
  faults: [{ at: '1s', for: '1s', target: 'cart/1', crash: true }, { at: '2500ms', for: '500ms', target: 'cart/2', pause: true }, { at: '3s', for: '500ms', target: 'cart/3', errors: '90%' }],
});
const busy = tapes.simulated(BUSY);

describe('the same decisions', () => {
  test.each(shippedScenarios().map((scenario) => ({ name: scenario.name, plan: planOf(scenario).plan })))('of $name', async ({ plan }) => {
    // A part of it: the generated ones have all there is.
    const short = { ...plan, durationNs: Math.min(plan.durationNs, 1.5e9) };
    expect(await tapes.replayed(tapes.simulated(short))).toMatchObject({ divergence: null, isWhole: true });
  });

  test('of generated scenarios, with every policy there is', async () => {
    await fc.assert(fc.asyncProperty(randomScenario, async (scenario) => {
      expect(await tapes.replayed(tapes.simulated(planFrom(scenario)))).toMatchObject({ divergence: null, isWhole: true });
    }), { numRuns: 20 });
  });

  test('are written down once each, with nothing left out that happened', () => {
    for (const word of ['timerDue attemptTimeout', 'timerDue backoff', 'timerDue outbound', 'timerDue callTimeout', 'opened', 'openFailed', 'connectionsLost', 'probeAnswered', '- open', '- closed', '- cancel', '- probe', '- disarm', '- ejected', '- unejected', '- overflowed']) {
      expect(busy.filter((line) => line.includes(`${word} `)).length, word).toBeGreaterThan(0);
    }
    const calls = Object.values(simulate(BUSY).services).reduce((sum, { requests }) => sum + requests, 0);
    expect(busy.filter((line) => line.startsWith('- settle ')).length).toBe(calls);
  });

  test('are those of a run that nobody records', () => {
    const { env: _, ...unrecorded } = simulate(BUSY);
    const { env: __, ...recorded } = simulate(BUSY, { recordTo: '/dev/null' });
    expect(recorded).toEqual(unrecorded);
  });

  test('a header holds the plan as it was, infinite numbers included', () => {
    for (const scenario of shippedScenarios()) {
      const { plan } = planOf(scenario);
      expect(parseHeader(headerLine('real', plan, 7, true))).toMatchObject({ mode: 'real', seed: 7, modelsConnections: true });
      expect(parseHeader(headerLine('real', plan, 7, true)).plan).toEqual(plan);
    }
    expect(parseHeader(headerLine('sim', { ...BUSY, name: '1e999 "Infinity"' }, 1, false)).plan.name).toBe('1e999 "Infinity"');
  });
});

describe('a recording that was changed', () => {
  /** Lines from 1, as editors count them. */
  const inputOf = (line: number): number => {
    let input = line;
    while (busy[input - 1]!.startsWith('-')) input--;
    return input;
  };
  const changed = (line: number, to: readonly string[]): readonly string[] => [...busy.slice(0, line - 1), ...to, ...busy.slice(line)];
  const decisions = busy.flatMap((text, i) => (text.startsWith('- ') ? [i + 1] : []));
  const someDecision = fc.integer({ min: 0, max: decisions.length - 1 }).map((i) => decisions[i]!);

  test('in a decision is found out at its input', async () => {
    await fc.assert(fc.asyncProperty(someDecision, async (line) => {
      const text = busy[line - 1]!;
      const other = text.replace(/\d+(?!.*\d)/, (digits) => String(Number(digits) + 1));
      const { divergence } = await tapes.replayed(changed(line, [other]));
      expect(divergence).toMatchObject({ line: inputOf(line), recorded: { text: other }, replayed: { text } });
    }), { numRuns: 12 });
  });

  test('by leaving a decision out is found out at its input', async () => {
    await fc.assert(fc.asyncProperty(someDecision, async (line) => {
      const { divergence } = await tapes.replayed(changed(line, []));
      expect(divergence?.line).toBe(inputOf(line));
    }), { numRuns: 12 });
  });

  test('by adding a decision is found out at its input', async () => {
    await fc.assert(fc.asyncProperty(someDecision, async (line) => {
      const { divergence } = await tapes.replayed(changed(line, [busy[line - 1]!, '- overflowed 77']));
      expect(divergence).toMatchObject({ line: inputOf(line), recorded: { text: '- overflowed 77' } });
    }), { numRuns: 12 });
  });

  test.each([
    ['attemptDone', / ok 200$/, ' error 503'],
    ['attemptDone', / error 503$/, ' ok 200'],
    ['attemptDone', / error 503$/, ' reset 0'],
    ['begin', /^(\d+) begin (\d+) 0/, '$1 begin $2 1'],
    ['probeAnswered', / pass$/, ' network'],
    ['timerDue attemptTimeout', 'attemptTimeout', 'callTimeout'],
    ['opened', 'opened', 'openFailed'],
  ] as const)('in %s (%s) is found out there', async (word, from, to) => {
    // The last one before which nothing else is changed, and whose attempt somebody waits for.
    const line = busy.findIndex((text, i) => i > busy.length / 2 && text.includes(` ${word} `) && text.search(from) >= 0 && busy[i + 1]!.startsWith('-')) + 1;
    expect(line).toBeGreaterThan(1);
    const { divergence } = await tapes.replayed(changed(line, [busy[line - 1]!.replace(from, to)]));
    expect(divergence?.line).toBe(line);
  });

  test('by an answer to nobody is found out as that', async () => {
    const line = busy.findIndex((text) => text.includes(' attemptDone ')) + 1;
    const { divergence } = await tapes.replayed(changed(line, [busy[line - 1]!.replace(/attemptDone \d+/, 'attemptDone 999')]));
    expect(divergence).toMatchObject({ line, recorded: null, replayed: null });
  });

  test('by leaving an input out is found out, at the latest by the last line', async () => {
    await fc.assert(fc.asyncProperty(someDecision, async (line) => {
      const input = inputOf(line);
      let next = input + 1;
      while (busy[next - 1]!.startsWith('-')) next++;
      const kept = [...busy.slice(0, input - 1), ...busy.slice(next - 1)];
      const outcome = await tapes.replayed(kept).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome.message).toContain('lines are missing');
      else expect((outcome as { divergence: unknown }).divergence).not.toBeNull();
    }), { numRuns: 12 });
  });
});

describe('another engine', () => {
  const withPolicy = (change: (policy: PolicyPlan) => Partial<PolicyPlan>): readonly string[] =>
    withHeader(busy, ({ plan }) => ({ plan: { ...plan, edges: plan.edges.map((edge) => ({ ...edge, policy: { ...edge.policy, ...change(edge.policy) } })) } satisfies Plan }));

  test.each<readonly [string, (policy: PolicyPlan) => Partial<PolicyPlan>, RegExp]>([
    ['that never retries', ({ retries }) => ({ retries: retries && { ...retries, attempts: 0 } }), /^- (disarm callTimeout|settle) /],
    ['with another per-try timeout', ({ retries }) => ({ retries: retries && { ...retries, perTryTimeoutNs: 21e6 } }), /^- arm attemptTimeout /],
    ['that ejects sooner', ({ outlierDetection }) => ({ outlierDetection: outlierDetection && { ...outlierDetection, consecutive5xx: 3 } }), /^- ejected /],
    ['that ejects nobody', () => ({ outlierDetection: null }), /^- /],
    ['with another balancer', () => ({ loadBalancer: { kind: 'random', options: {} } as PolicyPlan['loadBalancer'] }), /^- (open|send) /],
    ['with smaller pools', ({ connectionPool }) => ({ connectionPool: connectionPool && { ...connectionPool, maxRequestsPerConnection: 1 } }), /^- (open|closed) /],
    ['without hedges', () => ({ hedge: null }), /^- /],
    ['that checks health less often', ({ healthCheck }) => ({ healthCheck: healthCheck && { ...healthCheck, interval: 500e6, noTrafficInterval: 500e6 } }), /^- arm outbound /],
  ])('%s decides otherwise', async (_, change, replayed) => {
    const { divergence } = await tapes.replayed(withPolicy(change));
    expect(divergence?.replayed?.text ?? '- nothing more').toMatch(replayed);
    expect(divergence?.place ?? null).not.toBeNull();
  });

  test('with another seed picks somebody else', async () => {
    const { divergence } = await tapes.replayed(withHeader(busy, () => ({ seed: 2 })));
    expect(divergence).not.toBeNull();
  });
});

describe('a recording that breaks off', () => {
  test('agrees up to wherever that is', async () => {
    const text = `${busy.join('\n')}\n`;
    await fc.assert(fc.asyncProperty(fc.integer({ min: busy[0]!.length + 1, max: text.length - 1 }), async (length) => {
      expect(await tapes.replayedText(text.slice(0, length))).toMatchObject({ divergence: null, isWhole: false });
    }), { numRuns: 12 });
  });

  test.each([
    ['nothing', '', 'it is empty'],
    ['half a header', busy[0]!.slice(0, 100), 'it is empty'],
    ['text', 'name: shop\n', 'this is no recording'],
    ['other JSON', '{"schema":"meshsim/result/1"}\n', 'this is no recording'],
    ['a later format', `${busy[0]!.replace('recording/1', 'recording/2')}\n`, '`meshsim/recording/2`, and this meshsim reads `meshsim/recording/1`'],
    ['a plan of something else', `${busy[0]!.replace('"edges"', '"corners"')}\n`, 'no engine can be made'],
    ['an unknown word', `${busy[0]!}\n0 stop\n`, 'line 2: this is no line of a recording: `0 stop`'],
    ['a value too many', `${busy[0]!}\n0 start 1\n`, 'line 2: this is no line'],
    ['a value that is none', `${busy[0]!}\n0 opened 0 x\n`, 'line 2: this is no line'],
    ['a time that is none', `${busy[0]!}\nnow start\n`, 'line 2: this is no line'],
    ['a decision without an input', `${busy[0]!}\n- begun 0\n`, 'line 2: a decision without an input'],
    ['time that goes back', `${busy[0]!}\n5 timerDue outbound 1\n4 timerDue outbound 1\n`, 'line 3: time goes back'],
    ['something after the end', `${busy[0]!}\nend 0 0\n0 start\n`, 'line 3: something follows the end'],
    ['a wrong count', `${busy[0]!}\nend 1 0\n`, 'line 2: lines are missing'],
  ])('or is no recording but %s is refused with the place', async (_, text, message) => {
    await expect(tapes.replayedText(text)).rejects.toThrow(message);
  });
});
