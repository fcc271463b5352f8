/** Section 5: policies. */
import { admissionKinds } from '../engine/admission/admission-kinds.ts';
import { concurrencyLimitKinds } from '../engine/admission/concurrency-kinds.ts';
import { rateLimitKind } from '../engine/admission/rate-limit-options.ts';
import { balancerKinds } from '../engine/balance/kinds.ts';
import { slowStartKind } from '../engine/balance/slow-start-options.ts';
import { circuitBreakerKind } from '../engine/breaker/circuit-breaker-options.ts';
import { failfastKind } from '../engine/breaker/failfast-options.ts';
import { healthCheckKind } from '../engine/breaker/health-check-options.ts';
import { type AccrualName, accrualKinds } from '../engine/breaker/kinds.ts';
import { hedgeKind } from '../engine/hedge/hedge-options.ts';
import { outlierKind, outlierOptions } from '../engine/outlier/outlier-options.ts';
import { connectionPoolKind } from '../engine/pool/connection-pool-options.ts';
import { type SplitMode, splitKinds } from '../engine/route/kinds.ts';
import { budgetKinds } from '../engine/retry/budget-options.ts';
import { RETRY_WORDS, STATUS_RANGE } from '../engine/retry/condition.ts';
import { retryKind } from '../engine/retry/retry-options.ts';
import { ownBalancer } from '../engine/own/own-kinds.ts';
import { jitterKinds, type JitterName } from '../engine/retry/jitter-kinds.ts';
import type { Chosen, OptionValues } from '../model/kind.ts';
import type { DistributionPlan, PolicyPlan, RetryWord } from '../model/plan.ts';
import { distribution } from './distribution.ts';
import { type LocalityFile, locality } from './locality-schema.ts';
import { kindWord, kinds, kindsByKeys, options } from './options.ts';
import { orOwn, ownName } from './own-schema.ts';
import { filledIn } from './preset/fill-in.ts';
import { type PresetName, presets } from './preset/registry.ts';
import { boolean, choice, duration, integer, name, number, ratio, size, text } from './scalar.ts';
import { applicable, type At, derived, type Field, field, foundOf, inline, type Json, list, map, mapped, optional, orWord, part, required, type Schema } from './schema.ts';
import { didYouMean } from './suggest.ts';
import { formatDuration, parseDuration } from './units.ts';

export interface PolicyFile {
  readonly preset: PresetName;
  readonly loadBalancer: Chosen;
  readonly timeout: number;
  readonly deadline: 'ignore' | 'propagate';
  readonly retries: RetriesFile | null;
  readonly hedge: OptionValues | null;
  readonly connectionPool: OptionValues | null;
  readonly outlierDetection: OptionValues | null;
  readonly failureAccrual: PolicyPlan['failureAccrual'];
  readonly failfast: OptionValues | null;
  readonly circuitBreaker: OptionValues | null;
  readonly admission: Chosen | null;
  readonly concurrencyLimit: Chosen | null;
  readonly rateLimit: OptionValues | null;
  readonly healthCheck: OptionValues | null;
  readonly panicThreshold: number;
  readonly locality: LocalityFile;
  readonly split: SplitMode;
  readonly slowStart: OptionValues | null;
  readonly proxy: { readonly overhead: DistributionPlan };
  readonly wrapper: string | null;
}

export interface RetriesFile {
  readonly attempts: number;
  readonly on: readonly RetryWord[];
  readonly perTryTimeout: number;
  readonly backoff: BackoffFile;
  readonly budget: Chosen | null;
  readonly avoidPrevious: boolean;
  readonly methods: readonly string[] | null;
  /** Bytes; null is no limit. */
  readonly maxBody: number | null;
  readonly lastTryTimeout: boolean;
  /** Code in place of `attempts`, `on` and `backoff`. */
  readonly own: string | null;
}

export interface BackoffFile {
  readonly base: number;
  readonly max: number;
  readonly jitter: string;
  /** Null where the jitter has no such option. */
  readonly multiplier: number | null;
  readonly jitterRatio: number | null;
}

const loadBalancer = orOwn(
  kinds({
    noun: 'a load balancer',
    doc: 'Which endpoint an attempt goes to.',
    kinds: balancerKinds,
    later: ['clientWeighted', 'prequal', 'c3', 'joinIdleQueue', 'leastLoaded', 'aperture'],
  }),
  mapped(
    map<{ own: string }>({
      noun: 'a load balancer of your own',
      doc: 'Code that comes with the scenario and picks the endpoint.',
      fields: { own: required(ownName('balancers'), 'The name under which it was passed.') },
    }),
    ({ own }) => ownBalancer(own),
  ),
);

const retryWord: Schema<RetryWord> = {
  noun: 'a retry condition',
  examples: ['5xx', 503],
  read: (at) => {
    const { node } = at;
    const words = Object.keys(RETRY_WORDS);
    if (node.kind === 'scalar' && typeof node.value === 'number') {
      if (Number.isInteger(node.value) && node.value >= 100 && node.value <= 599) return { value: node.value, file: node.value };
      at.report('out-of-range', `\`${node.text}\` is not an HTTP status`, { hint: '100 to 599' });
    } else if (node.kind === 'scalar' && typeof node.value === 'string') {
      if (Object.hasOwn(RETRY_WORDS, node.value)) return { value: node.value, file: node.value };
      const [range, low = '', high = ''] = STATUS_RANGE.exec(node.value) ?? [];
      if (range !== undefined) {
        if (low > high) at.report('contradiction', `\`${range}\` ends before it begins`, { hint: `${high}-${low}` });
        return { value: range, file: range };
      }
      at.report('unknown-word', `\`${node.text.slice(0, 60)}\` is not a retry condition`, { hint: didYouMean(node.value, words) ?? 'a word, a status as a number, or statuses as 500-599', allowed: words });
    } else {
      at.report('wrong-type', `expected a retry condition, found ${foundOf(node)}`, { allowed: words });
    }
    return { value: '5xx', file: null };
  },
  json: () => ({
    anyOf: [
      { enum: Object.keys(RETRY_WORDS), description: Object.entries(RETRY_WORDS).map(([word, doc]) => `${word}: ${doc}`).join('\n') },
      { type: 'integer', minimum: 100, maximum: 599, description: 'An HTTP status.' },
      { type: 'string', pattern: STATUS_RANGE.source, description: 'HTTP statuses from one to another.' },
    ],
  }),
};

/** An option that only some jitters have. */
function jitterOption(name: 'multiplier' | 'jitterRatio', bounds: { readonly min: number; readonly max: number }, doc: string): ReturnType<typeof applicable<number>> {
  const defaults = Object.entries(jitterKinds).flatMap(([kind, { options }]) => (options[name]?.default === undefined ? [] : [`${options[name].default} for ${kind}`]));
  return applicable(number({ ...bounds, examples: [2] }), (before) => jitterKinds[before.get('jitter') as JitterName]?.options[name]?.default as number | undefined, defaults.join(', '), doc);
}

const backoff = map<BackoffFile>({
  def: 'backoff',
  noun: 'a backoff',
  doc: 'The wait before a retry; the step doubles from `base` up to `max`.',
  shorthand: 'base',
  fields: {
    base: field(duration({ examples: ['25ms'] }), '25ms', 'First step.'),
    max: derived(duration({ examples: ['250ms'] }), tenTimesBase, '10 x base', 'Longest step.'),
    jitter: field(kindWord(jitterKinds, 'a jitter'), 'full', 'How the wait is drawn from the step.'),
    multiplier: jitterOption('multiplier', { min: 1, max: 100 }, 'By how much each step is longer than the one before; 2 where it is no option.'),
    jitterRatio: jitterOption('jitterRatio', { min: 0, max: 100 }, 'Size of the random part, as a share of the step; at most 1 for `proportional`.'),
  },
  check: (values, at) => {
    const { base, max, jitter } = values;
    for (const name of ['multiplier', 'jitterRatio'] as const) {
      const value = values[name];
      if (value === null) continue;
      const spec = jitterKinds[jitter as JitterName].options[name];
      if (spec === undefined) at.report('contradiction', `jitter \`${jitter}\` has no \`${name}\``, { key: name, hint: 'take it out' });
      else if ('max' in spec && spec.max !== undefined && value > spec.max) at.report('out-of-range', `\`${value}\` is out of range for jitter \`${jitter}\``, { key: name, hint: `at most ${spec.max}` });
    }
    if (max < base) at.report('contradiction', `the longest backoff (${formatDuration(max)}) is shorter than the first (${formatDuration(base)})`, { hint: 'raise `max`' });
  },
});

function tenTimesBase(before: ReadonlyMap<string, Json>): Json {
  const base = before.get('base');
  return formatDuration(Math.min(10 * (parseDuration(String(base)) ?? 25e6), 2 ** 52));
}

const budget = part(
  kindsByKeys({
    noun: 'a retry budget',
    doc: 'A limit on retries over all calls of a caller; its keys tell which kind it is.',
    kinds: budgetKinds,
    shorthand: 'ratio',
  }),
  'Limit on retries over all calls.',
);

const perTryTimeout = field(orWord(duration({ min: 1, examples: ['300ms'] }), 'none', Infinity), 'none', 'Longest time for one attempt.');
const avoidPrevious = field(boolean(), false, 'Not the endpoint that just failed, while another is ready.');
const methods = field(
  orWord(mapped(list(text({ noun: 'a method', pattern: /^[A-Za-z]+$/, examples: ['GET'], standIn: 'GET' }), { noun: 'a list of methods', min: 1, single: true }), (methods) => methods.map((method) => method.toUpperCase())), 'any', null),
  'any',
  'Retry only requests with these methods.',
);
const maxBody = field(orWord(size({ examples: ['64KiB'] }), 'unlimited', null), 'unlimited', 'Requests with a longer body are not retried, as a proxy that keeps the body for another attempt has it; 64KiB in Linkerd.');

type OwnRetriesFile = Pick<RetriesFile, 'perTryTimeout' | 'budget' | 'avoidPrevious' | 'methods' | 'maxBody'> & { readonly own: string };

const ownRetries = mapped(
  map<OwnRetriesFile>({
    noun: 'a retry policy of your own',
    doc: 'Code that comes with the scenario and decides about each failed attempt, in place of `attempts`, `on` and `backoff`.',
    examples: [{ own: 'ours', budget: '20%' }],
    fields: { own: required(ownName('retries'), 'The name under which it was passed.'), perTryTimeout, budget, avoidPrevious, methods, maxBody },
  }),
  (own): RetriesFile => ({ ...own, attempts: Infinity, on: ['5xx'], backoff: { base: 0, max: 0, jitter: 'none', multiplier: null, jitterRatio: null }, lastTryTimeout: true }),
);

const ourRetries = mapped(
  map<Omit<RetriesFile, 'own'>>({
    def: 'retries',
    noun: 'a retry policy',
    doc: retryKind.doc,
    about: retryKind,
    shorthand: 'attempts',
    later: { respectRetryAfter: 'waiting as long as the answer asks' },
    examples: [{ attempts: 2, on: ['5xx', 'reset'], perTryTimeout: '300ms' }],
    fields: {
      attempts: field(orWord(integer({ min: 0, max: 100, examples: [2] }), 'unlimited', Infinity), 1, 'Attempts after the first; `unlimited` needs a budget that runs out.'),
      on: field(list(retryWord, { min: 1, max: 600, single: true }), ['5xx'], 'Which failures are retried: words, statuses such as 503, statuses from one to another such as 500-599.'),
      perTryTimeout,
      backoff: field(backoff, {}, 'Wait before a retry.'),
      budget,
      avoidPrevious,
      methods,
      maxBody,
      lastTryTimeout: field(boolean(), true, 'Whether `perTryTimeout` also limits the last attempt that may be made; not in Linkerd.'),
    },
    check: ({ attempts, budget }, at) => {
      if (attempts === Infinity && (budget === null || budget.kind === 'concurrency')) {
        at.report('contradiction', 'retries without a limit would never end', { key: 'attempts', hint: 'add a `budget` that runs out, such as `{ ratio: 20% }`, or give a number' });
      }
    },
  }),
  (file): RetriesFile => ({ ...file, own: null }),
);

const retries = orOwn(ourRetries, ownRetries);

const hedge = options(hedgeKind, {
  def: 'hedge',
  noun: 'a hedge',
  shorthand: 'after',
  check: ({ after, onPerTryTimeout }, at) => {
    if (after === Infinity && onPerTryTimeout !== true) at.report('contradiction', 'a hedge after nothing sends nothing', { key: 'after', hint: 'write a duration, or `onPerTryTimeout: true`' });
  },
});

const quantileHedge: Schema<OptionValues> = {
  ...hedge,
  get examples(): readonly Json[] {
    return [{ after: '50ms', max: 1, budget: '5%' }];
  },
  read: (at) => {
    const after = at.node.kind === 'map' ? at.node.entries.find(({ key }) => key === 'after')?.value : at.node;
    if (after?.kind === 'scalar' && /^p\d+(\.\d+)?$/.test(after.text)) {
      at.report('not-supported-yet', `\`${after.text}\`: a quantile of recent latency is not supported yet`, { key: 'after', span: after.span, hint: 'write a duration' });
      return { value: {}, file: null };
    }
    return hedge.read(at);
  },
};

const shorterThan = (longest: string, first: string) => (values: OptionValues, at: At): void => {
  if (Number(values[first]) > Number(values[longest])) at.report('contradiction', `\`${first}\` is longer than \`${longest}\``);
};

type Accruals = Readonly<Record<AccrualName, OptionValues | null>>;

const accrual = (name: AccrualName, longest: string, first: string): Field<OptionValues | null> => {
  const kind = accrualKinds[name];
  return part(options(kind, { noun: `a \`${name}\` failure accrual`, check: shorterThan(longest, first) }), kind.doc);
};

const accruals = map<Accruals>({
  def: 'failureAccrual',
  noun: 'a failure accrual',
  doc: 'A breaker for each endpoint, of one of three kinds.',
  examples: [{ consecutive: { maxFailures: 7 } }],
  fields: {
    consecutive: accrual('consecutive', 'maxPenalty', 'minPenalty'),
    unified: accrual('unified', 'maxPenalty', 'minPenalty'),
    finagle: accrual('finagle', 'maxMarkDeadFor', 'markDeadFor'),
  },
  check: ({ consecutive, unified, finagle }, at) => {
    const kinds = [consecutive, unified, finagle].filter((values) => values !== null).length;
    if (kinds === 0) at.report('missing-key', 'a failure accrual needs one of `consecutive`, `unified` and `finagle`', { key: 'consecutive', hint: 'add `consecutive: {}`' });
    if (kinds > 1) at.report('contradiction', '`consecutive`, `unified` and `finagle` are kinds of failure accrual', { hint: 'keep one' });
  },
});

// The words are those of `SplitMode`.
const splitMode = kindWord(splitKinds, 'a split mode') as Schema<SplitMode>;

const failureAccrual: Schema<PolicyPlan['failureAccrual']> = mapped(accruals, ({ consecutive, unified, finagle }) => {
  if (unified !== null) return { kind: 'unified', options: unified };
  return finagle !== null ? { kind: 'finagle', options: finagle } : { kind: 'consecutive', options: consecutive ?? {} };
});

/** Envoy refuses a longest ejection below the first; its default gives way to a long first one. */
function ejectionTimes({ baseEjectionTime, maxEjectionTime }: OptionValues, at: At): void {
  if (maxEjectionTime !== outlierOptions['maxEjectionTime']!.default) shorterThan('maxEjectionTime', 'baseEjectionTime')({ baseEjectionTime: baseEjectionTime!, maxEjectionTime: maxEjectionTime! }, at);
}

function usualPanic(before: ReadonlyMap<string, Json>): Json {
  const accrual = before.get('failureAccrual');
  const isLinkerd = typeof accrual === 'object' && accrual !== null && !('finagle' in accrual && accrual['finagle'] !== 'none');
  return isLinkerd ? '0%' : '50%';
}

/** The lowest, the first and the highest limit, by the names they have in the kinds. */
function limitsInOrder({ options: chosen }: Chosen, at: At): void {
  const named = ['minConcurrency', 'minLimit', 'initialLimit', 'maxLimit', 'maxConcurrencyLimit'].filter((key) => chosen[key] !== undefined);
  const wrong = named.findIndex((key, i) => i > 0 && Number(chosen[key]) < Number(chosen[named[i - 1]!]));
  if (wrong > 0) at.report('contradiction', `\`${named[wrong]}\` (${chosen[named[wrong]!]}) is below \`${named[wrong - 1]}\` (${chosen[named[wrong - 1]!]})`, { hint: 'the lowest limit, then the first, then the highest' });
}

const preset = choice(Object.fromEntries(Object.entries(presets).map(([name, { doc, copies }]) => [name, copies === undefined ? doc : `${copies}: ${doc}`])) as Readonly<Record<PresetName, string>>, { noun: 'a preset' });

const onItsOwn: Schema<PolicyFile> = map<PolicyFile>({
  def: 'policy',
  noun: 'a policy',
  doc: 'How a caller treats its calls to a service. A part that is absent is off.',
  later: {
    subsetting: 'each client seeing a part of the endpoints',
    tls: 'the cost of handshakes',
  },
  examples: [{ loadBalancer: 'leastRequest', timeout: '1s', retries: { attempts: 2, perTryTimeout: '300ms', budget: '20%' } }],
  fields: {
    preset: field(preset, 'none', 'Whose defaults are filled in; keys beside it override them.'),
    loadBalancer: field(loadBalancer, 'roundRobin', 'Which endpoint an attempt goes to; `{ own: NAME }` is code of yours (docs/own-policies.md).'),
    timeout: field(orWord(duration({ min: 1, examples: ['1s'] }), 'none', Infinity), 'none', 'Longest time for the whole call, all attempts and backoffs.'),
    deadline: field(choice({ ignore: 'calls of the called service know nothing of the timeout', propagate: 'they get what is left of it' }, { noun: 'a deadline mode' }), 'ignore', 'Whether downstream calls get what is left of the timeout.'),
    retries: part(retries, 'Other attempts where one failed; `{ own: NAME }` is code of yours (docs/own-policies.md).'),
    hedge: part(quantileHedge, 'A copy of a slow attempt.'),
    connectionPool: part(options(connectionPoolKind, { def: 'connectionPool', noun: 'a connection pool' }), 'Connections and their limits.'),
    outlierDetection: part(options(outlierKind, { def: 'outlierDetection', noun: 'an outlier detection', check: ejectionTimes }), 'Ejection of endpoints that fail.'),
    failureAccrual: part(failureAccrual, 'A breaker per endpoint, as Linkerd or Finagle.'),
    failfast: part(options(failfastKind, { def: 'failfast', noun: 'a failfast', shorthand: 'timeout' }), 'Waiting for a ready endpoint.'),
    circuitBreaker: part(options(circuitBreakerKind, { def: 'circuitBreaker', noun: 'a circuit breaker' }), 'Refuses calls for a while after many failed.'),
    admission: part(kinds({ noun: 'an admission control', doc: 'Client-side throttling.', kinds: admissionKinds }), 'Client-side throttling.'),
    concurrencyLimit: part(kinds({ noun: 'a concurrency limit', doc: 'Most calls of one caller endpoint in flight, learnt from their latency.', kinds: concurrencyLimitKinds, check: limitsInOrder }), 'Most calls in flight, learnt from latency.'),
    rateLimit: part(options(rateLimitKind, { def: 'rateLimit', noun: 'a rate limit', shorthand: 'rate' }), 'Most calls per second of one caller endpoint.'),
    healthCheck: part(options(healthCheckKind, { def: 'healthCheck', noun: 'a health check' }), 'Active health checks.'),
    panicThreshold: derived(ratio(['50%']), usualPanic, "50%, and 0% beside Linkerd's failure accrual, which knows no panic", 'Below this share of ready endpoints all are used; 0% turns it off.'),
    locality: field(locality, 'none', 'Preference for endpoints nearby.'),
    split: field(splitMode, 'fixed', 'What becomes of calls to a service that splits them over others.'),
    slowStart: part(options(slowStartKind, { def: 'slowStart', noun: 'a slow start', shorthand: 'window' }), 'Less traffic for endpoints that just came.'),
    proxy: field(
      map<{ overhead: DistributionPlan }>({ noun: 'a proxy', doc: 'The proxies between caller and endpoint.', fields: { overhead: field(distribution(['0.2ms']), 0, 'Time that the client and server proxies add to an attempt, a distribution.') } }),
      {},
      'The proxies between caller and endpoint.',
    ),
    wrapper: optional(ownName('wrappers'), "Code of yours that makes the attempts of each call, such as a library's retries, timeouts and breakers (docs/own-policies.md)."),
  },
  check: (policy, at) => {
    const { hedge, retries, slowStart, loadBalancer: { kind }, wrapper } = policy;
    if (wrapper !== null) besideWrapper(policy, at);
    if (retries !== null && retries.own !== null && hedge?.['onPerTryTimeout'] === true) {
      at.report('contradiction', '`onPerTryTimeout` retries without asking anybody', { key: 'hedge', hint: 'take it out, or write `retries` without `own`' });
    }
    if (slowStart !== null && !SCHEDULED.includes(kind)) at.report('no-effect', `\`slowStart\` changes nothing under \`${kind}\``, { severity: 'warning', key: 'slowStart', hint: `it scales the weights of ${SCHEDULED.join(' and ')}` });
  },
});

export const policy: Schema<PolicyFile> = { ...onItsOwn, read: (at) => onItsOwn.read(at.as(filledIn(at.node, onItsOwn))) };

/** What the engine would do to a call that it does not make. */
function besideWrapper({ admission, circuitBreaker, concurrencyLimit, failfast, hedge, rateLimit, retries, timeout }: PolicyFile, at: At): void {
  const parts = { timeout: timeout === Infinity ? null : timeout, retries, hedge, failfast, circuitBreaker, admission, concurrencyLimit, rateLimit };
  for (const [key, value] of Object.entries(parts)) {
    if (value !== null) at.report('contradiction', `\`${key}\` and \`wrapper\` would both decide about the same calls`, { key, hint: `write \`${key}: none\`, and leave it to the wrapper` });
  }
}

/** The balancers that go by weights that change with time. */
const SCHEDULED: readonly string[] = ['roundRobin', 'leastRequest'];

/** A name of `policies`, `none` for all parts off, or a policy written in place. */
export type PolicyRef = { readonly kind: 'named'; readonly name: string } | { readonly kind: 'own'; readonly policy: PolicyFile };

const policyName = name('a policy name', 'standard');

export const policyRef: Schema<PolicyRef> = {
  noun: 'a policy name or a policy',
  examples: ['standard', { timeout: '1s' }],
  scope: { noun: 'a policy name or a policy', keys: [], children: () => [policy] },
  below: (step) => policy.below!(step),
  read: (at: At) => {
    if (at.node.kind === 'map') {
      const { value, file } = policy.read(at);
      return { value: { kind: 'own', policy: value }, file };
    }
    const { value, file } = policyName.read(at);
    return { value: { kind: 'named', name: value }, file };
  },
  json: (defs) => ({ anyOf: [policyName.json(defs), policy.json(defs)] }),
};

export function policyRefField(doc: string): ReturnType<typeof optional<PolicyRef>> {
  return optional(policyRef, `${doc} A name of \`policies\`, \`none\`, or a policy written in place, such as ${inline({ timeout: '1s' })}.`);
}

