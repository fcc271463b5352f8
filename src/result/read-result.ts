/**
 * A result out of a file: what its readers rely on is there and of the right kind, or a sentence says what is wrong and where.
 *
 * What later versions added is optional in `Result`, so files of earlier ones are whole without it; what a later one adds is left alone.
 */
import * as v from 'valibot';
import { OUTCOME_NAMES } from '../model/outcome.ts';
import type { Audited, InvariantName, Violation } from '../model/violation.ts';
import { TAIL } from './read-tail.ts';
import type { Env, Result, Series } from './result.ts';

/** Of this major version, with any minor one. */
const SCHEMA = /^meshsim\/result\/1(\.\d+)?$/;

/** @param document  parsed JSON; what is returned has all of it, and what an older one lacks */
export function readResult(document: unknown): Result | string {
  const schema = typeof document === 'object' && document !== null && 'schema' in document ? document.schema : undefined;
  if (typeof schema !== 'string' || !schema.startsWith('meshsim/')) return 'this is no result of meshsim: it has no `schema` that says so';
  if (!schema.startsWith('meshsim/result/')) return `this is no result of a run but ${schema}`;
  if (!SCHEMA.test(schema)) return `its schema is ${schema}; this version of meshsim reads meshsim/result/1`;
  const checked = v.safeParse(RESULT, document, { abortEarly: true });
  if (!checked.success) return damageAt(checked.issues[0]);
  const result = document as Checked; // as it was just found to be
  const contradiction = contradictionIn(result);
  if (contradiction !== null) return `it is damaged: ${contradiction}`;
  return asResult({ ...result, series: { ...result.series, ...withoutGaps(result.series) }, env: result.env ?? NO_ENV });
}

/** Parts that are right by themselves and do not go together. */
function contradictionIn({ services, edges, traffic, endpoints, series: { requests, ...others } }: Checked): string | null {
  const isService = (name: string): boolean => Object.hasOwn(services, name);
  const edge = Object.keys(edges).find((name) => {
    const [from = '', to = ''] = name.split('#')[0]!.split('->');
    return !isService(to) || !(isService(from) || Object.hasOwn(traffic, from));
  });
  if (edge !== undefined) return `\`edges\` have ${JSON.stringify(edge)}, an end of which is neither in \`services\` nor in \`traffic\``;
  const endpoint = Object.keys(endpoints).find((name) => !isService(name.slice(0, name.lastIndexOf('/'))));
  if (endpoint !== undefined) return `\`endpoints\` have ${JSON.stringify(endpoint)}, which is of no service`;
  const lists = [others, others.causes, ...Object.values(others.endpoints ?? {}), ...Object.values(others.edges ?? {})].flatMap((group) => Object.values(group ?? {}).filter((value): value is unknown[] => Array.isArray(value)));
  return lists.every((list) => list.length === requests.length) ? null : '`series` are not all as long as `series.requests`';
}

/** Of a file that was made to be compared, such as those of `reports/`. */
const NO_ENV: Env = { node: 'unknown', platform: 'unknown', wallMs: 0, events: 0 };

/** What is wrong with a document, and where. */
export function damageAt(issue: v.BaseIssue<unknown>): string {
  const path = (issue.path ?? []).map(({ key }, i) => (typeof key === 'number' ? `[${key}]` : /^\w+$/.test(String(key)) ? `${i === 0 ? '' : '.'}${String(key)}` : `[${JSON.stringify(key)}]`)).join('');
  if (issue.expected === null) return `it is damaged: \`${path}\` is not ${issue.message}`;
  return `it is damaged: \`${path}\` ${issue.received === 'undefined' ? 'is missing' : `is ${issue.received.slice(0, 60)}, and should be ${issue.expected}`}`;
}

/** Counts, times and ratios: nothing in a result is negative. */
const count = v.pipe(v.number(), v.minValue(0));
const known = v.nullable(count);
const counts = v.array(v.number());
const steps = v.array(known);
const text = v.string();

const latency = v.object({ mean: known, stddev: known, min: known, p50: known, p75: known, p90: known, p95: known, p99: known, p999: known, p9999: known, max: known, count });

const causes = v.record(v.picklist(OUTCOME_NAMES), count);

const figures = {
  requests: count, ok: count, failed: count, errorRate: known, goodput: count, rps: count, causes, latencyMs: latency, okLatencyMs: latency,
  attempts: count, retries: count, hedges: count, amplification: known, abandonedShare: known,
};

const metrics = withCauses(v.object(figures));

const service = withCauses(v.object({ ...figures, busy: known, queueMs: latency }));

const edge = withCauses(v.object({
  ...figures, ejections: count, breakerOpenings: count, breakerOpenMs: count, healthCheckFailures: count, sheddingMs: count,
  overflows: count, budgetRefusals: count, panicMs: count,
}));

const endpoint = withCauses(v.object({ ...figures, busy: known, meanBusy: count, meanQueue: count, queueMs: latency, ejections: count, share: known, maxQueue: count }));

/** Shares of causes are drawn as parts of a whole. */
function withCauses<S extends v.GenericSchema<{ failed: number; causes: Readonly<Partial<Record<string, number>>> }>>(shape: S) {
  return v.pipe(shape, v.check(({ failed, causes: counted }) => Object.values(counted).reduce((sum: number, each) => sum + (each ?? 0), 0) === failed, 'failed as often as its causes say'));
}

const threshold = v.object({
  expr: text, value: known, low: known, high: known, limit: v.number(),
  unit: v.picklist(['ms', 'ratio', 'perSecond', 'count']), pass: v.boolean(),
  judged: v.picklist(['pass', 'fail', 'no samples', 'no goodput', 'aborted']),
  confidence: v.exactOptional(v.picklist(['strict', 'lenient'])),
});

const load = v.object({ attempts: count, busiest: known, imbalance: known });

const series = v.object({
  stepMs: v.number(), underWayMs: v.exactOptional(counts), requests: counts, ok: counts, failed: counts, attempts: counts, retries: counts, hedges: counts, p50Ms: steps, p99Ms: steps,
  ...v.partial(v.object({
    causes: v.record(v.picklist(OUTCOME_NAMES), counts), p90Ms: steps, p95Ms: steps,
    endpoints: v.record(text, v.object({ attempts: counts, busy: steps, queue: steps })), endpointsLeftOut: count,
    edges: v.record(text, v.object({ calls: counts, attempts: counts, ejected: counts, budget: v.exactOptional(steps), budgetIsShare: v.exactOptional(v.boolean()) })),
  })).entries,
});

const real = v.object({ timeScale: count, latenessMs: latency, loopLagMs: latency, latenessP99Ms: steps, distorted: v.boolean() });

export const VIOLATION: v.GenericSchema<Violation> = v.object({
  // A later version may know more of them.
  invariant: v.custom<InvariantName>((name) => typeof name === 'string'),
  seed: count, atNs: count, edge: v.nullable(text), caller: v.nullable(text), call: known, attempt: known, decision: text, message: text,
});

const audited: v.GenericSchema<Audited> = v.object({ checked: count, broken: count, violations: v.array(VIOLATION) });

const histogram = v.pipe(
  v.object({ subBucketsPerOctave: v.pipe(v.number(), v.integer(), v.minValue(1)), indexes: v.array(v.pipe(count, v.integer())), counts: v.array(count) }),
  v.check(({ indexes, counts: each }) => indexes.length === each.length && indexes.every((index, i) => i === 0 || index > indexes[i - 1]!), 'a count for each of its buckets, from the lowest on'),
);

const event = v.object({
  atMs: v.number(),
  kind: v.picklist(['faultOn', 'faultOff', 'ejected', 'unejected', 'breakerOpened', 'breakerClosed', 'unhealthy', 'healthy', 'shedOn', 'shedOff', 'panicOn', 'panicOff']),
});

const RESULT = v.object({
  schema: v.custom<Result['schema']>((value) => typeof value === 'string' && SCHEMA.test(value)),
  meshsim: text,
  mode: v.picklist(['sim', 'real']),
  seed: count,
  complete: v.boolean(),
  scenario: v.object({ name: text, sha256: text, resolved: v.unknown() }),
  digest: text,
  window: v.pipe(v.object({ warmupMs: count, durationMs: count, endMs: count }), v.check(({ warmupMs, durationMs }) => warmupMs <= durationMs, 'as long as its warm-up')),
  totals: metrics,
  services: v.record(text, service),
  edges: v.record(text, edge),
  traffic: v.record(text, withCauses(v.object({ ...figures, classes: v.record(text, metrics) }))),
  endpoints: v.record(text, endpoint),
  thresholds: v.array(threshold),
  reps: v.pipe(v.array(v.object({ seed: count, totals: metrics, load: v.exactOptional(load) })), v.minLength(1)),
  intervals: v.record(text, v.tuple([v.number(), v.number()])),
  series,
  tail: v.exactOptional(TAIL),
  histograms: v.record(text, histogram),
  faults: v.array(v.object({ name: text, targets: v.array(text), windowsMs: v.array(v.tuple([v.number(), v.number()])), during: metrics, after: metrics })),
  events: v.array(event),
  warnings: v.array(v.object({ code: text, message: text })),
  invariants: v.exactOptional(audited),
  real: v.exactOptional(real),
  env: v.exactOptional(v.object({ node: text, platform: text, wallMs: v.number(), events: v.number(), command: v.exactOptional(text) })),
});

type Checked = v.InferOutput<typeof RESULT>;

/** For those who describe the file to others. */
export const RESULT_SHAPE: v.GenericSchema = RESULT;

/** What is not optional in `Result`, and neither looked at above nor filled in, does not compile here. */
function asResult(document: Omit<Checked, 'series' | 'env'> & Pick<Result, 'series' | 'env'>): Result {
  return document;
}

/** Series that results of earlier versions do not have: nothing is known of them. */
function withoutGaps({ p50Ms, causes, p90Ms, p95Ms, endpoints, endpointsLeftOut, edges }: Checked['series']): Pick<Series, 'causes' | 'p90Ms' | 'p95Ms' | 'endpoints' | 'endpointsLeftOut' | 'edges'> {
  const unknown = p50Ms.map(() => null);
  return { causes: causes ?? {}, p90Ms: p90Ms ?? unknown, p95Ms: p95Ms ?? unknown, endpoints: endpoints ?? {}, endpointsLeftOut: endpointsLeftOut ?? 0, edges: edges ?? {} };
}
