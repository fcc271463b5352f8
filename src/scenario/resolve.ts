/**
 * From a file's values to a plan: names become indices, shares of defaults become explicit, one edge
 * for each pair of caller and service. Reports every reference that leads nowhere.
 */
import { counted } from '../model/grouped.ts';
import type { EdgeId } from '../model/ids.ts';
import type { OptionValues } from '../model/kind.ts';
import { NO_POLICY } from '../model/no-policy.ts';
import type {
  BackoffPlan, CallSitePlan, ConnectionPoolPlan, DistributionPlan, EdgePlan, HedgePlan, KeyPlan, LoadPlan, NetworkPlan, Plan,
  PolicyPlan, RatePoint, RequestClassPlan, RetryPlan, ServicePlan, StepPlan, ThresholdPlan, TrafficPlan,
} from '../model/plan.ts';
import { constant, unlessZero } from './distribution.ts';
import { FaultResolver } from './fault-plan.ts';
import { localityPlan } from './locality-schema.ts';
import type { Locator } from './locate.ts';
import type { Path } from './path.ts';
import type { BackoffFile, PolicyFile, PolicyRef, RetriesFile } from './policy-schema.ts';
import type { ProblemList } from './problem-list.ts';
import { readRecording } from './recording.ts';
import type { ScenarioFile, ThresholdFile } from './scenario-schema.ts';
import { At, type Named, type ReadContext } from './schema.ts';
import { type CallFile, errorPlan, type ServiceFile } from './service-schema.ts';
import { didYouMean } from './suggest.ts';
import { parseThreshold, tagNamesOf } from './threshold.ts';
import type { ProfilePoint, RequestFile, TrafficFile } from './traffic-schema.ts';
import { formatDuration } from './units.ts';

const ENDPOINTS_MAX = 200_000;
const CLIENTS_MAX = 1_000_000;

/** The plan, which means something only if the list has no errors; null where there is nothing to build, or too much. */
export function resolvePlan(file: ScenarioFile, locator: Locator, context: ReadContext): Plan | null {
  return new Resolver(file, locator, context).plan();
}

class Resolver {
  private readonly file: ScenarioFile;
  private readonly locator: Locator;
  private readonly context: ReadContext;
  private readonly problems: ProblemList;
  private readonly edges: EdgePlan[] = [];
  private readonly edgeIds = new Map<string, EdgeId>();
  private readonly policies = new Map<string, PolicyPlan>();
  private readonly serviceIndices: ReadonlyMap<string, number>;
  private readonly namedPolicies: ReadonlyMap<string, PolicyFile>;
  /** Policies written at a call are numbered: no name in the file is a number. */
  private ownPolicies = 0;

  constructor(file: ScenarioFile, locator: Locator, context: ReadContext) {
    this.file = file;
    this.locator = locator;
    this.context = context;
    this.problems = context.problems;
    this.serviceIndices = new Map(file.services.map(({ name }, i) => [name, i]));
    this.namedPolicies = new Map(file.policies.map(({ name, value }) => [name, value]));
  }

  plan(): Plan | null {
    const { file } = this;
    if (!this.fits()) return null;
    this.checkUnique(file.zones.map((name, i) => ({ name, path: ['zones', i] })), 'zone');
    for (const { name } of file.policies) {
      if (name === 'none') this.problems.add('bad-name', ['policies', name], this.locator.key(['policies', name]), '`none` means no policy and cannot be the name of one', { hint: 'choose another name' });
    }
    const policyOfService = file.services.map((service) => this.policyOf(service.value.policy, ['services', service.name, 'policy'], service.name, this.defaultPolicy()));
    const traffic = file.traffic.map((source, i) => this.traffic(source, i, policyOfService));
    const services: ServicePlan[] = [];
    let firstEndpoint = 0;
    for (const [i, service] of file.services.entries()) {
      services.push(this.service(service, i, firstEndpoint, policyOfService));
      firstEndpoint += service.value.replicas;
    }
    this.checkTrafficNames();
    const callersOf = ({ from }: EdgePlan): readonly number[] => (from.kind === 'traffic' ? traffic : services)[from.index]!.zones;
    const edges = this.withSplits(policyOfService).map((edge): EdgePlan => ({ ...edge, callerZones: callersOf(edge) }));
    const world = { zones: file.zones, services, edges };
    const faultNames = file.faults.map((fault, i) => fault.name ?? `fault-${i + 1}`);
    this.checkUnique(faultNames.map((name, i) => ({ name, path: ['faults', i, 'name'] })), 'fault');
    const resolver = new FaultResolver(world, this.locator, this.problems);
    const faults = file.faults.map((fault, i) => resolver.plan(fault, faultNames[i]!, ['faults', i]));
    const plan: Plan = {
      name: file.name,
      description: file.description,
      seed: file.seed,
      durationNs: file.duration,
      warmupNs: file.warmup ?? 0,
      isWarmupAuto: file.warmup === null,
      drainNs: file.drain,
      replications: file.replications,
      zones: file.zones,
      network: this.network(),
      services,
      edges,
      traffic,
      faults,
      thresholds: [],
    };
    const names = tagNamesOf(plan);
    return { ...plan, thresholds: file.thresholds.flatMap((threshold, i) => this.threshold(threshold, ['thresholds', i], names)) };
  }

  private fits(): boolean {
    const endpoints = sum(this.file.services.map(({ value }) => value.replicas));
    if (endpoints > ENDPOINTS_MAX) this.problems.add('too-large', ['services'], this.locator.key(['services']), `all services together have ${endpoints} endpoints; at most ${ENDPOINTS_MAX}`);
    const clients = sum(this.file.traffic.map((source) => source.clients));
    if (clients > CLIENTS_MAX) this.problems.add('too-large', ['traffic'], this.locator.key(['traffic']), `all traffic sources together have ${clients} clients; at most ${CLIENTS_MAX}`);
    return this.file.services.length > 0 && endpoints <= ENDPOINTS_MAX && clients <= CLIENTS_MAX;
  }

  private checkUnique(named: readonly { readonly name: string; readonly path: Path }[], what: string): void {
    const seen = new Map<string, Path>();
    for (const { name, path } of named) {
      const first = seen.get(name);
      if (first === undefined) seen.set(name, path);
      else if (this.problems.isSound(path)) {
        this.problems.add('duplicate-name', path, this.locator.value(path), `two have the same name: ${what} \`${name}\``, { hint: 'give one another `name`', second: { span: this.locator.value(first), label: 'the first one' } });
      }
    }
  }

  // --- policies

  private defaultPolicy(): PolicyRef {
    return { kind: 'named', name: this.file.policies.some(({ name }) => name === 'default') ? 'default' : 'none' };
  }

  private policyOf(ref: PolicyRef | null, path: Path, ownName: string, fallback: PolicyRef): PolicyPlan {
    const chosen = ref ?? fallback;
    if (chosen.kind === 'own') return policyPlan(ownName, chosen.policy, this.file.zones);
    const known = this.policies.get(chosen.name);
    if (known !== undefined) return known;
    const named = this.namedPolicies.get(chosen.name);
    if (named === undefined && chosen.name !== 'none' && this.problems.isSound(path)) {
      const names = this.file.policies.map(({ name }) => name);
      this.problems.add('unknown-reference', path, this.locator.value(path), `there is no policy \`${chosen.name}\``, { hint: didYouMean(chosen.name, [...names, 'none']), allowed: [...names, 'none'] });
    }
    const plan = named === undefined ? NO_POLICY : policyPlan(chosen.name, named, this.file.zones);
    this.policies.set(chosen.name, plan);
    return plan;
  }

  // --- services

  private service({ name, value }: Named<ServiceFile>, index: number, firstEndpoint: number, policyOfService: readonly PolicyPlan[]): ServicePlan {
    const path: Path = ['services', name];
    if (value.weights !== null && value.weights.length !== value.replicas && this.problems.isSound([...path, 'weights'])) {
      this.problems.add('contradiction', [...path, 'weights'], this.locator.value([...path, 'weights']), `\`${name}\` has ${counted(value.replicas, 'replica')} and ${counted(value.weights.length, 'weight')}`, {
        hint: 'one weight for each replica',
        second: this.locator.has([...path, 'replicas']) ? { span: this.locator.value([...path, 'replicas']), label: 'the replicas' } : null,
      });
    }
    for (const [i, { split }] of value.routes.entries()) {
      for (const target of split) this.serviceIndex(target.name, [...path, 'routes', i, 'split', target.name], 'key');
    }
    return {
      name,
      firstEndpoint,
      replicas: value.replicas,
      concurrency: value.concurrency,
      queue: value.queue,
      latency: value.latency,
      errors: errorPlan(value.errors),
      onCancel: value.onCancel,
      calls: value.calls.map((step, i): StepPlan => ({
        calls: step.calls.flatMap((call, j) => this.call(call, index, step.parallel ? [...path, 'calls', i, 'parallel', j] : [...path, 'calls', i], policyOfService)),
      })),
      weights: value.weights ?? Array.from({ length: value.replicas }, () => 1),
      zones: this.spread(value.replicas, value.zones, [...path, 'zones']),
      startupNs: value.startup,
    };
  }

  private call(call: CallFile, caller: number, path: Path, policyOfService: readonly PolicyPlan[]): CallSitePlan[] {
    const to = this.serviceIndex(call.service, [...path, 'service'], 'value');
    const usual = policyOfService[Math.max(to, 0)]!;
    if (call.policy?.kind === 'own') this.ownPolicies++;
    const policy = call.policy === null ? usual : this.policyOf(call.policy, [...path, 'policy'], String(this.ownPolicies), call.policy);
    if (to < 0) return [];
    const key = `${caller} ${to} ${policy.name}${call.policy?.kind === 'own' ? ' own' : ''}`;
    const pair = `${this.file.services[caller]!.name}->${call.service}`;
    const edge = this.edge(policy === usual ? `${caller} ${to}` : key, { name: policy === usual ? pair : `${pair}#${policy.name}`, from: { kind: 'service', index: caller }, to, policy });
    return [{ edge, probability: call.probability, optional: call.optional, times: call.times }];
  }

  private edge(key: string, plan: Omit<EdgePlan, 'callerZones' | 'split' | 'sockets'>): EdgeId {
    const known = this.edgeIds.get(key);
    if (known !== undefined) return known;
    this.edgeIds.set(key, this.edges.length);
    return this.edges.push({ ...plan, callerZones: [], split: null, sockets: null }) - 1;
  }

  /** Edges to a service with a split get its backends, which are edges of the same callers. A backend that has a split itself is not split again. */
  private withSplits(policyOfService: readonly PolicyPlan[]): readonly EdgePlan[] {
    const called = this.edges.length;
    for (let i = 0; i < called; i++) {
      const edge = this.edges[i]!;
      const [route] = this.file.services[edge.to]!.value.routes;
      if (route === undefined) continue;
      const backends = route.split.flatMap(({ name, value }) => {
        const to = this.serviceIndices.get(name);
        return to === undefined ? [] : [{ edge: to === edge.to ? i : this.backend(edge, to, policyOfService[to]!), weight: value }];
      });
      this.edges[i] = { ...edge, split: { mode: edge.policy.split, backends } };
    }
    this.checkBackendNames(called);
    return this.edges;
  }

  /** A source that is named as the service it asks may come to share an edge name with that service. */
  private checkBackendNames(called: number): void {
    const names = new Map(this.edges.slice(0, called).map(({ name, from }) => [name, from.kind]));
    for (const { name, from } of this.edges.slice(called)) {
      const other = names.get(name);
      names.set(name, from.kind);
      if (other === undefined || other === from.kind) continue;
      const index = this.file.traffic.findIndex((source) => name.startsWith(`${source.name}->`));
      const path: Path = ['traffic', index, this.locator.has(['traffic', index, 'name']) ? 'name' : 'to'];
      this.problems.add('duplicate-name', path, this.locator.value(path), `this source and the service both call over \`${name}\``, { hint: 'give the traffic source a `name`' });
    }
  }

  /** Callers that also call the backend themselves know it by the same edge, as one proxy has one cluster of a name. */
  private backend({ from }: EdgePlan, to: number, policy: PolicyPlan): EdgeId {
    const caller = from.kind === 'traffic' ? this.file.traffic[from.index]!.name : this.file.services[from.index]!.name;
    const key = from.kind === 'traffic' ? `traffic ${from.index} ${to}` : `${from.index} ${to}`;
    return this.edge(key, { name: `${caller}->${this.file.services[to]!.name}`, from, to, policy });
  }

  private serviceIndex(name: string, path: Path, on: 'key' | 'value'): number {
    const index = this.serviceIndices.get(name) ?? -1;
    if (name.includes('/')) {
      this.problems.add('not-supported-yet', path, this.locator.key(path), `\`${name}\`: subsets are not supported yet`, { hint: 'name a service' });
    } else if (index < 0 && this.problems.isSound(path)) {
      const names = this.file.services.map((service) => service.name);
      this.problems.add('unknown-reference', path, on === 'key' ? this.locator.key(path) : this.locator.value(path), `there is no service \`${name}\``, { hint: didYouMean(name, names), allowed: names.slice(0, 12) });
    }
    return index;
  }

  /** `count` places over the zones in turn. */
  private spread(count: number, zones: readonly string[] | null, path: Path): number[] {
    const indices = (zones ?? this.file.zones).map((zone, i) => this.zoneIndex(zone, [...path, i], 'value'));
    return Array.from({ length: count }, (_, i) => indices[i % Math.max(1, indices.length)] ?? 0);
  }

  private zoneIndex(zone: string, path: Path, on: 'key' | 'value'): number {
    const index = this.file.zones.indexOf(zone);
    if (index < 0 && this.problems.isSound(path)) {
      this.problems.add('unknown-reference', path, on === 'key' ? this.locator.key(path) : this.locator.value(path), `there is no zone \`${zone}\``, { hint: didYouMean(zone, this.file.zones) ?? 'list it under the top-level `zones`', allowed: this.file.zones.slice(0, 12) });
    }
    return index;
  }

  private network(): NetworkPlan {
    const { zones, network } = this.file;
    const links = zones.flatMap((_, i) => zones.map((__, j): DistributionPlan | null => unlessZero(i === j ? network.latency : network.betweenZones)));
    for (const { name, value } of network.links) {
      const path: Path = ['network', 'links', name];
      const [from = '', to = ''] = name.split('->');
      const i = this.zoneIndex(from, path, 'key');
      const j = this.zoneIndex(to, path, 'key');
      if (i >= 0 && j >= 0) links[i * zones.length + j] = unlessZero(value);
    }
    return { links, loss: network.loss };
  }

  // --- traffic

  private traffic(source: TrafficFile, index: number, policyOfService: readonly PolicyPlan[]): TrafficPlan {
    const path: Path = ['traffic', index];
    const to = this.serviceIndex(source.to, [...path, 'to'], 'value');
    const usual = policyOfService[Math.max(to, 0)]!;
    const policy = source.policy === null ? usual : this.policyOf(source.policy, [...path, 'policy'], source.name, source.policy);
    const edge = this.edge(`traffic ${index}`, { name: `${source.name}->${source.to}`, from: { kind: 'traffic', index }, to: Math.max(to, 0), policy });
    const classes = source.requests.map((request, i) => classPlan(request, source.requests.length === 1 ? 'default' : `class-${i + 1}`));
    this.checkUnique(classes.map(({ name }, i) => ({ name, path: [...path, 'requests', i, 'name'] })), 'request class');
    if (classes.length > 0 && !classes.some(({ weight }) => weight > 0)) this.problems.add('contradiction', [...path, 'requests'], this.locator.key([...path, 'requests']), 'all weights are 0', { hint: 'give one class a weight' });
    return { name: source.name, edge, clients: source.clients, zones: this.spread(source.clients, source.zones, [...path, 'zones']), load: this.load(source, path, classes), classes };
  }

  /** Names of sources and of services share the caller's side of edge names. */
  private checkTrafficNames(): void {
    this.checkUnique(this.file.traffic.map(({ name }, i) => ({ name, path: this.locator.has(['traffic', i, 'name']) ? ['traffic', i, 'name'] : ['traffic', i, 'to'] })), 'traffic source');
    const selfCallers = new Set(this.edges.flatMap(({ from, to }) => (from.kind === 'service' && from.index === to ? [this.file.services[to]!.name] : [])));
    for (const [i, { name, to }] of this.file.traffic.entries()) {
      const path: Path = this.locator.has(['traffic', i, 'name']) ? ['traffic', i, 'name'] : ['traffic', i, 'to'];
      if (!this.problems.isSound(path)) continue;
      if (name !== to && this.serviceIndices.has(name)) {
        this.problems.add('duplicate-name', path, this.locator.value(path), `\`${name}\` is the name of a service`, { hint: 'give the traffic source another `name`', second: { span: this.locator.key(['services', name]), label: 'the service' } });
      } else if (name === to && selfCallers.has(name)) {
        this.problems.add('duplicate-name', path, this.locator.value(path), `\`${name}\` calls itself, so \`${name}->${name}\` would be two edges`, { hint: 'give the traffic source a `name`' });
      }
    }
  }

  private load(source: TrafficFile, path: Path, classes: readonly RequestClassPlan[]): LoadPlan {
    const kinds = (['rate', 'profile', 'users', 'arrivalsFile'] as const).filter((key) => source[key] !== null);
    const [first, ...others] = kinds;
    if (first === undefined) {
      if (this.problems.isSound(path)) this.problems.add('missing-key', [...path, 'rate'], this.locator.key(path), 'a traffic source needs `rate`, `profile`, `users` or `arrivalsFile`', { hint: 'add `rate: 400/s`' });
      return { kind: 'open', profile: [], arrivals: source.arrivals };
    }
    const strange = others.find((key) => !(first === 'rate' && key === 'profile'));
    if (strange !== undefined) this.contradiction(path, strange, first, `\`${strange}\` and \`${first}\` are two kinds of load`, 'keep one');
    if (source.thinkTime !== null && first !== 'users') this.contradiction(path, 'thinkTime', first, '`thinkTime` belongs to a closed loop (`users`)', 'take it out, or write `users` instead');
    if (source.users !== null) return { kind: 'closed', users: source.users, thinkTime: source.thinkTime ?? constant(0) };
    if (source.arrivalsFile !== null) {
      const filePath = [...path, 'arrivalsFile'];
      return readRecording(new At(this.locator.node(filePath), filePath, this.context), source.arrivalsFile, classes.map(({ name }) => name), this.file.duration);
    }
    const [point] = source.profile ?? [];
    if (point?.at === 0 && source.rate !== null && source.rate !== point.rate) {
      this.problems.add('no-effect', [...path, 'rate'], this.locator.value([...path, 'rate']), 'this rate never holds, since the profile begins at 0', { severity: 'warning', hint: 'leave one out', second: { span: this.locator.value([...path, 'profile', 0]), label: 'the first point' } });
    }
    return { kind: 'open', profile: this.profile(source.rate, source.profile ?? [], [...path, 'profile']), arrivals: source.arrivals };
  }

  private contradiction(path: Path, key: string, other: string, message: string, hint: string): void {
    this.problems.add('contradiction', [...path, key], this.locator.key([...path, key]), message, { hint, second: { span: this.locator.key([...path, other]), label: 'the other one' } });
  }

  private profile(rate: number | null, points: readonly ProfilePoint[], path: Path): RatePoint[] {
    for (const [i, point] of points.entries()) {
      if (i > 0 && point.at <= points[i - 1]!.at && this.problems.isSound(path)) {
        this.problems.add('contradiction', [...path, i, 'at'], this.locator.value([...path, i, 'at']), `${formatDuration(point.at)} is not after the point before it (${formatDuration(points[i - 1]!.at)})`, { hint: 'times ascend; use `step: true` for a jump', second: { span: this.locator.value([...path, i - 1, 'at']), label: 'the point before' } });
      }
    }
    const [first] = points;
    const listed = points.map((point, i): RatePoint => ({ atNs: point.at, ratePerS: point.rate, step: i === 0 || point.step }));
    if (first?.at === 0) return listed;
    return [{ atNs: 0, ratePerS: rate ?? first?.rate ?? 0, step: true }, ...listed];
  }

  // --- thresholds

  private threshold(file: ThresholdFile, path: Path, names: ReturnType<typeof tagNamesOf>): ThresholdPlan[] {
    const whole = this.locator.node(path);
    const exprPath = whole.kind === 'map' ? [...path, 'expr'] : path;
    if (!this.problems.isSound(exprPath)) return [];
    const node = this.locator.node(exprPath);
    const line = this.problems.lineOf(node.span);
    const { threshold, problems } = parseThreshold(file.expr, names, { abort: file.abort ? { afterNs: file.after } : null, confidence: file.confidence, line });
    for (const problem of problems) {
      // Inside the expression where its text stands in the file as it is.
      const inside = node.kind === 'scalar' && node.span.flag === null && node.span.end - node.span.start - (node.quoted ? 2 : 0) === file.expr.length;
      const start = node.span.start + (node.kind === 'scalar' && node.quoted ? 1 : 0);
      const span = inside ? { ...node.span, start: start + problem.start, end: start + problem.end } : node.span;
      this.problems.add(problem.code, exprPath, span, problem.message, { severity: problem.severity, hint: problem.hint, ...(problem.allowed === null ? {} : { allowed: problem.allowed }) });
    }
    return threshold === null ? [] : [threshold];
  }
}

function classPlan(request: RequestFile, fallbackName: string): RequestClassPlan {
  return {
    name: request.name ?? fallbackName,
    weight: request.weight,
    method: request.method.toUpperCase(),
    path: request.path,
    headers: Object.fromEntries(request.headers.map(({ name, value }) => [name, value])),
    body: request.body,
    key: request.key satisfies KeyPlan | null,
  };
}

function policyPlan(name: string, policy: PolicyFile, zones: readonly string[]): PolicyPlan {
  return {
    name,
    loadBalancer: policy.loadBalancer,
    timeoutNs: policy.timeout,
    propagateDeadline: policy.deadline === 'propagate',
    retries: policy.retries === null ? null : retryPlan(policy.retries),
    hedge: policy.hedge === null ? null : hedgePlan(policy.hedge),
    connectionPool: policy.connectionPool === null ? null : poolPlan(policy.connectionPool),
    outlierDetection: policy.outlierDetection,
    failureAccrual: policy.failureAccrual,
    circuitBreaker: policy.circuitBreaker,
    healthCheck: policy.healthCheck,
    failfast: policy.failfast,
    rateLimit: policy.rateLimit,
    admission: policy.admission,
    concurrencyLimit: policy.concurrencyLimit,
    panicThreshold: policy.panicThreshold,
    locality: localityPlan(policy.locality, zones),
    split: policy.split,
    slowStart: policy.slowStart,
    proxyOverhead: unlessZero(policy.proxy.overhead),
    wrapper: policy.wrapper,
  };
}

/** The names and types are those of `hedgeOptions`, which the schema has read them by. */
function hedgePlan(values: OptionValues): HedgePlan {
  return { afterNs: Number(values['after']), max: Number(values['max']), budget: Number(values['budget']), onPerTryTimeout: values['onPerTryTimeout'] === true };
}

function retryPlan(retries: RetriesFile): RetryPlan {
  return {
    attempts: retries.attempts,
    on: retries.on,
    perTryTimeoutNs: retries.perTryTimeout,
    backoff: backoffPlan(retries.backoff),
    budget: retries.budget,
    avoidPrevious: retries.avoidPrevious,
    methods: retries.methods,
    maxBodyBytes: retries.maxBody ?? Infinity,
    lastTryTimeout: retries.lastTryTimeout,
    own: retries.own,
  };
}

function backoffPlan({ base, max, jitter, multiplier, jitterRatio }: BackoffFile): BackoffPlan {
  return { baseNs: base, maxNs: max, jitter, multiplier: multiplier ?? 2, jitterRatio: jitterRatio ?? 0 };
}

/** The names and types are those of `connectionPoolOptions`, which the schema has read them by. */
function poolPlan(values: OptionValues): ConnectionPoolPlan {
  return {
    maxConnections: Number(values['maxConnections']),
    maxPendingRequests: Number(values['maxPendingRequests']),
    maxRequests: Number(values['maxRequests']),
    maxRetries: Number(values['maxRetries']),
    connectTimeoutNs: Number(values['connectTimeout']),
    idleTimeoutNs: Number(values['idleTimeout']),
    maxRequestsPerConnection: Number(values['maxRequestsPerConnection']),
    protocol: values['protocol'] === 'http2' ? 'http2' : 'http1',
    maxConcurrentStreams: Number(values['maxConcurrentStreams']),
    perUpstreamPreconnectRatio: Number(values['perUpstreamPreconnectRatio']),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
