/** Policies: every part that a file may have, with the options that the engine's registries describe. */
import fc from 'fast-check';
import { admissionKinds } from '../../engine/admission/admission-kinds.ts';
import { concurrencyLimitKinds } from '../../engine/admission/concurrency-kinds.ts';
import { rateLimitKind } from '../../engine/admission/rate-limit-options.ts';
import { balancerKinds } from '../../engine/balance/kinds.ts';
import { slowStartKind } from '../../engine/balance/slow-start-options.ts';
import { circuitBreakerKind } from '../../engine/breaker/circuit-breaker-options.ts';
import { failfastKind } from '../../engine/breaker/failfast-options.ts';
import { healthCheckKind } from '../../engine/breaker/health-check-options.ts';
import { accrualKinds } from '../../engine/breaker/kinds.ts';
import { hedgeKind } from '../../engine/hedge/hedge-options.ts';
import { localityKinds } from '../../engine/locality/kinds.ts';
import { outlierKind } from '../../engine/outlier/outlier-options.ts';
import { connectionPoolKind } from '../../engine/pool/connection-pool-options.ts';
import { splitKinds } from '../../engine/route/kinds.ts';
import { budgetKinds } from '../../engine/retry/budget-options.ts';
import { RETRY_WORDS } from '../../engine/retry/condition.ts';
import { jitterKinds } from '../../engine/retry/jitter-kinds.ts';
import type { Kind } from '../../model/kind.ts';
import type { PolicyFile } from '../../scenario/policy-schema.ts';
import { isPolicyPart } from '../../scenario/parse-policy.ts';
import { presets } from '../../scenario/preset/registry.ts';
import type { Json, JsonObject } from '../../scenario/schema.ts';
import { arbOption, arbOptions } from './option.ts';
import { count, mapOf, maybe, ms, percent, type Values } from './value.ts';

/** Code is not drawn. */
export type PolicyPart = Exclude<keyof PolicyFile, 'wrapper'>;

export interface PolicyOptions {
  /** The parts it may have, such as `['retries', 'timeout']`; all unless given. */
  readonly parts?: readonly PolicyPart[];
  /** Names of the zones that it may prefer; none unless given. */
  readonly zones?: readonly string[];
}

/**
 * A policy as it stands in a file. Parts that decide much (timeout, retries, balancer) are there half of the time, others once in four: with all at
 * once nothing would get through. Times suit runs of about a second. Shrinks to fewer parts, fewer options and plainer values.
 */
export function arbPolicy({ parts, zones = [] }: PolicyOptions = {}): fc.Arbitrary<JsonObject> {
  const chosen = Object.entries(PARTS).filter(([name]) => parts === undefined || parts.includes(name as PolicyPart));
  return mapOf(Object.fromEntries(chosen.map(([name, { often }]) => [name, maybe(arbPart(name as PolicyPart, zones), { often })])));
}

/** One part of a policy. */
export function arbPart(name: PolicyPart, zones: readonly string[] = []): Values {
  // What its reader refuses contradicts itself.
  return PARTS[name].part(zones).filter((value) => isPolicyPart(name, value));
}

interface Part {
  /** Of 12. */
  readonly often: number;
  readonly part: (zones: readonly string[]) => Values;
}

const one = (kind: Kind): (() => Values) => () => arbOptions(kind);

/** A word, or a map with its options. */
const oneOf = (kinds: Readonly<Record<string, Kind>>, tag: string = 'type'): Values =>
  fc.oneof(...Object.entries(kinds).map(([name, kind]) => arbOptions(kind).map((options): Json => (Object.keys(options).length === 0 ? name : { [tag]: name, ...options }))));

const budget: Values = fc.oneof(...Object.entries(budgetKinds).map(([type, kind]) => arbOptions(kind).map((options): Json => ({ type, ...options }))));

/** Runs out whatever happens, as retries without a limit need. */
const exhaustibleBudget: Values = percent(0, 50).map((ratio) => ({ type: 'tower', ratio, minPerSecond: 0, ttl: '60s' }));

const backoff: Values = fc.oneof(
  fc.constant<Json>(0),
  ...Object.entries(jitterKinds).map(([jitter, { options }]) =>
    mapOf({ base: ms(1, 20), max: fc.constantFrom('20ms', '100ms'), jitter: fc.constant(jitter), ...Object.fromEntries(Object.entries(options).map(([name, spec]) => [name, maybe(arbOption(spec))])) })),
);

/** Longest of a try, so that a call with a timeout may have several; shortest of the timeout. */
const LONGEST_TRY_MS = 60;

const conditions: Values = fc.subarray([...Object.keys(RETRY_WORDS), '500-502', 503], { minLength: 1, maxLength: 4 });

const retries: Values = fc.oneof(
  { weight: 6, arbitrary: retriesWith(count(0, 3), maybe(budget)) },
  { weight: 1, arbitrary: retriesWith(fc.constant('unlimited'), exhaustibleBudget) },
);

function retriesWith(attempts: Values, limit: fc.Arbitrary<Json | undefined>): Values {
  return mapOf({
    attempts,
    on: maybe(conditions),
    perTryTimeout: maybe(ms(3, LONGEST_TRY_MS)),
    backoff: maybe(backoff),
    budget: limit,
    avoidPrevious: maybe(fc.constant(true)),
    methods: maybe(fc.constant(['GET']), { often: 2 }),
    maxBody: maybe(fc.constantFrom('0B', '64KiB'), { often: 2 }),
    lastTryTimeout: maybe(fc.constant(false), { often: 2 }),
  });
}

function locality(zones: readonly string[]): Values {
  const [a = 'default', b = a] = zones;
  return fc.oneof(...Object.entries(localityKinds).filter(([mode]) => mode !== 'none').map(([mode, kind]) => {
    // What is said of zones by name stands beside the options.
    const named: Readonly<Record<string, fc.Arbitrary<Json | undefined>>> = {
      weighted: fc.constantFrom<JsonObject>({ weights: { [a]: 1 } }, { weights: { [a]: 3, [b]: 1 } }),
      failover: fc.constantFrom<JsonObject>({}, { order: { [a]: [b] } }),
    };
    return fc.tuple(arbOptions(kind), named[mode] ?? fc.constant({})).map(([options, more]): Json => ({ mode, ...options, ...(more as JsonObject) }));
  }));
}

const accrual: Values = fc.oneof(...Object.entries(accrualKinds).map(([name, kind]) => arbOptions(kind).map((options): Json => ({ [name]: options }))));

const PARTS: Readonly<Record<PolicyPart, Part>> = {
  preset: { often: 2, part: () => fc.constantFrom(...Object.keys(presets).filter((name) => name !== 'none')) },
  loadBalancer: { often: 6, part: () => oneOf(balancerKinds) },
  timeout: { often: 6, part: () => ms(LONGEST_TRY_MS + 1, 400) },
  deadline: { often: 4, part: () => fc.constant('propagate') },
  retries: { often: 7, part: () => retries },
  hedge: { often: 3, part: one(hedgeKind) },
  connectionPool: { often: 3, part: one(connectionPoolKind) },
  outlierDetection: { often: 3, part: one(outlierKind) },
  failureAccrual: { often: 3, part: () => accrual },
  failfast: { often: 3, part: one(failfastKind) },
  circuitBreaker: { often: 3, part: one(circuitBreakerKind) },
  healthCheck: { often: 3, part: one(healthCheckKind) },
  rateLimit: { often: 2, part: one(rateLimitKind) },
  admission: { often: 3, part: () => oneOf(admissionKinds) },
  concurrencyLimit: { often: 3, part: () => oneOf(concurrencyLimitKinds) },
  panicThreshold: { often: 6, part: () => fc.oneof(fc.constant('0%'), percent(0, 100)) },
  locality: { often: 3, part: locality },
  split: { often: 4, part: () => fc.constantFrom(...Object.keys(splitKinds)) },
  slowStart: { often: 2, part: one(slowStartKind) },
  proxy: { often: 3, part: () => fc.record({ overhead: ms(0, 2) }) },
};
