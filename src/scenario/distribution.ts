/** Durations drawn at random: every form that section 2 of the reference lists, as one schema. */
import { exp, ln, normalQuantile } from '../model/math.ts';
import type { DistributionPlan, LawPlan } from '../model/plan.ts';
import { columnOf, readTable, reportFile } from './data-file.ts';
import { duration, number, ratio, text } from './scalar.ts';
import { type At, type Defs, type Field, field, type Json, type JsonObject, lazy, list, map, mapped, optional, orWord, type Read, required, type Schema } from './schema.ts';
import type { SourceEntry } from './source.ts';
import { didYouMean } from './suggest.ts';
import { formatDuration, parseDuration } from './units.ts';

export function distribution(examples: readonly Json[] = ['5ms', { p50: '4ms', p99: '30ms' }]): Schema<DistributionPlan> {
  return { noun: 'a distribution', examples, read, json: (defs) => defs.ref('distribution', () => json(defs)) };
}

const STAND_IN: DistributionPlan = constant(1e6);
const LENGTH_MAX = 1_000_000;
const positive = duration({ min: 1, examples: ['5ms'] });
const shape = (): Schema<number> => number({ min: 0.01, max: 1000, examples: [2] });
const sigma = (): Schema<number> => number({ min: 0, max: 20, examples: [0.8] });

export function constant(valueNs: number): DistributionPlan {
  return { law: { kind: 'constant', valueNs }, minNs: 0, maxNs: Infinity, shiftNs: 0 };
}

/** Null for a latency that is always nothing. */
export function unlessZero(plan: DistributionPlan): DistributionPlan | null {
  return plan.law.kind === 'constant' && plan.law.valueNs === 0 ? null : plan;
}

const lognormalMean = map<{ mean: number; sigma: number }>({
  noun: 'a lognormal law',
  doc: 'By mean and sigma.',
  fields: { mean: required(positive, 'Mean.'), sigma: required(sigma(), 'Standard deviation of the logarithm.') },
});
const lognormalMedian = map<{ median: number; sigma: number }>({
  noun: 'a lognormal law',
  doc: 'By median and sigma.',
  fields: { median: required(positive, 'Median.'), sigma: required(sigma(), 'Standard deviation of the logarithm.') },
});

const lognormal: Schema<LawPlan> = {
  noun: 'a lognormal law',
  examples: [{ median: '5ms', sigma: 0.8 }],
  read: (at) => {
    const byMean = at.node.kind === 'map' && at.node.entries.some(({ key }) => key === 'mean');
    if (byMean) {
      const { value, file } = lognormalMean.read(at);
      return { value: { kind: 'lognormal', mu: ln(value.mean) - (value.sigma * value.sigma) / 2, sigma: value.sigma }, file };
    }
    const { value, file } = lognormalMedian.read(at);
    return { value: { kind: 'lognormal', mu: ln(value.median), sigma: value.sigma }, file };
  },
  json: (defs) => ({ anyOf: [lognormalMedian.json(defs), lognormalMean.json(defs)] }),
};

const uniform: Schema<LawPlan> = mapped(list(duration({ examples: ['1ms'] }), { noun: 'a pair [low, high]', min: 2, max: 2, examples: [['1ms', '9ms']] }), ([lowNs = 0, highNs = 0], at): LawPlan => {
  if (lowNs > highNs) at.report('contradiction', 'the low end is above the high end', { hint: 'write [low, high]' });
  return { kind: 'uniform', lowNs, highNs };
});

const hyperexponential: Schema<LawPlan> = mapped(
  list(
    map<{ probability: number; mean: number }>({
      noun: 'a phase',
      doc: 'One exponential law, and how often it is drawn.',
      fields: { probability: required(ratio(['50%']), 'How often.'), mean: required(positive, 'Mean.') },
    }),
    { min: 1, max: 1000 },
  ),
  (phases, at): LawPlan => {
    const total = phases.reduce((sum, phase) => sum + phase.probability, 0);
    if (phases.length > 0 && Math.abs(total - 1) > 1e-9) at.report('contradiction', `the probabilities add up to ${Number((total * 100).toPrecision(6))}%`, { hint: 'they must add up to 100%' });
    return { kind: 'hyperexponential', phases: phases.map(({ probability, mean }) => ({ probability, meanNs: mean })) };
  },
);

const mixture: Schema<LawPlan> = mapped(
  list(
    map<{ weight: number; of: DistributionPlan }>({
      noun: 'a part of a mixture',
      doc: 'A distribution, and its weight.',
      fields: {
        weight: field(number({ min: 0, max: 1e9, examples: [9] }), 1, 'How often, relative to the other parts.'),
        of: required(lazy('a distribution', ['5ms'], () => distribution()), 'What is drawn.'),
      },
    }),
    { min: 1, max: 1000 },
  ),
  (parts, at): LawPlan => {
    if (parts.length > 0 && !parts.some(({ weight }) => weight > 0)) at.report('contradiction', 'all weights are 0', { hint: 'give one part a weight' });
    return { kind: 'mixture', parts };
  },
);

const empiricalFile = map<{ file: string; column: string | null }>({
  noun: 'a file of values',
  doc: 'A CSV file of durations, one a line: with a unit, or numbers in milliseconds. The path is relative to the scenario.',
  fields: { file: required(text({ noun: 'a file name', examples: ['latency.csv'] }), 'CSV file.'), column: optional(text({ noun: 'a column name', examples: ['ms'] }), 'Name of the column in the first line; default: the first column.') },
});
const empiricalList = list(duration({ examples: ['4ms'] }), { min: 1, max: LENGTH_MAX });

const empirical: Schema<LawPlan> = {
  noun: 'values or a file of values',
  examples: [['3ms', '4ms', '20ms']],
  read: (at): Read<LawPlan> => {
    if (at.node.kind !== 'map') {
      const { value, file } = empiricalList.read(at);
      return { value: { kind: 'empirical', valuesNs: value }, file };
    }
    const { value, file } = empiricalFile.read(at);
    return { value: { kind: 'empirical', valuesNs: value.file === '' ? [1] : valuesOfFile(at, value.file, value.column) }, file };
  },
  json: (defs) => ({ anyOf: [empiricalList.json(defs), empiricalFile.json(defs)] }),
};

function valuesOfFile(at: At, file: string, column: string | null): readonly number[] {
  const table = readTable(at, file);
  if (table === null) return [1];
  const index = columnOf(at, table, column);
  if (index === null) return [1];
  const values: number[] = [];
  for (const { line, cells } of table.rows) {
    const cell = cells[index] ?? '';
    const ns = /^\d/.test(cell) && Number.isFinite(Number(cell)) ? Math.round(Number(cell) * 1e6) : parseDuration(cell);
    if (ns === null) {
      reportFile(at, file, line, `\`${cell.slice(0, 40)}\` is not a duration`, 'a number of milliseconds, or a number with a unit');
      return [1];
    }
    values.push(ns);
  }
  if (values.length === 0) reportFile(at, file, null, 'there are no values in it', null);
  return values;
}

const buckets: Schema<LawPlan> = mapped(
  list(
    map<{ le: number; count: number }>({
      noun: 'a bucket',
      doc: 'Values up to `le`, those of earlier buckets included.',
      fields: { le: required(positive, 'Upper end; leave the +Inf bucket out.'), count: required(number({ min: 0, max: 2 ** 53, examples: [40] }), 'How many values are at most `le`.') },
    }),
    { min: 1, max: 100_000 },
  ),
  (rows, at): LawPlan => {
    const fallsAt = rows.findIndex((row, i) => i > 0 && (row.le <= rows[i - 1]!.le || row.count < rows[i - 1]!.count));
    if (fallsAt > 0) at.report('contradiction', `bucket ${fallsAt + 1} is below the one before it`, { hint: '`le` ascends and `count` is cumulative' });
    else if (rows.length > 0 && rows.at(-1)!.count === 0) at.report('contradiction', 'all buckets are empty');
    return { kind: 'buckets', buckets: rows.map(({ le, count }) => ({ leNs: le, count })) };
  },
);

interface Form {
  readonly doc: string;
  readonly law: Schema<LawPlan>;
}

function mapForm<T extends object>(doc: string, noun: string, fields: { readonly [K in keyof T]-?: Field<T[K]> }, law: (value: T, at: At) => LawPlan): Form {
  return { doc, law: mapped(map<T>({ noun, doc, fields }), law) };
}

/** The key of a distribution's map says which law it is. */
const FORMS: Readonly<Record<string, Form>> = {
  exponential: { doc: 'Exponential with this mean.', law: mapped(positive, (meanNs): LawPlan => ({ kind: 'exponential', meanNs })) },
  lognormal: { doc: 'Lognormal.', law: lognormal },
  normal: mapForm<{ mean: number; stddev: number }>('Normal, cut at 0.', 'a normal law', { mean: required(duration({ examples: ['5ms'] }), 'Mean.'), stddev: required(duration({ examples: ['1ms'] }), 'Standard deviation.') }, ({ mean, stddev }) => ({ kind: 'normal', meanNs: mean, stddevNs: stddev })),
  uniform: { doc: 'Uniform between two durations.', law: uniform },
  gamma: mapForm<{ mean: number; shape: number }>('Gamma.', 'a gamma law', { mean: required(positive, 'Mean.'), shape: required(shape(), 'Shape; 1 is exponential.') }, (value) => ({ kind: 'gamma', meanNs: value.mean, shape: value.shape })),
  weibull: mapForm<{ scale: number; shape: number }>('Weibull.', 'a Weibull law', { scale: required(positive, 'Scale.'), shape: required(shape(), 'Shape; 1 is exponential.') }, (value) => ({ kind: 'weibull', scaleNs: value.scale, shape: value.shape })),
  pareto: mapForm<{ min: number; shape: number; max: number }>(
    'Pareto; truncated where `max` is given.',
    'a Pareto law',
    { min: required(positive, 'Least value.'), shape: required(shape(), 'Tail index; the mean is infinite up to 1.'), max: field(orWord(positive, 'none', Infinity), 'none', 'Greatest value of the law itself.') },
    ({ min, shape: tail, max }, at) => {
      if (max < min) at.report('contradiction', '`max` is below `min`');
      return { kind: 'pareto', minNs: min, shape: tail, maxNs: max };
    },
  ),
  hyperexponential: { doc: 'One of several exponential laws.', law: hyperexponential },
  mixture: { doc: 'One of several distributions, by weight.', law: mixture },
  empirical: { doc: 'Recorded values, drawn with equal chance.', law: empirical },
  buckets: { doc: 'A cumulative histogram, as Prometheus has it; linear inside a bucket.', law: buckets },
};

const CLAMPS = ['min', 'max', 'shift'] as const;
const clamp = duration({ examples: ['1ms'] });
const QUANTILE = /^p(\d{1,2}(?:\.\d{1,6})?)$/;
const KEYS: readonly string[] = ['p50', 'p99', ...Object.keys(FORMS), ...CLAMPS];

function read(at: At): Read<DistributionPlan> {
  const { node } = at;
  if (node.kind === 'scalar') {
    const { value, file } = clamp.read(at);
    return { value: constant(value), file };
  }
  if (node.kind === 'list') {
    at.report('wrong-type', 'expected a distribution, found a list', { hint: 'did you mean `{ uniform: [low, high] }`?' });
    return { value: STAND_IN, file: null };
  }
  const clamps = new Map<string, Read<number>>();
  const laws: SourceEntry[] = [];
  for (const entry of node.entries) {
    if (CLAMPS.some((key) => key === entry.key)) clamps.set(entry.key, clamp.read(at.below(entry.key, entry.value)));
    else if (Object.hasOwn(FORMS, entry.key) || QUANTILE.test(entry.key)) laws.push(entry);
    else at.report('unknown-key', `\`${entry.key.slice(0, 60)}\` is not a form of a distribution`, { key: entry.key, span: entry.keySpan, hint: asQuantile(entry.key) ?? didYouMean(entry.key, KEYS), allowed: KEYS, help: "meshsim schema | jq '.$defs.distribution'" });
  }
  const law = readLaw(at, laws);
  const minNs = clamps.get('min')?.value ?? 0;
  const maxNs = clamps.get('max')?.value ?? Infinity;
  if (minNs > maxNs) at.report('contradiction', '`min` is above `max`');
  return {
    value: { law: law.value, minNs, maxNs, shiftNs: clamps.get('shift')?.value ?? 0 },
    file: { ...(law.file as JsonObject), ...Object.fromEntries([...clamps].map(([key, bound]) => [key, bound.file])) },
  };
}

/** `p999`, as many a dashboard has it. */
function asQuantile(key: string): string | null {
  const [, whole, decimals] = /^p(\d{2})(\d{1,6})$/.exec(key) ?? [];
  return whole === undefined ? null : `did you mean \`p${whole}.${decimals}\`?`;
}

function readLaw(at: At, laws: readonly SourceEntry[]): Read<LawPlan> {
  const standIn: Read<LawPlan> = { value: STAND_IN.law, file: {} };
  const [first, second] = laws;
  if (first === undefined) {
    if (at.context.problems.isSound(at.path)) at.report('missing-key', 'this distribution does not say which law it is', { hint: 'for example `{ p50: 4ms, p99: 30ms }`', allowed: KEYS });
    return standIn;
  }
  if (laws.every(({ key }) => QUANTILE.test(key))) return readQuantiles(at, laws) ?? standIn;
  if (second !== undefined) {
    at.report('contradiction', `\`${second.key}\` and \`${first.key}\` are two laws`, { span: second.keySpan, hint: 'keep one', second: { span: first.keySpan, label: 'the other one' } });
    return standIn;
  }
  const { value, file } = FORMS[first.key]!.law.read(at.below(first.key, first.value));
  return { value, file: { [first.key]: file } };
}

/** The lognormal law through two points: ln x = mu + sigma z, with z the standard normal quantile. */
function readQuantiles(at: At, entries: readonly SourceEntry[]): Read<LawPlan> | null {
  if (entries.length !== 2) {
    // One that could not be read may be the other.
    if (entries.length > 2 || at.context.problems.isSound(at.path)) at.report('contradiction', `a distribution takes exactly two quantiles, found ${entries.length}`, { ...(entries[2] === undefined ? {} : { span: entries[2].keySpan }), hint: 'for example `{ p50: 4ms, p99: 30ms }`' });
    return null;
  }
  const points = entries.map((entry) => ({ entry, p: Number(QUANTILE.exec(entry.key)![1]) / 100, ...positive.read(at.below(entry.key, entry.value)) })).sort((a, b) => a.p - b.p);
  const [low, high] = [points[0]!, points[1]!];
  const file: Json = Object.fromEntries(entries.map(({ key }) => [key, points.find((point) => point.entry.key === key)!.file]));
  if (low.p <= 0 || low.p === high.p) {
    at.report('out-of-range', low.p <= 0 ? '`p0` has no place in a lognormal law' : 'both quantiles are the same', { span: low.entry.keySpan, hint: 'two different quantiles between p1 and p99.99' });
    return null;
  }
  if (high.value < low.value) {
    at.report('contradiction', `\`${high.entry.key}\` (${formatDuration(high.value)}) is below \`${low.entry.key}\` (${formatDuration(low.value)})`, { span: high.entry.value.span, second: { span: low.entry.value.span, label: 'the lower quantile' } });
    return null;
  }
  const [z0, z1] = [normalQuantile(low.p), normalQuantile(high.p)];
  const spread = (ln(high.value) - ln(low.value)) / (z1 - z0);
  const mu = ln(low.value) - spread * z0;
  if (!(exp(mu) < 2 ** 53)) at.report('out-of-range', 'the median of this law is longer than 104 days');
  return { value: { kind: 'lognormal', mu, sigma: spread }, file };
}

function json(defs: Defs): JsonObject {
  const clampJson: Record<string, Json> = {
    min: { ...clamp.json(defs), description: 'Values below are raised to it. Default: 0.', examples: clamp.examples },
    max: { ...clamp.json(defs), description: 'Values above are lowered to it. Default: no limit.', examples: clamp.examples },
    shift: { ...clamp.json(defs), description: 'Added after clamping. Default: 0.', examples: clamp.examples },
  };
  const forms = Object.entries(FORMS).map(([key, { doc, law }]) => ({
    type: 'object',
    description: doc,
    properties: { [key]: { ...law.json(defs), description: doc, examples: law.examples }, ...clampJson },
    required: [key],
    additionalProperties: false,
    examples: [{ [key]: law.examples[0] ?? null }],
  }));
  const quantiles: JsonObject = {
    type: 'object',
    description: 'Lognormal through two quantiles.',
    properties: clampJson,
    patternProperties: { [QUANTILE.source]: { ...positive.json(defs), description: 'A quantile.' } },
    additionalProperties: false,
    minProperties: 2,
    examples: [{ p50: '4ms', p99: '30ms' }],
  };
  return {
    description: 'A distribution of durations: one duration (constant), two quantiles (lognormal), or a named law. Maps also take min, max and shift.',
    anyOf: [clamp.json(defs), quantiles, ...forms],
    examples: ['5ms', { p50: '4ms', p99: '30ms' }, { exponential: '5ms' }, { uniform: ['1ms', '9ms'] }],
  };
}

