/** What presets fill in, and what the file's own keys do to it. */
import { describe, expect, it } from 'vitest';
import type { PolicyPlan } from '../../src/model/plan.ts';
import { httpRetriesOf, isMistake } from '../../src/scenario/import/linkerd-annotations.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { type PresetName, presets } from '../../src/scenario/preset/registry.ts';
import { inline, type JsonObject } from '../../src/scenario/schema.ts';
import { BASE } from './corpus.ts';

const NAMES = Object.keys(presets) as PresetName[];

interface Parsed {
  readonly plan: PolicyPlan;
  // biome-ignore lint/suspicious/noExplicitAny: the file as JSON
  readonly file: any;
}

function policyOf(policy: string): Parsed {
  const { plan, resolved, problems } = parseScenario(`${BASE}policies:\n  default: ${policy}\n`);
  expect(problems).toEqual([]);
  return { plan: plan!.edges[0]!.policy, file: (resolved as Parsed['file']).policies.default };
}

describe('a preset', () => {
  it.each(NAMES)('%s is shown with all it fills in, and the copy means the same', (name) => {
    const { plan, file } = policyOf(`{ preset: ${name} }`);
    expect(file.preset).toBe(name);
    expect(policyOf(JSON.stringify(file))).toEqual({ plan, file });
  });

  it.each(NAMES)('%s asks for nothing that a run would refuse', (name) => {
    expect(parseScenario(`${BASE}policies:\n  default: { preset: ${name} }\n`).notSimulated).toEqual([]);
  });

  it.each(NAMES)('%s may stand after the keys that override it', (name) => {
    expect(policyOf(`{ timeout: 3s, preset: ${name} }`)).toEqual(policyOf(`{ preset: ${name}, timeout: 3s }`));
    expect(policyOf(`{ timeout: 3s, preset: ${name} }`).plan.timeoutNs).toBe(3e9);
  });

  it.each(NAMES)('%s gives way to parts that are switched off', (name) => {
    const { plan } = policyOf(`{ preset: ${name}, retries: none, connectionPool: none, timeout: none, panicThreshold: 0% }`);
    expect(plan).toMatchObject({ retries: null, connectionPool: null, timeoutNs: Infinity, panicThreshold: 0 });
  });

  it.each(NAMES)('%s fills in what is written down here, alone and inside parts that the file turns on', async (name) => {
    const alone = policyOf(`{ preset: ${name} }`).file;
    const withParts = policyOf(`{ preset: ${name}, retries: {}, outlierDetection: {}, connectionPool: {} }`).file;
    const lines = (policy: JsonObject): string[] => Object.entries(policy).map(([key, value]) => `  ${key}: ${inline(value)}\n`);
    await expect(['alone:\n', ...lines(alone), 'withParts:\n', ...lines(withParts)].join('')).toMatchFileSnapshot(`golden/preset-${name}.yaml`);
  });

  it.each(NAMES.flatMap((name) => (presets[name].variants ?? []).map(({ doc, sets }) => [name, doc, sets] as const)))('%s has a variant that is valid and runs: %s', (name, _doc, sets) => {
    const { plan, problems, notSimulated } = parseScenario(`${BASE}policies:\n  default: ${JSON.stringify({ preset: name, ...sets })}\n`);
    expect([plan === null, problems, notSimulated]).toEqual([false, [], []]);
  });

  it.each(NAMES)("%s gives way to the file's own values inside its parts", (name) => {
    const own = {
      loadBalancer: { type: 'leastRequest', choices: 3 }, connectionPool: { maxRetries: 9, protocol: 'http1' }, locality: { mode: 'none' }, split: 'fixed', failfast: { timeout: '1s' },
      retries: { attempts: 4, on: [503], backoff: { base: '7ms', jitter: 'full' }, maxBody: '1KiB', lastTryTimeout: true }, outlierDetection: { interval: '3s', dialect: 'envoy', enforcingSuccessRate: '10%' },
    };
    expect(policyOf(JSON.stringify({ preset: name, ...own })).file).toMatchObject(own);
  });

  it('none is what a file says without one', () => {
    const { file, plan } = policyOf('{ retries: 2 }');
    expect(policyOf('{ preset: none, retries: 2 }')).toEqual({ plan, file });
  });

  it('envoy: fifteen seconds, round robin, the limits of a cluster, no retries', () => {
    expect(policyOf('{ preset: envoy }').plan).toMatchObject({
      loadBalancer: { kind: 'roundRobin' }, timeoutNs: 15e9, retries: null, outlierDetection: null, panicThreshold: 0.5,
      connectionPool: { maxConnections: 1024, maxPendingRequests: 1024, maxRequests: 1024, maxRetries: 3, connectTimeoutNs: 5e9, idleTimeoutNs: 3600e9 },
    });
  });

  it("envoy: retries and balancers that the file turns on behave as Envoy's", () => {
    const { plan } = policyOf('{ preset: envoy, retries: { attempts: 3, backoff: 100ms }, loadBalancer: { type: leastRequest, choices: 5 } }');
    expect(plan.retries).toMatchObject({ attempts: 3, backoff: { baseNs: 100e6, maxNs: 1000e6, jitter: 'envoy' } });
    expect(plan.loadBalancer).toMatchObject({ kind: 'leastRequest', options: { choices: 5, sampling: 'withReplacement' } });
  });

  it('istio: two retries elsewhere, no limits, panic as long as nothing is ejected', () => {
    const { plan } = policyOf('{ preset: istio }');
    expect(plan).toMatchObject({ timeoutNs: Infinity, panicThreshold: 0.5, loadBalancer: { kind: 'leastRequest', options: { choices: 2 } }, connectionPool: { maxRetries: Infinity, connectTimeoutNs: 10e9 } });
    expect(plan.retries).toMatchObject({ attempts: 2, avoidPrevious: true, backoff: { baseNs: 25e6, maxNs: 250e6, jitter: 'envoy' } });
  });

  it('istio: outlier detection comes without panic, unless the file says otherwise', () => {
    expect(policyOf('{ preset: istio, outlierDetection: {} }').plan).toMatchObject({ panicThreshold: 0, outlierDetection: { enforcingSuccessRate: 0, enforcingConsecutiveGatewayFailure: 0 }, locality: { mode: 'failover', overprovisioningFactor: 1.4 } });
    expect(policyOf('{ preset: istio, outlierDetection: {}, locality: none }').plan.locality).toEqual({ mode: 'none' });
    expect(policyOf('{ preset: istio }').plan.locality).toEqual({ mode: 'none' });
    expect(policyOf('{ preset: istio, outlierDetection: { enforcingSuccessRate: 100% }, panicThreshold: 30% }').plan).toMatchObject({ panicThreshold: 0.3, outlierDetection: { enforcingSuccessRate: 1 } });
    expect(policyOf('{ preset: istio, outlierDetection: none }').plan).toMatchObject({ panicThreshold: 0.5, outlierDetection: null });
  });

  it('istio: consistent hashing keeps to its endpoint', () => {
    expect(policyOf('{ preset: istio, loadBalancer: ringHash }').file.retries.avoidPrevious).toBe(false);
    expect(policyOf('{ preset: istio, loadBalancer: ringHash, retries: none }').file.retries).toBe('none');
  });

  it('linkerd: peak EWMA over HTTP/2, and a second attempt only on errors that are none of the application', () => {
    const { plan } = policyOf('{ preset: linkerd, retries: {} }');
    expect(plan).toMatchObject({ loadBalancer: { kind: 'peakEwma', options: { decay: 10e9, defaultRtt: 30e6, estimator: 'tower' } }, panicThreshold: 0, connectionPool: { connectTimeoutNs: 1e9, protocol: 'http2', idleTimeoutNs: Infinity } });
    expect(plan.retries).toMatchObject({
      attempts: 1, on: ['timeout', 'refusedStream', 'failfast'], budget: null, maxBodyBytes: 65_536, lastTryTimeout: false,
      backoff: { baseNs: 25e6, maxNs: 250e6, jitter: 'linkerd', jitterRatio: 1 },
    });
    expect(plan).toMatchObject({ failfast: { timeout: 3e9, capacity: 10_000 }, split: 'available' });
    expect(policyOf('{ preset: linkerd, connectionPool: { protocol: http1 } }').plan.connectionPool).toMatchObject({ idleTimeoutNs: 3e9, connectTimeoutNs: 1e9 });
  });

  it('linkerd: the limits of retries are those that its annotations are read with', () => {
    const annotated = httpRetriesOf({ 'retry.linkerd.io/limit': '1' });
    if (annotated === null || isMistake(annotated)) throw new Error('the annotation is valid');
    const { attempts, backoff, maxBodyBytes } = policyOf('{ preset: linkerd, retries: {} }').plan.retries!;
    expect({ attempts, backoff, maxBodyBytes }).toEqual({ attempts: annotated.limit, backoff: annotated.backoff, maxBodyBytes: annotated.maxBodyBytes });
  });

  it('linkerd: retries of a ServiceProfile know no number, only a budget', () => {
    const profile = presets.linkerd.variants!.find(({ doc }) => doc.startsWith('A ServiceProfile'))!;
    const { plan } = policyOf(JSON.stringify({ preset: 'linkerd', ...profile.sets }));
    expect(plan.retries).toMatchObject({ attempts: Infinity, on: ['500-599'], backoff: { baseNs: 0, maxNs: 0, jitter: 'none' }, budget: { kind: 'tower', options: { ratio: 0.2, minPerSecond: 10, ttl: 10e9 } }, maxBodyBytes: 65_536 });
  });

  it("grpc: gRPC's own outlier detection and retries, the deadline passed on", () => {
    const { plan } = policyOf('{ preset: grpc, retries: {}, outlierDetection: {}, loadBalancer: ringHash }');
    expect(plan).toMatchObject({ propagateDeadline: true, panicThreshold: 0, split: 'fixed', outlierDetection: { dialect: 'grpc' }, connectionPool: { protocol: 'http2', connectTimeoutNs: 20e9, idleTimeoutNs: 1800e9 } });
    expect(plan.retries).toMatchObject({ attempts: 3, on: ['UNAVAILABLE'], backoff: { baseNs: 100e6, maxNs: 1e9, jitter: 'grpc', multiplier: 2 } });
    expect(plan.loadBalancer).toMatchObject({ kind: 'ringHash', options: { minRingSize: 1024, maxRingSize: 4096, members: 'all' } });
  });

  it('finagle: endpoints that fail are marked dead, and taken all the same when all are', () => {
    const { plan } = policyOf('{ preset: finagle }');
    expect(plan).toMatchObject({
      panicThreshold: 0.01,
      failureAccrual: { kind: 'finagle', options: { consecutiveFailures: 5, successRate: 0.8, window: 30e9, minRequests: 5, markDeadFor: 5e9, maxMarkDeadFor: 300e9 } },
    });
    expect(policyOf('{ preset: finagle, failureAccrual: none }').plan.failureAccrual).toBeNull();
    expect(policyOf('{ preset: finagle, failureAccrual: { consecutive: {} } }').plan.failureAccrual).toMatchObject({ kind: 'consecutive' });
  });

  it('finagle: another kind of budget takes the place of its own', () => {
    expect(policyOf('{ preset: finagle }').plan.retries!.budget).toMatchObject({ kind: 'window', options: { ratio: 0.2, minPerSecond: 10, ttl: 10e9 } });
    expect(policyOf('{ preset: finagle, retries: { budget: { ratio: 5% } } }').plan.retries!.budget).toMatchObject({ kind: 'window', options: { ratio: 0.05, minPerSecond: 10 } });
    expect(policyOf('{ preset: finagle, retries: { budget: { maxTokens: 5 } } }').plan.retries!.budget).toMatchObject({ kind: 'tokens', options: { maxTokens: 5 } });
  });

  it('does not lend its options to another balancer', () => {
    expect(policyOf('{ preset: istio, loadBalancer: random }').plan.loadBalancer).toEqual({ kind: 'random', options: { weighted: false } });
    expect(policyOf('{ preset: linkerd, loadBalancer: { type: leastRequest } }').plan.loadBalancer).toMatchObject({ kind: 'leastRequest', options: { sampling: 'distinct' } });
  });

  it('can be set from outside', () => {
    const { plan } = parseScenario(`${BASE}policies:\n  default: { timeout: 1s }\n`, { set: [{ path: 'policies.default.preset', value: 'istio' }, { path: 'policies.default.retries.attempts', value: '7' }] });
    expect(plan!.edges[0]!.policy).toMatchObject({ timeoutNs: 1e9, retries: { attempts: 7, avoidPrevious: true } });
  });
});
