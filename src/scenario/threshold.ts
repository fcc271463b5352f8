/** Threshold expressions: `METRIC{tag:value,...} STAT OP VALUE` (`latency{service:cart} p(99) < 250ms`). */
import { type MetricPlan, type Plan, THRESHOLD_METRICS, THRESHOLD_TAGS, type ThresholdMetric, type ThresholdPlan, type ThresholdStat, type ThresholdTag } from '../model/plan.ts';
import { holds } from '../model/holds.ts';
import { rangeOf } from '../model/metric-range.ts';
import type { ProblemCode } from './problem.ts';
import { didYouMean } from './suggest.ts';
import { parseDuration, parsePercent, parseRate } from './units.ts';

type Unit = ThresholdPlan['unit'];

/** `p` stands for all percentiles. */
type StatName = 'p' | 'avg' | 'min' | 'max' | 'count' | 'rate' | 'ratio';

interface MetricSpec {
  readonly doc: string;
  /** What each statistic is measured in. */
  readonly stats: Readonly<Partial<Record<StatName, Unit>>>;
  /** The statistic that is meant where none is named; of percentiles the 99th. */
  readonly usual: StatName;
  /**
   * calls: counted for each edge, class and phase. endpoints: kept for each endpoint over the whole run. both: either.
   * breakers: kept for each edge and phase.
   */
  readonly of: 'calls' | 'endpoints' | 'both' | 'breakers';
}

/** What can be asked of each metric. `med` is p(50). */
export const METRICS: Readonly<Record<ThresholdMetric, MetricSpec>> = {
  latency: { doc: 'from the intended arrival to the end of the call', stats: { p: 'ns', avg: 'ns', min: 'ns', max: 'ns', count: 'count' }, usual: 'p', of: 'both' },
  errors: { doc: 'calls that did not end ok; `rate` is their share', stats: { rate: 'ratio', count: 'count' }, usual: 'rate', of: 'both' },
  requests: { doc: 'calls', stats: { rate: 'perSecond', count: 'count' }, usual: 'rate', of: 'both' },
  goodput: { doc: 'calls that ended ok, per second', stats: { rate: 'perSecond' }, usual: 'rate', of: 'both' },
  retries: { doc: '`ratio` is attempts per call that was tried, but for hedges; 1 without any retry', stats: { ratio: 'ratio', count: 'count', rate: 'perSecond' }, usual: 'ratio', of: 'calls' },
  hedges: { doc: '`ratio` is hedges per call', stats: { ratio: 'ratio', count: 'count' }, usual: 'ratio', of: 'calls' },
  queue: { doc: 'wait at the endpoints', stats: { p: 'ns', avg: 'ns', max: 'ns' }, usual: 'p', of: 'endpoints' },
  busy: { doc: 'share of slots in use, over endpoints', stats: { avg: 'ratio', max: 'ratio' }, usual: 'avg', of: 'endpoints' },
  ejected: { doc: 'ejections by outlier detection; `ratio` is the share of endpoint time out of use, for breakers and health checks as well', stats: { count: 'count', max: 'count', ratio: 'ratio' }, usual: 'count', of: 'endpoints' },
  breaker_open: { doc: 'share of the time that breakers (failureAccrual, circuitBreaker) refused calls; `count` is how often they opened', stats: { avg: 'ratio', count: 'count' }, usual: 'avg', of: 'breakers' },
  recovery: { doc: 'from the end of a fault until back inside the band before it', stats: { max: 'ns' }, usual: 'max', of: 'calls' },
};

/** A stretch of the expression, and what is wrong with it. */
export interface ThresholdProblem {
  readonly code: ProblemCode;
  readonly severity: 'error' | 'warning';
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly hint: string | null;
  readonly allowed: readonly string[] | null;
}

export interface ParsedThreshold {
  readonly threshold: ThresholdPlan | null;
  readonly problems: readonly ThresholdProblem[];
}

/** Names that tags may have. */
export type TagNames = Readonly<Record<ThresholdTag, readonly string[] | { readonly has: (name: string) => boolean; readonly some: readonly string[] }>>;

export function tagNamesOf(plan: Pick<Plan, 'services' | 'edges' | 'traffic' | 'faults'>): TagNames {
  const endpoints = (name: string): boolean => {
    const [, service, index] = /^(.+)\/(0|[1-9]\d{0,8})$/.exec(name) ?? [];
    return plan.services.some((candidate) => candidate.name === service && Number(index) < candidate.replicas);
  };
  return {
    service: plan.services.map(({ name }) => name),
    edge: plan.edges.map(({ name }) => name),
    endpoint: { has: endpoints, some: plan.services.flatMap(({ name, replicas }) => (replicas > 1 ? [`${name}/0`, `${name}/${replicas - 1}`] : [`${name}/0`])) },
    traffic: plan.traffic.map(({ name }) => name),
    class: [...new Set(plan.traffic.flatMap(({ classes }) => classes.map(({ name }) => name)))],
    phase: plan.faults.flatMap(({ name }) => [name, `after:${name}`]),
  };
}

const MEASURE = '\\s*([A-Za-z_]+)\\b\\s*(?:\\{([^}]*)\\})?\\s*';
const STAT = '([A-Za-z][\\w.]*)\\s*(?:\\(\\s*([^)]*?)\\s*\\))?\\s*';
const SHAPE = new RegExp(`^${MEASURE}${STAT}(<=|>=|==|!=|<|>)\\s*(\\S(?:.*\\S)?)\\s*$`, 'd');
const METRIC_SHAPE = new RegExp(`^${MEASURE}(?:${STAT})?$`, 'd');
const LONGEST = 1000;

/** `names` null leaves tags unchecked. */
export function parseThreshold(
  expr: string,
  names: TagNames | null = null,
  rest: Pick<ThresholdPlan, 'abort' | 'confidence' | 'line'> = { abort: null, confidence: 'point', line: null },
): ParsedThreshold {
  const problems: ThresholdProblem[] = [];
  const wrong = reporterFor(expr, problems);
  const match = expr.length <= LONGEST ? SHAPE.exec(expr) : null;
  if (match === null) {
    wrong(undefined, `\`${expr.slice(0, 60)}\` is not a threshold`, { hint: 'METRIC{tag:value} STAT OP VALUE, such as `latency{service:cart} p(99) < 250ms`' });
    return { threshold: null, problems };
  }
  const [, , , , , op = '<', valueText = ''] = match;
  const metric = readMetric(match, names, wrong);
  if (metric === null) return { threshold: null, problems };
  const limit = metric.unit === null ? null : readLimit(valueText, match.indices![6]!, metric.unit, rangeOf({ metric: metric.metric, unit: metric.unit })[1], wrong);
  const idle = limit === null || metric.unit === null ? null : foregone(metric.metric, metric.unit, op as ThresholdPlan['op'], limit);
  if (idle !== null) wrong([match.indices![5]![0], match.indices![6]![1]], idle.message, { severity: 'warning', code: 'no-effect', hint: idle.hint });
  if (metric.stat === null || metric.unit === null || limit === null || problems.some(({ severity }) => severity === 'error')) return { threshold: null, problems };
  return { threshold: { expr, ...metric, stat: metric.stat, unit: metric.unit, op: op as ThresholdPlan['op'], limit, ...rest }, problems };
}

/** `METRIC{tag:value,...} STAT`, such as `latency{service:cart} p(99)`; without STAT the one that is most often asked for. */
export function parseMetric(expr: string, names: TagNames): { readonly metric: MetricPlan | null; readonly problems: readonly ThresholdProblem[] } {
  const problems: ThresholdProblem[] = [];
  const wrong = reporterFor(expr, problems);
  const match = expr.length <= LONGEST ? METRIC_SHAPE.exec(expr) : null;
  if (match === null) wrong(undefined, `\`${expr.slice(0, 60)}\` is not a metric`, { hint: 'METRIC{tag:value} STAT, such as `latency{service:cart} p(99)`' });
  const read = match === null ? null : readMetric(match, names, wrong);
  if (read === null || read.stat === null || read.unit === null || problems.some(({ severity }) => severity === 'error')) return { metric: null, problems };
  return { metric: { ...read, stat: read.stat, unit: read.unit }, problems };
}

function reporterFor(expr: string, problems: ThresholdProblem[]): Wrong {
  return (range, message, { code = 'bad-threshold', severity = 'error' as const, hint = null, allowed = null } = {}) => {
    problems.push({ code, severity, start: range?.[0] ?? 0, end: range?.[1] ?? expr.length, message, hint, allowed });
    return null;
  };
}

/** Null in it is a mistake that was reported. */
type ReadMetric = Pick<MetricPlan, 'metric' | 'tags'> & { readonly stat: ThresholdStat | null; readonly unit: Unit | null };

/** @param match  of a shape that begins with metric, tags, statistic and its argument */
function readMetric(match: RegExpExecArray, names: TagNames | null, wrong: Wrong): ReadMetric | null {
  const [, metricText = '', tagText, statText, argument] = match;
  const at = match.indices!;
  const metric = THRESHOLD_METRICS.find((name) => name === metricText);
  if (metric === undefined) return wrong(at[1], `\`${metricText}\` is not a metric`, { hint: didYouMean(metricText, THRESHOLD_METRICS), allowed: THRESHOLD_METRICS });
  const spec = METRICS[metric];
  const tags = readTags(tagText, at[2]?.[0] ?? 0, names, wrong);
  checkTagsFit(tags, spec, metric, at[2] ?? at[1]!, wrong);
  const stat = readStat(statText ?? spec.usual, statText === undefined && spec.usual === 'p' ? '99' : argument, at[3] ?? at[1]!, spec, metric, wrong);
  const unit = stat === null ? undefined : spec.stats[stat.kind === 'percentile' ? 'p' : stat.kind];
  if (metric === 'recovery' && (tags.phase === undefined || tags.phase.startsWith('after:'))) wrong(at[1], '`recovery` needs the fault it is about', { hint: 'write `recovery{phase:NAME} max < 5s`' });
  return { metric, tags, stat, unit: unit ?? null };
}

type Wrong = (range: readonly [number, number] | undefined, message: string, details?: { readonly code?: ProblemCode; readonly severity?: 'warning'; readonly hint?: string | null; readonly allowed?: readonly string[] }) => null;

function readTags(text: string | undefined, offset: number, names: TagNames | null, wrong: Wrong): Partial<Record<ThresholdTag, string>> {
  const tags: Partial<Record<ThresholdTag, string>> = {};
  if (text === undefined) return tags;
  let start = offset;
  for (const piece of text.split(',')) {
    const range = [start, start + piece.length] as const;
    start += piece.length + 1;
    const colon = piece.indexOf(':');
    const written = piece.slice(0, Math.max(0, colon)).trim();
    const value = piece.slice(colon + 1).trim();
    const tag = written === 'replica' ? 'endpoint' : THRESHOLD_TAGS.find((name) => name === written);
    if (colon < 0 || value === '') wrong(range, `\`${piece.trim()}\` is not a tag`, { hint: 'write `tag:value`', allowed: THRESHOLD_TAGS });
    else if (tag === undefined) wrong(range, `\`${written}\` is not a tag`, { hint: didYouMean(written, THRESHOLD_TAGS), allowed: THRESHOLD_TAGS });
    else if (tags[tag] !== undefined) wrong(range, `the tag \`${tag}\` is given twice`);
    else {
      tags[tag] = value;
      checkName(tag, value, range, names, wrong);
    }
  }
  return tags;
}

function checkName(tag: ThresholdTag, value: string, range: readonly [number, number], names: TagNames | null, wrong: Wrong): void {
  const known = names?.[tag];
  if (known === undefined) return;
  const exists = 'has' in known ? known.has(value) : known.includes(value);
  if (exists) return;
  const some = 'has' in known ? known.some : known;
  wrong(range, `there is no ${tag === 'phase' ? 'fault' : tag} \`${value}\``, { code: 'unknown-reference', hint: didYouMean(value, some), ...(some.length === 0 ? {} : { allowed: some.slice(0, 12) }) });
}

/** What is measured at endpoints knows neither callers nor classes nor phases, and what calls measure knows no endpoints. */
function checkTagsFit(tags: Partial<Record<ThresholdTag, string>>, spec: MetricSpec, metric: string, range: readonly [number, number], wrong: Wrong): void {
  const others = THRESHOLD_TAGS.filter((tag) => tags[tag] !== undefined && tag !== 'service' && tag !== 'endpoint');
  if (spec.of === 'breakers') {
    if (tags.class !== undefined || tags.endpoint !== undefined) wrong(range, `\`${metric}\` is measured for all classes and endpoints of an edge together`, { allowed: THRESHOLD_TAGS.filter((tag) => tag !== 'endpoint' && tag !== 'class') });
  } else if (spec.of === 'endpoints' && others.length > 0) wrong(range, `\`${metric}\` is measured at endpoints, which know no \`${others[0]}\``, { allowed: ['service', 'endpoint'] });
  else if (spec.of === 'calls' && tags.endpoint !== undefined) wrong(range, `\`${metric}\` is measured at callers, not at single endpoints`, { allowed: THRESHOLD_TAGS.filter((tag) => tag !== 'endpoint') });
  else if (tags.endpoint !== undefined && others.length > 0) wrong(range, `\`endpoint\` cannot be combined with \`${others[0]}\``, { hint: 'leave one out' });
}

function readStat(written: string, argument: string | undefined, range: readonly [number, number], spec: MetricSpec, metric: string, wrong: Wrong): ThresholdStat | null {
  const allowed = Object.keys(spec.stats).flatMap((stat) => (stat === 'p' ? ['p(99)', 'med'] : [stat]));
  if (written === 'p' && 'p' in spec.stats) {
    const percent = argument === undefined || argument === '' ? NaN : Number(argument);
    if (percent > 0 && percent < 100) return { kind: 'percentile', p: percent / 100 };
    return wrong(range, `\`p(${argument ?? ''})\` is not a percentile`, { hint: 'between 0 and 100, such as p(99)' });
  }
  if (argument !== undefined) return wrong(range, `\`${written}\` takes no argument`, { allowed });
  if (written === 'med' && 'p' in spec.stats) return { kind: 'percentile', p: 0.5 };
  if (written !== 'p' && Object.hasOwn(spec.stats, written)) return { kind: written as Exclude<ThresholdStat['kind'], 'percentile'> };
  const percentile = /^p(\d)/.test(written) || written === 'p';
  return wrong(range, `\`${written}\` cannot be asked of \`${metric}\``, { hint: percentile ? 'write p(99)' : didYouMean(written, allowed), allowed });
}

/** What is to be said of a limit that all runs keep, or none does; null of others. */
function foregone(metric: ThresholdMetric, unit: Unit, op: ThresholdPlan['op'], limit: number): { readonly message: string; readonly hint: string } | null {
  const isPerCall = metric === 'retries' && unit === 'ratio';
  const [low, high] = rangeOf({ metric, unit });
  const canHit = (op === '==' || op === '!=') && limit >= low && limit <= high;
  if (canHit || holds(low, op, limit) !== holds(high, op, limit)) return null;
  const range = isPerCall ? 'the ratio of retries is 1 without any, and more with them' : high === 1 ? 'a share lies between 0% and 100%' : 'it is never below 0';
  return holds(low, op, limit)
    ? { message: `no run can break this limit: ${range}`, hint: 'write one that a run can break' }
    : { message: `no run can keep this limit: ${range}`, hint: isPerCall ? 'a tenth more attempts at most is `< 1.1`' : 'write one that a run can keep' };
}

const UNIT_HINTS: Readonly<Record<Unit, string>> = { ns: 'a duration such as 250ms', ratio: 'a ratio such as 1.2 or 5%', perSecond: 'a rate such as 500/s', count: 'a number' };

function readLimit(text: string, range: readonly [number, number], unit: Unit, high: number, wrong: Wrong): number | null {
  const bare = /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
  const value = unit === 'ns' ? parseDuration(text) : unit === 'perSecond' ? parseRate(text) : (bare ?? (unit === 'ratio' ? parsePercent(text) : null));
  if (value === null) {
    if (bare !== null) return wrong(range, `\`${text}\` has no unit`, { code: 'missing-unit', hint: unit === 'ns' ? `did you mean \`${text}ms\` or \`${text}s\`?` : `did you mean \`${text}/s\` or \`${text}/m\`?` });
    return wrong(range, `\`${text.slice(0, 40)}\` is not ${UNIT_HINTS[unit].replace(/ such as.*/, '')}`, { hint: UNIT_HINTS[unit] });
  }
  if (high === 1 && value > 1) return wrong(range, `\`${text}\` is more than 1`, { code: 'out-of-range', hint: bare !== null && bare <= 100 ? `did you mean \`${text}%\`?` : '0% to 100%' });
  return value;
}
