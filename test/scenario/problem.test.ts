import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../src/scenario/parse.ts';
import { formatProblems, type Problem } from '../../src/scenario/problem.ts';
import { BASE } from './corpus.ts';

/** `BASE` with a line replaced or lines added; the problem's place is where `@` stood in the text, which is taken out. */
type Case = readonly [title: string, text: string, code: Problem['code'], hint: string | RegExp | null];

const SERVICES = (body: string): string => `duration: 60s\nservices:\n${body}\ntraffic:\n  - { to: web, rate: 100/s }\n`;
const POLICY = (body: string): string => `${BASE}policies:\n  default:\n    ${body}\n`;
const TRAFFIC = (body: string): string => `duration: 60s\nservices:\n  web: { latency: 5ms, replicas: 3 }\n  cart: { latency: 5ms, concurrency: unlimited }\ntraffic:\n  - { to: cart, rate: 1/s }\n  - ${body}\n`;
const FAULT = (body: string): string => `${TRAFFIC('{ to: web, rate: 1/s }')}faults:\n  - ${body}\n`;
const THRESHOLD = (expr: string): string => `${TRAFFIC('{ to: web, rate: 1000/s, requests: [{ name: buy }] }')}thresholds:\n  - ${expr}\n`;

const ERRORS: readonly Case[] = [
  // YAML
  ['a tab', `duration: 60s\nservices:\n@\tweb: { latency: 5ms }\n`, 'yaml-tab', 'indent with spaces'],
  ['a key given twice', `${BASE}@duration: 30s\n`, 'yaml-duplicate-key', 'merge the two, or rename one'],
  ['two documents', `${BASE}@---\na: 1\n`, 'yaml-multiple-documents', /one document/],
  ['an unclosed bracket', `duration: 60s\nservices: { web: { latency: 5ms }\n@`, 'yaml-syntax', null],
  ['an unknown alias', `duration: @*d\n`, 'yaml-alias', null],
  ['yes for true', POLICY('retries: { avoidPrevious: @yes }'), 'yaml-boolean', 'write true'],
  ['false for none', POLICY('timeout: @false'), 'yaml-boolean', /none/],
  ['no for a word', SERVICES('  web: { latency: 5ms, onCancel: @no }'), 'yaml-boolean', 'choose one of the words'],
  ['minutes and seconds with a colon', BASE.replace('60s', '@1:30'), 'yaml-sexagesimal', 'did you mean `1m30s`?'],
  // shape
  ['a misspelt key', POLICY('@retrys: 3'), 'unknown-key', 'did you mean `retries`?'],
  ['a key of another place', SERVICES('  web: { latency: 5ms, @timeout: 1s }'), 'unknown-key', '`timeout` exists on a policy, not on a service'],
  ['a missing key', SERVICES('  web: @{ replicas: 3 }'), 'missing-key', /add `latency: /],
  ['an empty value', BASE.replace('duration: 60s', '@duration:'), 'wrong-type', null],
  ['a map for a list', BASE.replace('traffic:\n  - {', 'traffic:\n  @{'), 'wrong-type', 'write `- ` before each entry'],
  ['a bare duration', BASE.replace('60s', '@5'), 'missing-unit', 'did you mean `5ms` or `5s`?'],
  ['a bare rate', BASE.replace('100/s', '@500'), 'missing-unit', 'did you mean `500/s` or `500/m`?'],
  ['a bare percentage', POLICY('panicThreshold: @20'), 'missing-unit', 'did you mean `20%` or `0.2`?'],
  ['a negative duration', BASE.replace('60s', '@-1s'), 'bad-value', 'a duration is not negative'],
  ['a duration in words', BASE.replace('60s', '@60 seconds'), 'bad-value', 'did you mean `60s`?'],
  ['too large a number', SERVICES('  web: { latency: 5ms, replicas: @0 }'), 'out-of-range', 'at least 1'],
  ['a fraction of a replica', SERVICES('  web: { latency: 5ms, replicas: @1.5 }'), 'wrong-type', null],
  ['limits out of order', POLICY('concurrencyLimit: @{ type: aimd, maxLimit: 10 }'), 'contradiction', /lowest limit/],
  ['a misspelt preset', POLICY('preset: @isto'), 'unknown-word', 'did you mean `istio`?'],
  ['a misspelt key in a part that a preset turns on', POLICY('{ preset: istio, retries: { @atempts: 3 } }'), 'unknown-key', 'did you mean `attempts`?'],
  ['a number too small beside a preset', POLICY('{ preset: envoy, connectionPool: { maxConnections: @0 } }'), 'out-of-range', 'at least 1'],
  ['a misspelt balancer beside a preset', POLICY('{ preset: istio, loadBalancer: @leastRequests }'), 'unknown-word', 'did you mean `leastRequest`?'],
  ['a misspelt balancer', POLICY('loadBalancer: @leastRequests'), 'unknown-word', 'did you mean `leastRequest`?'],
  ['an option of another balancer', POLICY('loadBalancer: { type: random, @choices: 3 }'), 'unknown-key', null],
  ['two budgets in one', POLICY('retries: { budget: { ratio: 20%, @maxTokens: 3 } }'), 'contradiction', null],
  ['a misspelt budget', POLICY('retries: { budget: { @maxToken: 3 } }'), 'unknown-key', 'did you mean `maxTokens`?'],
  ['statuses that run backwards', POLICY('retries: { on: [@599-500] }'), 'contradiction', '500-599'],
  ['a misspelt retry word', POLICY('retries: { on: [@gatewayErrors] }'), 'unknown-word', 'did you mean `gatewayError`?'],
  ['a bad name', SERVICES('  web: { latency: 5ms }\n  @a/b: { latency: 5ms }'), 'bad-name', /a letter/],
  ['a backoff that shrinks', POLICY('retries: { backoff: @{ base: 1s, max: 10ms } }'), 'contradiction', 'raise `max`'],
  ['no kind of failure accrual', POLICY('failureAccrual: @{}'), 'missing-key', 'add `consecutive: {}`'],
  ['two kinds of failure accrual', POLICY('failureAccrual: @{ consecutive: {}, finagle: {} }'), 'contradiction', 'keep one'],
  ['a penalty that shrinks', POLICY('failureAccrual: { unified: @{ minPenalty: 1s, maxPenalty: 10ms } }'), 'contradiction', null],
  ['an ejection that shrinks', POLICY('outlierDetection: @{ baseEjectionTime: 30s, maxEjectionTime: 10s }'), 'contradiction', null],
  // a later release
  ['a key of a later release', SERVICES('  web: { latency: 5ms, @subsets: {} }'), 'not-supported-yet', 'take it out'],
  ['a balancer of a later release', POLICY('loadBalancer: @prequal'), 'not-supported-yet', null],
  ['the start of a word', POLICY('locality: @Zone'), 'unknown-word', 'did you mean `zoneAware`?'],
  ['true for a duration', POLICY('failfast: @true'), 'yaml-boolean', /write a duration, such as /],
  ['topology hints', POLICY('locality: @topologyHints'), 'not-supported-yet', null],
  ['a hedge after a quantile under a preset', POLICY('{ preset: istio, hedge: { after: @p95 } }'), 'not-supported-yet', 'write a duration'],
  ['a hedge after a quantile', POLICY('hedge: { after: @p95 }'), 'not-supported-yet', 'write a duration'],
  ['a budget of another type', POLICY('retries: { budget: { type: tower, @maxTokens: 3 } }'), 'contradiction', null],
  ['a budget of no type', POLICY('retries: { budget: { type: @towers } }'), 'unknown-word', 'did you mean `tower`?'],
  ['retries without an end', POLICY('retries: { attempts: @unlimited }'), 'contradiction', 'add a `budget` that runs out, such as `{ ratio: 20% }`, or give a number'],
  ['a multiplier where none is', POLICY('retries: { backoff: { jitter: full, multiplier: @3 } }'), 'contradiction', 'take it out'],
  ['a size without a unit', POLICY('retries: { maxBody: @64 }'), 'missing-unit', 'did you mean `64B` or `64KiB`?'],
  ['changes', `${BASE}@changes: []\n`, 'not-supported-yet', 'take it out'],
  // distributions
  ['quantiles out of order', SERVICES('  web: { latency: { p50: 9ms, p99: @4ms } }'), 'contradiction', null],
  ['one quantile', SERVICES('  web: { latency: @{ p50: 9ms } }'), 'contradiction', /p50: 4ms/],
  ['a misspelt law', SERVICES('  web: { latency: { @exponental: 5ms } }'), 'unknown-key', 'did you mean `exponential`?'],
  ['a quantile without its point', SERVICES('  web: { latency: { p50: 8ms, @p999: 60ms } }'), 'unknown-key', 'did you mean `p99.9`?'],
  ['a quantile of two decimals without its point', SERVICES('  web: { latency: { p50: 8ms, @p9995: 60ms } }'), 'unknown-key', 'did you mean `p99.95`?'],
  ['probabilities that do not add up', SERVICES('  web: { latency: { hyperexponential: @[{ probability: 50%, mean: 1ms }] } }'), 'contradiction', 'they must add up to 100%'],
  // references
  ['an unknown service in a call', SERVICES('  web: { latency: 5ms, calls: [@crat] }\n  cart: { latency: 1ms }'), 'unknown-reference', 'did you mean `cart`?'],
  ['an unknown service in traffic', TRAFFIC('{ to: @wbe, rate: 1/s }'), 'unknown-reference', 'did you mean `web`?'],
  ['an unknown policy', SERVICES('  web: { latency: 5ms, policy: @standard }'), 'unknown-reference', null],
  ['an unknown zone', SERVICES('  web: { latency: 5ms, zones: [@eu] }'), 'unknown-reference', /top-level `zones`/],
  ['an unknown zone to fail over to', POLICY('locality: { mode: failover, order: { default: [@eu] } }'), 'unknown-reference', /top-level `zones`/],
  ['an unknown zone with a weight', POLICY('locality: { mode: weighted, weights: { @eu: 1, default: 1 } }'), 'unknown-reference', /top-level `zones`/],
  ['zone weights of nothing', POLICY('locality: { mode: weighted, weights: @{ default: 0 } }'), 'contradiction', 'give one a weight'],
  ['zone weights that are missing', POLICY('locality: @weighted'), 'missing-key', /weights/],
  ['an option of another locality mode', POLICY('locality: { mode: zoneAware, @weightedHealth: true }'), 'unknown-key', null],
  ['a split over an unknown service', SERVICES('  web: { latency: 5ms, routes: [{ split: { @wbe: 1, web: 1 } }] }'), 'unknown-reference', 'did you mean `web`?'],
  ['a split by match', SERVICES('  web: { latency: 5ms, routes: [{ split: { web: 1 }, @match: { path: / } }] }'), 'not-supported-yet', 'take it out'],
  ['a circle over a split', SERVICES('  web: { latency: 5ms, calls: [cart] }\n  cart: { latency: 1ms, routes: [{ split: { ads: 1 } }] }\n  ads: { latency: 1ms, calls: [@web] }'), 'call-cycle', /probability/],
  ['a source and a service over one edge', SERVICES('  web: { latency: 5ms, calls: [ads], routes: [{ split: { web: 1, ads: 1 } }] }\n  ads: { latency: 1ms }').replace('to: web', 'to: @web'), 'duplicate-name', 'give the traffic source a `name`'],
  ['traffic named as a service', TRAFFIC('{ to: cart, name: @web, rate: 1/s }'), 'duplicate-name', 'give the traffic source another `name`'],
  ['two sources of one name', TRAFFIC('{ to: @cart, rate: 1/s }'), 'duplicate-name', 'give one another `name`'],
  ['a service that calls itself, asked by its namesake', SERVICES('  web: { latency: 5ms, calls: [{ service: web, probability: 10% }] }').replace('to: web', 'to: @web'), 'duplicate-name', 'give the traffic source a `name`'],
  ['a rate and users', TRAFFIC('{ to: web, rate: 1/s, @users: 3 }'), 'contradiction', 'keep one'],
  ['no load at all', TRAFFIC('@{ to: web }'), 'missing-key', 'add `rate: 400/s`'],
  ['a think time in an open loop', TRAFFIC('{ to: web, rate: 1/s, @thinkTime: 1s }'), 'contradiction', /users/],
  ['a profile that goes back', TRAFFIC('{ to: web, profile: [{ at: 5s, rate: 1/s }, { at: @5s, rate: 2/s }] }'), 'contradiction', /ascend/],
  ['weights of another count', SERVICES('  web: { latency: 5ms, replicas: 2, weights: @[1, 2, 3] }'), 'contradiction', 'one weight for each replica'],
  ['an unknown template', TRAFFIC('{ to: web, rate: 1/s, requests: [{ path: "/{{@internet.usrname}}" }] }'), 'unknown-template', 'did you mean `internet.username`?'],
  ['an unclosed template', TRAFFIC('{ to: web, rate: 1/s, requests: [{ body: "@{{string.uuid" }] }'), 'unknown-template', 'it is not closed by }}'],
  ['a template that asks for too much', TRAFFIC('{ to: web, rate: 1/s, requests: [{ path: "{{@string.alpha(99999999)}}" }] }'), 'unknown-template', /10000/],
  // faults
  ['an unknown endpoint', FAULT('{ target: @web/3, crash: true }'), 'unknown-reference', /`web\/0` to `web\/2`/],
  ['an endpoint with a zero before', FAULT('{ target: @web/01, crash: true }'), 'unknown-reference', /`web\/0` to `web\/2`/],
  ['an endpoint below 0', FAULT('{ target: @web/-1, crash: true }'), 'unknown-reference', /`web\/0` to `web\/2`/],
  ['an endpoint and a space', FAULT('{ target: @"web/2 ", crash: true }'), 'unknown-reference', /`web\/0` to `web\/2`/],
  ['a subset', FAULT('{ target: @web/canary, crash: true }'), 'not-supported-yet', /web\/0/],
  ['an unknown target', FAULT('{ target: @wbe, crash: true }'), 'unknown-reference', 'did you mean `web`?'],
  ['an unknown edge', FAULT('{ target: @web->crat, loss: 5% }'), 'unknown-reference', null],
  ['a crash of an edge', FAULT('{ target: web->web, @crash: true }'), 'wrong-effect', /target the endpoints/],
  ['a partition of an endpoint', FAULT('{ target: web, @partition: true }'), 'wrong-effect', /target the edge/],
  ['a fault without effect', FAULT('@{ target: web }'), 'missing-key', /errors: 20%/],
  ['windows that overlap', FAULT('{ target: web, for: @10s, repeat: { every: 5s, times: 3 }, crash: true }'), 'contradiction', /shorter/],
  ['a repetition without a length', FAULT('{ target: web, @repeat: { every: 5s, times: 3 }, crash: true }'), 'missing-key', 'add `for: 5s`'],
  ['more picked than there are', FAULT('{ target: web, pick: @4, crash: true }'), 'out-of-range', 'at most 3'],
  ['a share of unlimited slots', FAULT('{ target: cart, capacity: @50% }'), 'contradiction', /concurrency/],
  ['less than one slot', FAULT('{ target: web, capacity: @1% }'), 'out-of-range', /hang/],
  ['two latency effects', FAULT('{ target: web, latency: @{ add: 5ms, multiply: 2 } }'), 'contradiction', null],
  // thresholds
  ['a percentile without brackets', THRESHOLD('latency @p99 < 250ms'), 'bad-threshold', 'write p(99)'],
  ['an unknown metric', THRESHOLD('@latencys p(99) < 250ms'), 'bad-threshold', 'did you mean `latency`?'],
  ['a statistic of another metric', THRESHOLD('errors @avg < 5%'), 'bad-threshold', null],
  ['a limit without a unit', THRESHOLD('latency p(99) < @250'), 'missing-unit', 'did you mean `250ms` or `250s`?'],
  ['an unknown tag', THRESHOLD('"latency{@svc:web} p(99) < 250ms"'), 'bad-threshold', null],
  ['an unknown service in a tag', THRESHOLD('"latency{@service:wbe} p(99) < 250ms"'), 'unknown-reference', 'did you mean `web`?'],
  ['an unknown fault in a tag', THRESHOLD('"latency{@phase:outage} p(99) < 250ms"'), 'unknown-reference', null],
  ['a recovery from nothing', THRESHOLD('@recovery max < 5s'), 'bad-threshold', /phase:NAME/],
  ['no threshold at all', THRESHOLD('@fast please'), 'bad-threshold', /METRIC/],
  // together
  ['a try as long as the call', POLICY('{ timeout: 1s, retries: { perTryTimeout: @2s } }'), 'timeout-order', 'make it shorter than `timeout`'],
  ['a circle of calls', SERVICES('  web: { latency: 5ms, calls: [cart] }\n  cart: { latency: 1ms, calls: [@web] }'), 'call-cycle', /probability/],
  ['a circle that grows', SERVICES('  web: { latency: 5ms, calls: [cart] }\n  cart: { latency: 1ms, calls: [{ service: web, probability: 90%, times: 2 }] }').replace('services', '@services'), 'too-large', /probability/],
  ['a warm-up as long as the run', BASE.replace('duration: 60s', 'duration: 60s\nwarmup: @1m'), 'contradiction', 'make it shorter than `duration`'],
  ['too many endpoints', SERVICES('  web: { latency: 5ms, replicas: 200000 }\n  cart: { latency: 5ms }').replace('services', '@services'), 'too-large', null],
  ['too many requests', BASE.replace('100/s', '1000000000000/s').replace('traffic', '@traffic'), 'too-large', /lower rate/],
];

const WARNINGS: readonly Case[] = [
  ['a service nobody reaches', SERVICES('  web: { latency: 5ms }\n  @cart: { latency: 5ms }'), 'unreachable-service', 'nobody calls it'],
  ['a budget of nothing', POLICY('retries: { attempts: 3, budget: @{ ratio: 0%, minPerSecond: 0 } }'), 'no-effect', null],
  ['more work than capacity', SERVICES('  @web: { latency: 50ms, concurrency: 4 }'), 'overload', 'at most 80/s can be served'],
  ['a fault after the end', FAULT('{ at: @60s, target: web, crash: true }'), 'no-effect', null],
  ['an option of locality to come', POLICY('locality: @{ mode: failover, previousPriorities: 1 }').replace('duration', 'zones: [a, b]\nduration'), 'not-simulated-yet', null],
  ['a locality mode in a single zone', POLICY('locality: @failover'), 'no-effect', /zones/],
  ['a far quantile of few requests', THRESHOLD('@latency{traffic:cart} p(99.9) < 1s'), 'few-samples', /10000/],
  ['a middling quantile of few requests', THRESHOLD('@latency{class:buy} p(99.99) < 1s'), 'few-samples', /100000/],
  ['a hedge after the call is over', POLICY('{ timeout: 1s, hedge: { after: @1s } }'), 'no-effect', 'make it shorter than `timeout`'],
  ['a rate after the end', TRAFFIC('{ to: web, profile: [{ at: 0s, rate: 1/s }, { at: 90s, rate: 2/s }, { at: @95s, rate: 3/s }] }'), 'no-effect', null],
  ['a limit that no run can keep', THRESHOLD('retries ratio @< 1'), 'no-effect', /< 1.1/],
  ['a limit that no run can break', THRESHOLD('errors rate @<= 100%'), 'no-effect', 'write one that a run can break'],
  ['gates that a split goes past', SERVICES('  web: { latency: 0, routes: [{ split: { v1: 1 } }] }\n  v1: { latency: 1ms, policy: @{ rateLimit: { rate: 10/s } } }'), 'no-effect', /service that splits/],
  ['a fault of what is split', `${SERVICES('  web: { latency: 0, routes: [{ split: { v1: 1, v2: 1 } }] }\n  v1: { latency: 1ms }\n  v2: { latency: 1ms }')}faults: [{ target: @web, crash: true }]\n`, 'no-effect', 'target `v1` or `v2`'],
  ['an option to come', POLICY('loadBalancer: @{ type: peakEwma, maxRetryAfter: 5s }'), 'not-simulated-yet', null],
];

describe.each([['error', ERRORS], ['warning', WARNINGS]] as const)('an %s', (severity, cases) => {
  it.each(cases)('stands where it belongs: %s', (_, marked, code, hint) => {
    const offset = marked.indexOf('@');
    const text = marked.replace('@', '');
    const before = marked.slice(0, offset).split('\n');
    const { problems, plan } = parseScenario(text, { file: 'x.yaml' });
    const found = problems.filter((problem) => problem.severity === severity);
    expect(found.map((problem) => [problem.code, problem.line, problem.column])).toContainEqual([code, before.length, before.at(-1)!.length + 1]);
    expect(plan === null).toBe(severity === 'error');
    const problem = found.find((candidate) => candidate.code === code)!;
    if (typeof hint === 'string') expect(problem.hint).toBe(hint);
    else if (hint !== null) expect(problem.hint).toMatch(hint);
    expect(found).toHaveLength(1);
  });
});

it('gates are asked of calls to a service that is behind a split as well', () => {
  const { problems } = parseScenario(`${SERVICES('  web: { latency: 0, calls: [v1], routes: [{ split: { v1: 1 } }] }\n  v1: { latency: 1ms, policy: { rateLimit: { rate: 10/s } } }').replace('{ to: web, rate: 100/s }', '{ to: web, rate: 100/s }\n  - { to: v1, rate: 1/s }')}`);
  expect(problems.filter(({ message }) => message.includes('rateLimit'))).toEqual([]);
});

describe('the arithmetic of an overload', () => {
  it('is shown', () => {
    const { problems } = parseScenario(SERVICES('  web: { latency: 50ms, concurrency: 2, replicas: 2 }'));
    expect(problems[0]!.message).toBe('`web` is offered more work than it can do: 100/s x 50ms = 5 slots busy, and there are 2 x 2 = 4');
  });
});

describe('problems as text', () => {
  const text = `name: checkout
duration: 60s
services:
  web: { latency: 5ms }
traffic:
  - { to: web, rate: 400/s }


# Everything that calls does so under this policy.


policies:
  default:
    retrys: 3
`;
  const { problems } = parseScenario(text, { file: 'checkout.yaml' });
  const allowed = problems[0]!.allowed!.join(', ');

  it('look as the conventions show them', () => {
    expect(formatProblems(problems, text, { unicode: true })).toBe(`error[unknown-key]: \`retrys\` is not a field of a policy
  ┌─ checkout.yaml:14:5
12 │ policies:
13 │   default:
14 │     retrys: 3
   │     ^^^^^^ did you mean \`retries\`?
   = allowed here: ${allowed}
   = help: meshsim schema | jq '.$defs.policy'
`);
  });

  it('do without Unicode, and take colour', () => {
    expect(formatProblems(problems, text, { unicode: false })).toContain(' --> checkout.yaml:14:5\n12 | policies:');
    expect(formatProblems(problems, text, { unicode: true, color: true })).toContain('\u001b[31merror[unknown-key]\u001b[0m');
  });

  it('point at both places', () => {
    const both = POLICY('timeout: 1s\n    retries: { perTryTimeout: 2s }');
    expect(formatProblems(parseScenario(both, { file: 'x.yaml' }).problems, both, { unicode: true })).toBe(`error[timeout-order]: per-try timeout 2s is longer than the total 1s (line 8): a retry after it can never happen
 ┌─ x.yaml:9:31
7 │   default:
8 │     timeout: 1s
9 │     retries: { perTryTimeout: 2s }
  │                               ^^ make it shorter than \`timeout\`
 ┌─ x.yaml:8:14
6 │ policies:
7 │   default:
8 │     timeout: 1s
  │              ^^ the total
`);
  });

  it('stop after twenty', () => {
    const many = `${BASE}${Array.from({ length: 27 }, (_, i) => `key${i}: 1`).join('\n')}`;
    const printed = formatProblems(parseScenario(many).problems, many, { unicode: true });
    expect(printed.match(/error\[/g)).toHaveLength(20);
    expect(printed.endsWith('and 7 more\n')).toBe(true);
  });

  it('let no control character through', () => {
    const hostile = `${BASE}"a\\e[31mb": 1\n`;
    expect(formatProblems(parseScenario(hostile).problems, hostile, { unicode: true })).not.toContain('\u001b');
  });

  it('say nothing of the endpoints of a service whose replicas cannot be read', () => {
    const text = `duration: 60s\nservices: { web: { latency: 5ms, replicas: abc } }\ntraffic: [{ to: web, rate: 1/s }]\nfaults: [{ target: web/2, crash: true }, { target: web, pick: 3, crash: true }]\n`;
    expect(parseScenario(text).problems.map(({ path }) => path)).toEqual(['services.web.replicas']);
  });

  it('are all found in one pass', () => {
    const several = SERVICES('  web: { latency: 5, replicsa: 3, calls: [crat] }\n  cart: { latency: 1ms, startup: 1:30 }');
    expect(parseScenario(several).problems.map(({ code }) => code)).toEqual(['missing-unit', 'unknown-key', 'unknown-reference', 'yaml-sexagesimal']);
  });
});

it.each([
  [SERVICES('  web: { latency: { mixture: 5ms } }'), 'expected a list of parts of a mixture, found `5ms`'],
  [SERVICES('  web: { latency: 5ms, weights: [1, 2] }'), '`web` has 1 replica and 2 weights'],
])('speaks of one and of many: %s', (text, message) => {
  expect(parseScenario(text).problems.map((problem) => problem.message)).toContain(message);
});
