/** What the plain model can be asked: scenarios without any chance in them, and the same as a file. All times are ns. */

export interface PlainScenario {
  readonly durationNs: number;
  readonly warmupNs: number;
  readonly drainNs: number;
  /** One endpoint each; requests come to the first. */
  readonly services: readonly PlainService[];
  readonly faults: readonly PlainFault[];
  /** Evenly spaced. */
  readonly ratePerS: number;
}

export interface PlainService {
  readonly name: string;
  readonly workNs: number;
  readonly slots: number;
  readonly queueLimit: number;
  readonly isLifo: boolean;
  /** Infinity for ever. */
  readonly patienceNs: number;
  readonly onCancel: 'continue' | 'dropQueued' | 'stop';
  readonly startupNs: number;
  /** The calls of a step are made at once, the steps one after the other. */
  readonly steps: readonly (readonly PlainSite[])[];
  /** Of its callers. */
  readonly policy: PlainPolicy;
}

export interface PlainSite {
  readonly service: string;
  readonly times: number;
  readonly optional: boolean;
}

/** Infinity is none. */
export interface PlainPolicy {
  readonly timeoutNs: number;
  readonly propagates: boolean;
  readonly retries: { readonly attempts: number; readonly on: readonly (string | number)[]; readonly perTryNs: number; readonly baseNs: number; readonly maxNs: number } | null;
  /** After so much silence one copy of the call is sent. */
  readonly hedgeNs: number;
  /** The per-try timeout asks for a retry and gives up nothing. */
  readonly hedgesLate: boolean;
  readonly pool: { readonly connections: number; readonly pending: number; readonly requests: number; readonly retries: number } | null;
}

export interface PlainFault {
  /** A service, or an edge. */
  readonly target: string;
  readonly atNs: number;
  readonly forNs: number;
  readonly everyNs: number;
  readonly times: number;
  readonly effect: PlainEffect;
}

export type PlainEffect =
  | { readonly kind: 'add' | 'set'; readonly ns: number }
  | { readonly kind: 'multiply'; readonly factor: number }
  | { readonly kind: 'errors'; readonly status: number; readonly afterNs: number | null }
  | { readonly kind: 'firstCalls'; readonly count: number }
  | { readonly kind: 'crash' | 'pause' | 'hang' | 'partition' | 'half' };

export function windowsOf({ atNs, everyNs, forNs, times }: PlainFault): { readonly fromNs: number; readonly toNs: number }[] {
  return Array.from({ length: times }, (_, i) => ({ fromNs: atNs + i * everyNs, toNs: atNs + i * everyNs + forNs }));
}

/** A scenario of its own for each seed, with everything in it that the model knows. */
export function plainScenario(random: () => number): PlainScenario {
  const chance = (share: number): boolean => random() < share;
  const whole = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  // To the nanosecond, so that hardly anything happens at one instant by chance.
  const ms = (from: number, to: number): number => Math.round((from + random() * (to - from)) * 1e6);
  const oneOf = <Item>(items: readonly Item[]): Item => items[whole(0, items.length - 1)]!;

  const policy = (): PlainPolicy => {
    const timeoutNs = chance(0.6) ? ms(20, 300) : Infinity;
    const perTryNs = chance(0.7) ? ms(10, 120) : Infinity;
    const baseNs = ms(1, 30);
    const on = oneOf<readonly (string | number)[]>([['5xx'], ['timeout'], ['connectFailure', 'overload'], ['reset'], [503, 'timeout'], [502, 500]]);
    const retries = chance(0.6) ? { attempts: whole(1, 3), on, perTryNs: perTryNs < timeoutNs ? perTryNs : Infinity, baseNs, maxNs: baseNs * whole(1, 4) } : null;
    const hedgeNs = chance(0.35) ? ms(5, 60) : Infinity;
    return {
      timeoutNs, propagates: chance(0.5), retries, hedgeNs,
      hedgesLate: hedgeNs === Infinity && retries !== null && retries.perTryNs < Infinity && chance(0.3),
      pool: chance(0.35) ? { connections: whole(1, 4), pending: whole(1, 6), requests: chance(0.3) ? whole(1, 3) : Infinity, retries: whole(0, 3) } : null,
    };
  };

  const names = ['a', 'b', 'c', 'd'].slice(0, whole(1, 4));
  const services = names.map((name, i): PlainService => {
    const later = names.slice(i + 1);
    const site = (): PlainSite => ({ service: oneOf(later), times: chance(0.25) ? whole(2, 3) : 1, optional: chance(0.3) });
    const step = (): PlainSite[] => (chance(0.3) ? [site(), site()] : [site()]);
    return {
      name, workNs: ms(1, 60), slots: whole(1, 6), queueLimit: whole(0, 8), isLifo: chance(0.3), patienceNs: chance(0.3) ? ms(5, 100) : Infinity,
      onCancel: oneOf(['continue', 'dropQueued', 'stop']), startupNs: chance(0.3) ? ms(50, 400) : 0,
      steps: later.length === 0 ? [] : Array.from({ length: whole(0, 2) }, step), policy: policy(),
    };
  });

  const edges = ['x->a', ...services.flatMap(({ name, steps }) => steps.flat().map(({ service }) => `${name}->${service}`))];
  // What connections do when they are lost or cannot be opened the model does not know.
  const hasPool = (name: string): boolean => services.some((service) => service.name === name && service.policy.pool !== null);
  const faults = Array.from({ length: whole(0, 4) }, (): PlainFault => {
    const forNs = ms(30, 900);
    const when = { atNs: ms(0, 2500), forNs, everyNs: forNs + ms(1, 400), times: chance(0.4) ? whole(2, 3) : 1 };
    const edge = oneOf(edges);
    if (chance(0.25) && !hasPool(edge.slice(edge.indexOf('>') + 1))) return { ...when, target: edge, effect: chance(0.5) ? { kind: 'partition' } : { kind: 'add', ns: ms(1, 50) } };
    const target = oneOf(services);
    const effects: PlainEffect[] = [
      { kind: 'add', ns: ms(5, 100) }, { kind: 'multiply', factor: whole(2, 5) }, { kind: 'set', ns: ms(5, 100) }, { kind: 'pause' }, { kind: 'hang' },
      { kind: 'errors', status: chance(0.5) ? 503 : 500, afterNs: chance(0.5) ? ms(1, 10) : null }, { kind: 'firstCalls', count: whole(1, 9) },
      ...(target.slots < 2 ? [] : [{ kind: 'half' } as const]), ...(hasPool(target.name) ? [] : [{ kind: 'crash' } as const]),
    ];
    return { ...when, target: target.name, effect: oneOf(effects) };
  });
  return { durationNs: 3e9, warmupNs: chance(0.5) ? ms(1, 1500) : 0, drainNs: chance(0.7) ? 60e9 : ms(10, 500), services, faults, ratePerS: whole(20, 200) };
}

export function documentOf({ drainNs, durationNs, faults, ratePerS, services, warmupNs }: PlainScenario): Readonly<Record<string, unknown>> {
  return {
    duration: time(durationNs), warmup: time(warmupNs), drain: time(drainNs),
    services: Object.fromEntries(services.map((service) => [service.name, serviceIn(service)])),
    faults: faults.map((fault, i) => ({
      name: `f${i}`, target: fault.target, at: time(fault.atNs), for: time(fault.forNs), ...(fault.times > 1 ? { repeat: { every: time(fault.everyNs), times: fault.times } } : {}),
      ...effectIn(fault.effect),
    })),
    traffic: [{ name: 'x', to: services[0]!.name, rate: `${ratePerS}/s`, arrivals: 'uniform' }],
  };
}

function serviceIn({ isLifo, onCancel, patienceNs, policy, queueLimit, slots, startupNs, steps, workNs }: PlainService): object {
  const calls = steps.map((step) => (step.length === 1 ? step[0]! : { parallel: step }));
  const queue = { limit: queueLimit, discipline: isLifo ? 'lifo' : 'fifo', timeout: time(patienceNs) };
  return { latency: time(workNs), concurrency: slots, queue, onCancel, startup: time(startupNs), calls, policy: policyIn(policy) };
}

function policyIn({ hedgeNs, hedgesLate, pool, propagates, retries, timeoutNs }: PlainPolicy): object {
  const hedges = hedgesLate || hedgeNs < Infinity;
  return {
    timeout: time(timeoutNs),
    deadline: propagates ? 'propagate' : 'ignore',
    ...(retries === null ? {} : {
      retries: { attempts: retries.attempts, on: retries.on, perTryTimeout: time(retries.perTryNs), backoff: { base: time(retries.baseNs), max: time(retries.maxNs), jitter: 'none' } },
    }),
    ...(hedges ? { hedge: { after: time(hedgeNs), budget: '100%', onPerTryTimeout: hedgesLate } } : {}),
    ...(pool === null ? {} : {
      connectionPool: {
        maxConnections: pool.connections, maxPendingRequests: pool.pending, maxRequests: pool.requests === Infinity ? 'unlimited' : pool.requests, maxRetries: pool.retries,
        idleTimeout: 'none',
      },
    }),
  };
}

function effectIn(effect: PlainEffect): object {
  switch (effect.kind) {
    case 'add': case 'set': return { latency: { [effect.kind]: time(effect.ns) } };
    case 'multiply': return { latency: { multiply: effect.factor } };
    case 'errors': return { errors: { rate: '100%', status: effect.status, ...(effect.afterNs === null ? {} : { after: time(effect.afterNs) }) } };
    case 'firstCalls': return { firstCalls: effect.count };
    case 'half': return { capacity: '50%' };
    default: return { [effect.kind]: true };
  }
}

function time(ns: number): string {
  return ns === Infinity ? 'none' : `${ns}ns`;
}
