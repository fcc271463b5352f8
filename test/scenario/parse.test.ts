import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import { type ParsedScenario, parseScenario } from '../../src/scenario/parse.ts';
import { BASE, FULL, VALID } from './corpus.ts';

function planOf(text: string, options: Parameters<typeof parseScenario>[1] = {}): Plan {
  const { plan, problems } = parseScenario(text, options);
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  return plan!;
}

/** Lines differ between a file and its resolved copy. */
function withoutLines(plan: Plan | null): unknown {
  return plan === null ? null : { ...plan, thresholds: plan.thresholds.map((threshold) => ({ ...threshold, line: 0 })) };
}

describe('a plan', () => {
  it('has every default of the reference', () => {
    const plan = planOf(BASE, { file: 'dir/checkout.yaml' });
    expect(plan).toMatchObject({ name: 'checkout', seed: 1, durationNs: 60e9, warmupNs: 0, drainNs: 30e9, replications: 1, zones: ['default'], network: { links: [null], loss: 0 } });
    expect(plan.services[0]).toMatchObject({ replicas: 1, concurrency: 64, queue: { limit: 1024, discipline: 'fifo', timeout: null }, errors: null, onCancel: 'continue', weights: [1], zones: [0], startupNs: 0 });
    expect(plan.traffic[0]).toMatchObject({ name: 'web', clients: 1, load: { kind: 'open', arrivals: { kind: 'poisson' }, profile: [{ atNs: 0, ratePerS: 100 }] } });
    expect(plan.traffic[0]!.classes).toEqual([{ name: 'default', weight: 1, method: 'GET', path: '/', headers: {}, body: '', key: null }]);
    expect(plan.edges).toHaveLength(1);
    expect(plan.edges[0]).toMatchObject({ name: 'web->web', from: { kind: 'traffic', index: 0 }, to: 0 });
    expect(plan.edges[0]!.policy).toEqual({ name: 'none', loadBalancer: { kind: 'roundRobin', options: {} }, timeoutNs: Infinity, propagateDeadline: false, retries: null, hedge: null, connectionPool: null, outlierDetection: null, failureAccrual: null, circuitBreaker: null, healthCheck: null, failfast: null, rateLimit: null, admission: null, concurrencyLimit: null, panicThreshold: 0.5, locality: { mode: 'none' }, split: 'fixed', slowStart: null, proxyOverhead: null, wrapper: null });
  });

  it('has the defaults of a retry policy', () => {
    const { retries } = planOf(`${BASE}policies: { default: { retries: {} } }\n`).edges[0]!.policy;
    expect(retries).toEqual({ attempts: 1, on: ['5xx'], perTryTimeoutNs: Infinity, backoff: { baseNs: 25e6, maxNs: 250e6, jitter: 'full', multiplier: 2, jitterRatio: 0 }, budget: null, avoidPrevious: false, methods: null, maxBodyBytes: Infinity, lastTryTimeout: true, own: null });
  });

  it.each([
    ['{}', 0.5],
    ['{ failureAccrual: { consecutive: {} } }', 0],
    ['{ failureAccrual: { unified: {} } }', 0],
    ['{ failureAccrual: { finagle: {} } }', 0.5],
    ['{ failureAccrual: { consecutive: {} }, panicThreshold: 20% }', 0.2],
  ])("has no panic beside Linkerd's failure accrual unless it is asked for: %s", (policy, threshold) => {
    expect(planOf(`${BASE}policies: { default: ${policy} }\n`).edges[0]!.policy.panicThreshold).toBe(threshold);
  });

  it('makes one edge for each caller, service and policy', () => {
    expect(planOf(FULL).edges.map(({ name, policy }) => [name, policy.name])).toEqual([
      ['browse->web', 'default'], ['web->web', 'web'], ['web->cart', 'standard'], ['web->cart#impatient', 'impatient'], ['web->cart#1', '1'], ['web->ads', 'none'],
    ]);
  });

  it('spreads endpoints and clients over zones in turn', () => {
    const plan = planOf(FULL);
    expect(plan.services.map(({ zones }) => zones)).toEqual([[0, 1], [0, 0, 0, 0, 0], [0]]);
    expect(plan.traffic.map(({ zones }) => zones)).toEqual([[0, 1, 0, 1], [1]]);
    expect(plan.services.map(({ firstEndpoint }) => firstEndpoint)).toEqual([0, 2, 7]);
  });

  it('overrides one direction of a link and leaves the other', () => {
    const [aa, ab, ba, bb] = planOf(FULL).network.links.map((link) => link?.law);
    expect([aa, ba, bb]).toEqual([{ kind: 'constant', valueNs: 250e3 }, { kind: 'constant', valueNs: 1e6 }, { kind: 'constant', valueNs: 250e3 }]);
    expect(ab).toMatchObject({ kind: 'lognormal' });
  });

  it('draws a profile constant before its first point', () => {
    const load = planOf(FULL).traffic[0]!.load;
    expect(load).toMatchObject({ profile: [{ atNs: 0, ratePerS: 40 }, { atNs: 20e9, ratePerS: 40, step: true }, { atNs: 25e9, ratePerS: 120, step: false }, { atNs: 40e9, ratePerS: 40, step: true }] });
  });

  it('expands a repeated fault into windows and finds all edges of a pair', () => {
    const [slow, cut, some] = planOf(FULL).faults;
    expect(slow).toMatchObject({ target: { kind: 'endpoints', endpoints: [6], pick: null } });
    expect(cut).toMatchObject({ name: 'fault-2', windows: [{ fromNs: 5e9, toNs: 6e9 }, { fromNs: 8e9, toNs: 9e9 }, { fromNs: 11e9, toNs: 12e9 }], target: { kind: 'edges', edges: [2, 3, 4] } });
    expect(some).toMatchObject({ windows: [{ fromNs: 40e9, toNs: Infinity }], target: { endpoints: [2, 3, 4, 5, 6], pick: { count: 2 } }, effects: [{ kind: 'errors', errors: { rate: 0.2, status: 500, afterNs: null } }, { kind: 'crash' }] });
  });

  it('lays a lognormal law through two quantiles', () => {
    const { law } = planOf(FULL).services[1]!.latency;
    if (law.kind !== 'lognormal') throw new Error(law.kind);
    expect(Math.exp(law.mu)).toBeCloseTo(8e6, 3);
    expect(Math.exp(law.mu + 2.3263478740408408 * law.sigma)).toBeCloseTo(60e6, 2);
  });

  it('reads recorded arrivals and drops those after the end with a warning', () => {
    const text = BASE.replace('rate: 100/s', 'arrivalsFile: a.csv, requests: [{ name: list }, { name: buy }]');
    const { plan, problems } = parseScenario(text, { readFile: () => 'ms,class\n20.5,buy\n3,list\n61000,buy\n' });
    expect(plan!.traffic[0]!.load).toEqual({ kind: 'recorded', offsetsNs: [3e6, 20.5e6], classes: [0, 1] });
    expect(problems.map(({ code, severity }) => [code, severity])).toEqual([['no-effect', 'warning']]);
  });

  it('reads recorded latencies, in ms where they have no unit', () => {
    const text = BASE.replace('5ms', '{ empirical: { file: lat.csv, column: took } }');
    const { law } = planOf(text, { readFile: () => 'id,took\n1,2.5\n2,3s\n' }).services[0]!.latency;
    expect(law).toEqual({ kind: 'empirical', valuesNs: [2.5e6, 3e9] });
  });

  it('cannot read files unless it is given a way to', () => {
    expect(parseScenario(BASE.replace('rate: 100/s', 'arrivalsFile: a.csv')).problems[0]).toMatchObject({ code: 'bad-file', hint: 'files cannot be read here' });
  });
});

describe('options of balancers that cannot be meant together', () => {
  it.each([
    ['{ type: ringHash, maxRingSize: 512 }', 'contradiction', 'maxRingSize', 'a ring of at least 1024 entries (`minRingSize`) cannot have at most 512'],
    ['{ type: maglev, tableSize: 65536 }', 'contradiction', 'tableSize', 'a table of 65536 slots cannot be filled: permutations need a prime'],
  ])('%s is a %s at %s', (loadBalancer, code, key, message) => {
    const text = `${BASE}policies: { default: { loadBalancer: ${loadBalancer} } }\n`;
    const { plan, problems } = parseScenario(text);
    expect(plan).toBeNull();
    expect(problems).toMatchObject([{ code, message, path: `policies.default.loadBalancer.${key}` }]);
    // Shown at the value.
    expect(text.split('\n')[problems[0]!.line! - 1]!.slice(problems[0]!.column! - 1)).toMatch(/^\d/);
  });

  it('slow start under a balancer without weights is a warning', () => {
    expect(parseScenario(`${BASE}policies: { default: { loadBalancer: peakEwma, slowStart: 30s } }\n`).problems).toMatchObject([{ code: 'no-effect', severity: 'warning', path: 'policies.default.slowStart' }]);
  });
});

describe('policies that are not simulated yet', () => {
  it('are understood, with a warning at each', () => {
    const { plan, problems, notSimulated } = parseScenario(VALID['policies of a later engine']!);
    expect(plan).not.toBeNull();
    expect(notSimulated).toEqual(problems);
    expect(notSimulated.map(({ path }) => path.replace('policies.default.', '')).sort()).toEqual(['loadBalancer.maxRetryAfter']);
  });
});

describe('a resolved scenario', () => {
  it.each(Object.entries(VALID))('parses to the same plan: %s', (_, text) => {
    const first = parseScenario(text, { file: 'x.yaml' });
    const again = parseScenario(JSON.stringify(first.resolved), { file: 'x.yaml' });
    expect(first.plan).not.toBeNull();
    expect(withoutLines(again.plan)).toEqual(withoutLines(first.plan));
    expect(again.resolved).toEqual(first.resolved);
  });

  it('keeps the units of the file and fills in the rest', () => {
    const { resolved } = parseScenario(BASE);
    expect(resolved).toMatchObject({ duration: '60s', drain: '30s', services: { web: { latency: '5ms', replicas: 1, policy: 'none', errors: 'none' } }, traffic: [{ name: 'web', rate: '100/s' }] });
  });
});

describe('an override', () => {
  const set = (path: string, value: string, text: string = FULL) => parseScenario(text, { set: [{ path, value }] });

  it.each([
    ['services.cart.replicas', '7', (plan: Plan) => plan.services[1]!.replicas, 'weights'],
    ['seed', '7', (plan: Plan) => plan.seed, 7],
    ['traffic[0].rate', '7/s', (plan: Plan) => plan.traffic[0]!.load, { kind: 'open' }],
    ['traffic.1.clients', '3', (plan: Plan) => plan.traffic[1]!.clients, 3],
    ['policies.default.loadBalancer', 'peakEwma', (plan: Plan) => plan.edges[0]!.policy.loadBalancer.kind, 'peakEwma'],
    ['policies.default.loadBalancer.type', 'roundRobin', (plan: Plan) => plan.edges[0]!.policy.loadBalancer.kind, 'roundRobin'],
    ['policies.default.retries.attempts', '4', (plan: Plan) => plan.edges[0]!.policy.retries?.attempts, 4],
    ['services.ads.errors.status', '502', (plan: Plan) => plan.services[2]!.errors, { rate: 0.005, status: 502, afterNs: null }],
    ['services.web.calls[0].times', '9', (plan: Plan) => plan.services[0]!.calls[0]!.calls[0]!.times, 9],
    ['policies.standard.retries', 'none', (plan: Plan) => plan.edges[2]!.policy.retries, null],
  ])('sets %s to %s', (path, value, read, expected) => {
    const { plan, problems } = set(path, value);
    if (expected === 'weights') expect(problems.find(({ severity }) => severity === 'error')).toMatchObject({ code: 'contradiction', path: 'services.cart.weights' });
    else if (typeof expected === 'object' && expected !== null) expect(read(plan!)).toMatchObject(expected);
    else expect(read(plan!)).toBe(expected);
  });

  it.each([
    ['services.crat.replicas', '5', 'there is no `services.crat` in this scenario', 'did you mean `cart`?'],
    ['services.cart.replcas', '5', 'there is no `services.cart.replcas` in this scenario', 'did you mean `replicas`?'],
    ['traffic[7].rate', '5/s', 'there is no `traffic[7]` in this scenario', '0 to 1'],
    ['traffic.browse.rate', '5/s', 'there is no `traffic.browse` in this scenario', 'a list is indexed: did you mean `traffic[0].rate`?'],
    ['traffic.brows.rate', '5/s', 'there is no `traffic.brows` in this scenario', 'a list is indexed: `traffic[0]` to `traffic[1]`'],
    ['services.ads.calls[0]', 'web', 'there is no `services.ads.calls[0]` in this scenario', 'there is no list to change one of; set all of it, such as `services.ads.calls=[...]`'],
    ['..', '5', '`..` is not a path', 'such as services.cart.replicas or traffic[0].rate'],
  ])('refuses %s', (path, value, message, hint) => {
    expect(set(path, value).problems.at(0)).toMatchObject({ code: 'unknown-path', message, hint, file: `--set ${path}=${value}`, line: null });
  });

  it('names the flag where its value is wrong', () => {
    expect(set('services.cart.latency', '5').problems[0]).toMatchObject({ code: 'missing-unit', file: '--set services.cart.latency=5', line: null, path: 'services.cart.latency' });
    expect(set('services.cart.replicas.x', '3').problems[0]).toMatchObject({ code: 'wrong-type', file: '--set services.cart.replicas.x=3', line: null });
    expect(set('services.cart.latency.p90', '20ms').problems[0]).toMatchObject({ code: 'contradiction', file: '--set services.cart.latency.p90=20ms', line: null });
  });
});

describe('any text', () => {
  const isJudged = (text: string): void => {
    const { plan, problems } = parseScenario(text, { file: 'x.yaml' });
    expect(plan !== null).toBe(!problems.some(({ severity }) => severity === 'error'));
  };
  const texts = fc.constantFrom(...Object.values(VALID));
  const budget = { numRuns: 250, interruptAfterTimeLimit: 2500, markInterruptAsFailure: false } as const;

  it('is judged, never thrown at: edited bytes', () => {
    const edit = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat(8), text: fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('\t', '{', '[', '*a', '&a ', ': ', '\n', '- ', '"', '---\n', '!!', '{{', '__proto__: 1\n', '1e999', '|')) });
    fc.assert(fc.property(texts, fc.array(edit, { minLength: 1, maxLength: 4 }), (text, edits) => {
      isJudged(edits.reduce((now, { at, length, text: put }) => {
        const start = Math.floor(at * now.length);
        return now.slice(0, start) + put + now.slice(start + length);
      }, text));
    }), budget);
  });

  it('is judged, never thrown at: values and keys of other types', () => {
    const junk = fc.oneof(fc.constantFrom(null, true, -1, 0, 1e300, 0.5, '', 'none', '5ms', '20%', '1/s', 'constructor', '__proto__', [], {}, [[]], [null], { type: 'random' }), fc.jsonValue({ maxDepth: 3 }));
    fc.assert(fc.property(texts, fc.nat(400), junk, fc.boolean(), (text, position, value, asKey) => {
      const { resolved } = parseScenario(text);
      isJudged(JSON.stringify(replaceNth(resolved, position, value, asKey)));
    }), budget);
  });

  it('resolves to the same plan: other values', () => {
    const words = fc.constantFrom('0', '0%', '1ns', 'none', 'unlimited', '{}', '[]', 'cart', '1', '100%', '5h', '0.1', 'true', 'web->cart', '{ exponential: 3ns }', '1000/s', 'lifo', '"1"', '2000');
    fc.assert(fc.property(texts, fc.array(fc.tuple(fc.nat(120), words), { minLength: 1, maxLength: 2 }), (text, edits) => {
      const edited = edits.reduce((now, [n, word]) => {
        let i = 0;
        return now.replace(/(?<=[:[,] )[^\s{}[\],]+/g, (value) => (i++ === n ? word : value));
      }, text);
      const { plan, resolved } = parseScenario(edited, { file: 'x.yaml' });
      if (plan !== null) expect(withoutLines(parseScenario(JSON.stringify(resolved), { file: 'x.yaml' }).plan)).toEqual(withoutLines(plan));
    }), budget);
  });

  it.each([
    ['deep lists', '['.repeat(100_000)],
    ['deep maps', '{a: '.repeat(50_000)],
    ['deep dashes', '- '.repeat(100_000)],
    ['deep and closed', `${'['.repeat(2000)}${']'.repeat(2000)}`],
    ['an alias to itself', 'a: &a [*a]'],
    ['a bomb of aliases', Array.from({ length: 40 }, (_, i) => `a${i}: &a${i} [${i === 0 ? '1' : `*a${i - 1}, *a${i - 1}, *a${i - 1}`}]`).join('\n')],
    ['many keys', Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n')],
    ['a huge file', 'x'.repeat(5_000_000)],
    ['nothing', ''],
    ['only a comment', '# nothing\n'],
    ['a null byte', 'a: \u0000'],
    ['a list', '- a'],
    ['a number', '5'],
  ])('is judged in time: %s', (_, text) => {
    isJudged(text);
    expect(parseScenario(text).plan).toBeNull();
  });
});

/** The tree with the n-th value (or its key) replaced. */
function replaceNth(tree: unknown, position: number, value: unknown, asKey: boolean): unknown {
  let left = position;
  const walk = (node: unknown): unknown => {
    if (left-- === 0 && !asKey) return value;
    if (Array.isArray(node)) return node.map(walk);
    if (node === null || typeof node !== 'object') return node;
    return Object.fromEntries(Object.entries(node).map(([key, child]) => (asKey && left-- === 0 ? [typeof value === 'string' ? value : JSON.stringify(value) ?? '', child] : [key, walk(child)])));
  };
  return walk(tree);
}

describe('what keeps a valid file from being run', () => {
  const parsed = (lines: string): ParsedScenario => parseScenario(`duration: 1s\nservices: { s: { latency: 1ms } }\ntraffic: [ { to: s, rate: 1/s } ]\n${lines}\n`);
  const STRICT = 'thresholds: [ { expr: "errors rate < 1%", confidence: strict } ]';

  it('is said: a threshold judged by an interval that there is none of', () => {
    const { plan, notSimulated } = parsed(STRICT);
    expect(plan).not.toBeNull();
    expect(notSimulated).toMatchObject([{ code: 'no-interval', severity: 'warning', path: 'thresholds[0].confidence' }]);
  });

  it('is gone with replications', () => {
    expect(parsed(`${STRICT}\nreplications: 2`)).toMatchObject({ plan: { replications: 2, thresholds: [{ confidence: 'strict' }] }, problems: [] });
  });
});
