/** Checks that need the whole scenario: values that are each fine and make no sense together. */
import type { EdgeId } from '../model/ids.ts';
import type { DistributionPlan, FaultTargetPlan, Plan, RatePoint } from '../model/plan.ts';
import { samplesFor, samplesForInterval } from '../model/samples.ts';
import { isSentOn } from '../model/sent.ts';
import { firstChange } from '../model/steady.ts';
import { NS_PER_S } from '../model/units.ts';
import { meanNs } from '../random/distribution/mean.ts';
import { templateProblem } from '../traffic/request-class.ts';
import { type LocalityFile, zonesNamed } from './locality-schema.ts';
import type { Locator } from './locate.ts';
import type { Path } from './path.ts';
import type { PolicyFile } from './policy-schema.ts';
import type { ProblemList } from './problem-list.ts';
import type { ScenarioFile } from './scenario-schema.ts';
import type { CallFile, ServiceFile } from './service-schema.ts';
import { didYouMean, nearest } from './suggest.ts';
import { formatDuration, formatRate } from './units.ts';

export function checkPlan(file: ScenarioFile, plan: Plan, locator: Locator, problems: ProblemList): void {
  const check = new Check(file, plan, locator, problems);
  check.times();
  check.profiles();
  check.policies();
  check.routes();
  check.gatesBehindSplits();
  check.faults();
  check.sizes();
  check.templates();
  check.intervals();
  check.callGraph();
}

const STATE_MAX = 20_000_000;
const REQUESTS_MAX = 2 ** 40;
/** Calls that one request may cause, on average. */
const FAN_OUT_MAX = 1e6;
/** Circles of calls that die out slowly are given up on after so many steps. */
const ROUNDS_MAX = 1e7;

class Check {
  private readonly file: ScenarioFile;
  private readonly plan: Plan;
  private readonly locator: Locator;
  private readonly problems: ProblemList;
  private readonly services: ReadonlyMap<string, ServiceFile>;

  constructor(file: ScenarioFile, plan: Plan, locator: Locator, problems: ProblemList) {
    this.file = file;
    this.plan = plan;
    this.locator = locator;
    this.problems = problems;
    this.services = new Map(file.services.map(({ name, value }) => [name, value]));
  }

  times(): void {
    const { duration, warmup, drain } = this.file;
    if (warmup === null) this.steadyState();
    else if (this.sound(['duration'], ['warmup']) && warmup >= duration) {
      this.problems.add('contradiction', ['warmup'], this.locator.value(['warmup']), `the warm-up (${formatDuration(warmup)}) is as long as the run (${formatDuration(duration)}): nothing would be counted`, {
        hint: 'make it shorter than `duration`',
        second: this.second(['duration'], 'the run'),
      });
    }
    if (this.sound(['duration'], ['drain']) && duration + drain > 2 ** 53) this.problems.add('too-large', ['drain'], this.locator.value(['drain']), 'the run and its drain are longer than 104 days');
  }

  /** `auto` looks for one before the first fault or change of rate. */
  private steadyState(): void {
    const change = firstChange(this.plan);
    if (change === null || change.atNs > 0) return;
    const path: Path = change.what === 'fault' ? ['faults', change.index] : ['traffic', change.index];
    if (!this.sound(['warmup'], path)) return;
    this.problems.add('contradiction', ['warmup'], this.locator.value(['warmup']), '`auto` finds how long a run takes to settle, and this one changes from the start', {
      hint: 'write a duration',
      second: this.second(path, change.what === 'fault' ? 'is on from the start' : 'its rate changes from the start'),
    });
  }

  policies(): void {
    for (const { name, value } of this.file.policies) this.policy(value, ['policies', name]);
    for (const { name, value } of this.file.services) {
      if (value.policy?.kind === 'own') this.policy(value.policy.policy, ['services', name, 'policy']);
      for (const { call, path } of this.callSites(name)) if (call.policy?.kind === 'own') this.policy(call.policy.policy, [...path, 'policy']);
    }
    for (const [i, { policy }] of this.file.traffic.entries()) if (policy?.kind === 'own') this.policy(policy.policy, ['traffic', i, 'policy']);
  }

  private policy(policy: PolicyFile, path: Path): void {
    this.zonesOf(policy.locality, [...path, 'locality']);
    this.hedges(policy, path);
    const { retries, timeout } = policy;
    if (retries === null) return;
    const at = (...steps: string[]): Path => [...path, ...steps];
    if (this.sound(at('timeout'), at('retries', 'perTryTimeout')) && retries.perTryTimeout !== Infinity && retries.perTryTimeout >= timeout) {
      const [inner, outer] = [at('retries', 'perTryTimeout'), at('timeout')];
      const same = retries.perTryTimeout === timeout;
      this.problems.add('timeout-order', inner, this.locator.value(inner), `per-try timeout ${formatDuration(retries.perTryTimeout)} is ${same ? 'as long as' : 'longer than'} the total ${formatDuration(timeout)}${this.line(outer)}: a retry after it can never happen`, {
        hint: 'make it shorter than `timeout`',
        second: this.second(outer, 'the total'),
      });
    }
    const budget = retries.budget;
    if (retries.attempts > 0 && budget !== null && this.sound(at('retries', 'budget'), at('retries', 'attempts'))) {
      const { ratio, minPerSecond, percent, minConcurrency } = budget.options;
      if ((budget.kind === 'window' && ratio === 0 && minPerSecond === 0) || (budget.kind === 'concurrency' && percent === 0 && minConcurrency === 0)) {
        this.problems.add('no-effect', at('retries', 'budget'), this.locator.value(at('retries', 'budget')), `the retry budget is 0, so none of the ${retries.attempts} retries can happen`, { severity: 'warning', second: this.second(at('retries', 'attempts'), 'the retries') });
      }
    }
    if (retries.attempts === 0 && this.locator.has(at('retries', 'attempts')) && this.sound(at('retries', 'attempts')) && this.locator.has(at('retries', 'budget')) && budget !== null) {
      this.problems.add('no-effect', at('retries', 'budget'), this.locator.key(at('retries', 'budget')), 'there are no retries that the budget could limit', { severity: 'warning', second: this.second(at('retries', 'attempts'), 'the retries') });
    }
  }

  private hedges({ hedge, timeout }: PolicyFile, path: Path): void {
    const after = hedge?.['after'];
    const [inner, outer] = [[...path, 'hedge', 'after'], [...path, 'timeout']];
    if (typeof after !== 'number' || after === Infinity || after < timeout || !this.locator.has(inner) || !this.sound(inner, outer)) return;
    this.problems.add('no-effect', inner, this.locator.value(inner), `no copy is ever sent: a call is over after ${formatDuration(timeout)}${this.line(outer)}`, {
      severity: 'warning',
      hint: 'make it shorter than `timeout`',
      second: this.second(outer, 'the total'),
    });
  }

  private zonesOf(locality: LocalityFile, path: Path): void {
    const { zones } = this.file;
    if (!this.sound(path)) return;
    for (const { zone, path: below, on } of zonesNamed(locality)) {
      if (zones.includes(zone)) continue;
      const at = [...path, ...below];
      this.problems.add('unknown-reference', at, on === 'key' ? this.locator.key(at) : this.locator.value(at), `there is no zone \`${zone}\``, { hint: didYouMean(zone, zones) ?? 'list it under the top-level `zones`', allowed: zones.slice(0, 12) });
    }
    // A mode that comes from a preset was nobody's wish.
    if (locality.mode !== 'none' && zones.length === 1 && this.sound(['zones']) && this.locator.has(path)) {
      this.problems.add('no-effect', path, this.locator.value(path), `there is one zone, so the mode \`${locality.mode}\` has no choice`, { severity: 'warning', hint: 'list more under the top-level `zones`' });
    }
  }

  profiles(): void {
    const { duration, traffic } = this.file;
    for (const [i, { profile }] of traffic.entries()) {
      const path: Path = ['traffic', i, 'profile'];
      // The first one beyond the end is still what the rate was on its way to.
      const idle = (profile ?? []).findIndex((_, j) => j > 0 && profile![j - 1]!.at >= duration);
      if (idle < 0 || !this.sound(['duration'], path)) continue;
      this.problems.add('no-effect', [...path, idle, 'at'], this.locator.value([...path, idle, 'at']), `the arrivals have ended by then (${formatDuration(duration)})`, { severity: 'warning', second: this.second(['duration'], 'the run') });
    }
  }

  routes(): void {
    for (const { name, value } of this.file.services) {
      for (let i = 1; i < value.routes.length; i++) {
        const path: Path = ['services', name, 'routes', i];
        this.problems.add('no-effect', path, this.locator.value(path), 'the route before it takes all calls', { severity: 'warning', hint: 'keep one route' });
      }
    }
    for (const { name, policy, split, to } of this.plan.edges) {
      const path: Path = ['services', this.plan.services[to]!.name, 'routes'];
      if (split === null || policy.wrapper === null || !this.sound(path)) continue;
      this.problems.add('contradiction', path, this.locator.key(path), `calls on \`${name}\` are split, and the wrapper \`${policy.wrapper}\` makes the attempts of a call to one service`, { hint: 'wrap the calls to the services it is split over, or leave the split out' });
    }
  }

  /** Calls that come by a split have passed the gates of the policy towards the service that splits, and no others. */
  gatesBehindSplits(): void {
    const { edges, services, traffic } = this.plan;
    const called = [...traffic.map(({ edge }) => edge), ...services.flatMap(({ calls }) => calls.flatMap((step) => step.calls.map(({ edge }) => edge)))];
    // Where there are calls to the service itself, or a warning.
    const passed = new Set(called.map((edge) => edges[edge]!.to));
    for (const { policy, to } of edges) {
      const { admission, circuitBreaker, concurrencyLimit, rateLimit } = policy;
      const gates = Object.entries({ rateLimit, circuitBreaker: circuitBreaker?.['scope'] === 'service' ? circuitBreaker : null, admission, concurrencyLimit }).filter(([, gate]) => gate !== null).map(([name]) => `\`${name}\``);
      const path: Path = ['services', services[to]!.name, 'policy'];
      if (gates.length === 0 || passed.has(to) || !this.sound(path) || !this.locator.has(path)) continue;
      passed.add(to);
      this.problems.add('no-effect', path, this.locator.value(path), `calls come here by a split, and ${gates.join(', ')} of this policy ${gates.length === 1 ? 'is' : 'are'} not asked`, { severity: 'warning', hint: 'they belong into the policy towards the service that splits' });
    }
  }

  faults(): void {
    for (const [i, fault] of this.file.faults.entries()) {
      const path: Path = ['faults', i];
      const { target, windows } = this.plan.faults[i]!;
      this.splitTarget(target, path);
      if (this.sound([...path, 'at'], ['duration']) && fault.at >= this.file.duration) {
        this.problems.add('no-effect', [...path, 'at'], this.locator.value([...path, 'at']), `this fault starts at ${formatDuration(fault.at)}, when the arrivals have ended (${formatDuration(this.file.duration)})`, { severity: 'warning', second: this.second(['duration'], 'the run') });
      }
      const last = windows.at(-1);
      if (last !== undefined && last.toNs !== Infinity && last.toNs > 2 ** 53) this.problems.add('too-large', path, this.locator.key(path), 'this fault ends after more than 104 days');
    }
  }

  /** A fault of what calls are split away from. */
  private splitTarget(target: FaultTargetPlan, path: Path): void {
    const { edges, services } = this.plan;
    const at: Path = [...path, 'target'];
    if (!this.sound(at, ['services'], ['traffic'])) return;
    const hit = target.kind === 'edges' ? target.edges : services.flatMap(({ firstEndpoint, replicas }, to) => (target.endpoints.some((endpoint) => endpoint >= firstEndpoint && endpoint < firstEndpoint + replicas) ? edges.flatMap((edge, e) => (edge.to === to ? [e] : [])) : []));
    if (hit.length === 0 || hit.some((edge) => isSentOn(this.plan, edge))) return;
    const backends = [...new Set(hit.flatMap((edge) => edges[edge]!.split?.backends ?? []).map(({ edge }) => (target.kind === 'edges' ? edges[edge]!.name : services[edges[edge]!.to]!.name)))];
    this.problems.add('no-effect', at, this.locator.value(at), `all calls to \`${services[edges[hit[0]!]!.to]!.name}\` are split over others, and none comes here`, { severity: 'warning', hint: `target ${backends.map((name) => `\`${name}\``).join(' or ')}` });
  }

  sizes(): void {
    for (const [i, edge] of this.plan.edges.entries()) {
      const caller = edge.from.kind === 'traffic' ? this.plan.traffic[edge.from.index] : this.plan.services[edge.from.index];
      const clients = caller === undefined ? 0 : 'clients' in caller ? caller.clients : caller.replicas;
      const endpoints = this.plan.services[edge.to]!.replicas;
      if (clients * endpoints <= STATE_MAX) continue;
      const path: Path = edge.from.kind === 'traffic' ? ['traffic', edge.from.index] : ['services', this.plan.services[edge.from.index]!.name];
      this.problems.add('too-large', path, this.locator.key(path), `${clients} callers x ${endpoints} endpoints on the edge \`${this.plan.edges[i]!.name}\` is more than ${STATE_MAX}`, { hint: 'fewer clients or fewer replicas' });
    }
    const expected = this.plan.traffic.reduce((total, { load }) => total + (load.kind === 'open' ? areaUnder(load.profile, this.plan.durationNs) : 0), 0);
    if (expected * this.plan.replications > REQUESTS_MAX && this.sound(['traffic'], ['duration'])) {
      this.problems.add('too-large', ['traffic'], this.locator.key(['traffic']), `about ${expected.toExponential(1)} requests would be made; at most ${REQUESTS_MAX.toExponential(1)}`, { hint: 'a lower rate or a shorter duration' });
    }
  }

  templates(): void {
    for (const [i, source] of this.file.traffic.entries()) {
      for (const [j, request] of source.requests.entries()) {
        const path: Path = ['traffic', i, 'requests', j];
        this.template(request.path, [...path, 'path']);
        for (const { name, value } of request.headers) this.template(value, [...path, 'headers', name]);
        this.template(request.body, [...path, 'body']);
        if (request.key?.kind === 'template') this.template(request.key.text, [...path, 'key']);
      }
    }
  }

  private template(text: string, path: Path): void {
    const problem = templateProblem(text, nearest);
    if (problem === null || !this.sound(path)) return;
    const whole = this.locator.value(path);
    const node = this.locator.node(path);
    const offset = node.kind === 'scalar' && !node.text.includes('\n') && whole.end - whole.start <= text.length + 2 ? text.indexOf(problem.unknown) + (node.quoted ? 1 : 0) : -1;
    const span = offset < 0 || whole.flag !== null ? whole : { ...whole, start: whole.start + offset, end: whole.start + offset + problem.unknown.length };
    this.problems.add('unknown-template', path, span, `the template \`${problem.unknown.slice(0, 60)}\` cannot be filled in`, { hint: problem.suggestion === null ? problem.reason : `did you mean \`${problem.suggestion}\`?` });
  }

  // --- the call graph

  callGraph(): void {
    this.unreachable();
    if (this.cycle() || !this.problems.isSound(['services']) || !this.problems.isSound(['traffic'])) return;
    const rates = this.callRates();
    if (rates === null) return;
    this.load(rates);
    this.samples(rates);
  }

  private unreachable(): void {
    const { services } = this.file;
    // Where a reference is broken, what it meant would be reported as well.
    if (!this.callsSound()) return;
    const reached = new Set(this.file.traffic.map(({ to }) => to));
    for (const name of reached) {
      for (const { call } of this.callSites(name)) if (call.probability > 0) reached.add(call.service);
      const [route] = this.services.get(name)?.routes ?? [];
      for (const target of route?.split ?? []) if (target.value > 0) reached.add(target.name);
    }
    for (const { name } of services) {
      if (!reached.has(name)) this.problems.add('unreachable-service', ['services', name], this.locator.key(['services', name]), `no traffic reaches \`${name}\``, { severity: 'warning', hint: 'nobody calls it' });
    }
  }

  private callsSound(): boolean {
    return this.problems.isSound(['traffic']) && this.file.services.every(({ name }) => this.problems.isSound(['services', name, 'calls']));
  }

  /** Reports one circle of calls that are made every time. */
  private cycle(): boolean {
    const state = new Map<string, 'open' | 'done'>();
    for (const { name } of this.file.services) {
      const stack = [{ name, sites: this.certainCalls(name), next: 0 }];
      if (state.has(name)) continue;
      state.set(name, 'open');
      for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
        const site = top.sites[top.next++];
        if (site === undefined) {
          state.set(top.name, 'done');
          stack.pop();
          continue;
        }
        const { to } = site;
        if (state.get(to) === 'open') {
          const circle = [...stack.slice(stack.findIndex((entry) => entry.name === to)).map((entry) => entry.name), to];
          const start = stack.find((entry) => entry.name === to)!;
          const first = start.sites[start.next - 1]!;
          this.problems.add('call-cycle', site.path, this.locator.value(site.path), `these calls never end: ${circle.join(' -> ')}`, {
            hint: 'give one of them a `probability` below 100%',
            second: first.path === site.path ? null : this.second(first.path, 'the circle begins here'),
          });
          return true;
        }
        if (!state.has(to)) {
          state.set(to, 'open');
          stack.push({ name: to, sites: this.certainCalls(to), next: 0 });
        }
      }
    }
    return false;
  }

  private certainCalls(name: string): readonly { readonly to: string; readonly path: Path }[] {
    return this.callSites(name).flatMap(({ call, path }) => {
      const to = this.certainTarget(call.service);
      return to === null || call.probability < 1 || !this.problems.isSound(path) ? [] : [{ to, path }];
    });
  }

  /** Where calls to a service end up, if there is one answer. */
  private certainTarget(name: string): string | null {
    const [route] = this.services.get(name)?.routes ?? [];
    if (route === undefined) return name;
    const [only, other] = route.split.filter(({ value }) => value > 0);
    return only === undefined || other !== undefined ? null : only.name;
  }

  private callSites(name: string): { readonly call: CallFile; readonly path: Path }[] {
    return (this.services.get(name)?.calls ?? []).flatMap((step, i) => step.calls.map((call, j) => ({ call, path: ['services', name, 'calls', i, ...(step.parallel ? ['parallel', j] : [])] })));
  }

  /** Mean calls per second on each edge over the run, without retries; null for closed loops, or where circles grow without end (reported). */
  private callRates(): readonly number[] | null {
    const { plan } = this;
    const rates = plan.edges.map(() => 0);
    let wave = plan.services.map(() => 0);
    let offered = 0;
    for (const { load, edge } of plan.traffic) {
      if (load.kind === 'closed') return null;
      const count = load.kind === 'open' ? areaUnder(load.profile, plan.durationNs) : load.offsetsNs.length;
      const rate = count / (plan.durationNs / NS_PER_S);
      rates[edge] = rate;
      this.deliver(edge, rate, wave);
      offered += rate;
    }
    for (let round = 0; offered > 0 && wave.some((rate) => rate > offered * 1e-6); round++) {
      const next = plan.services.map(() => 0);
      for (const [i, service] of plan.services.entries()) {
        if (wave[i]! === 0) continue;
        for (const { edge, probability, times } of service.calls.flatMap(({ calls }) => calls)) {
          const rate = wave[i]! * probability * times;
          rates[edge]! += rate;
          next[plan.edges[edge]!.to]! += rate;
        }
      }
      wave = next;
      if (Math.max(...wave) > offered * FAN_OUT_MAX || (round > plan.services.length + 1000 && sum(rates) > offered * FAN_OUT_MAX)) {
        this.problems.add('too-large', ['services'], this.locator.key(['services']), `one request causes more than ${FAN_OUT_MAX.toExponential(0)} calls on average`, { hint: 'lower `times`, or the `probability` of calls that come back to their caller' });
        return null;
      }
      if (round * rates.length > ROUNDS_MAX) return null;
    }
    return rates;
  }

  /** Add the calls of an edge to what arrives at the services it leads to. */
  private deliver(edge: EdgeId, rate: number, arriving: number[]): void {
    const { split, to } = this.plan.edges[edge]!;
    if (split === null) {
      arriving[to]! += rate;
      return;
    }
    const weights = sum(split.backends.map(({ weight }) => weight));
    for (const backend of split.backends) arriving[this.plan.edges[backend.edge]!.to]! += (rate * backend.weight) / weights;
  }

  private load(rates: readonly number[]): void {
    const arriving = this.plan.services.map(() => 0);
    for (const e of this.plan.edges.keys()) this.deliver(e, rates[e]!, arriving);
    for (const [i, service] of this.plan.services.entries()) {
      const rate = arriving[i]!;
      const needed = rate * (meanNs(service.latency) / NS_PER_S);
      const slots = service.concurrency * service.replicas;
      if (!(needed > slots)) continue;
      const path: Path = ['services', service.name];
      this.problems.add('overload', path, this.locator.key(path), `\`${service.name}\` is offered more work than it can do: ${formatRate(rate)} x ${meanText(service.latency)} = ${short(needed)} slots busy, and there are ${service.replicas} x ${service.concurrency} = ${slots}`, { severity: 'warning', hint: `at most ${formatRate(slots / (meanNs(service.latency) / NS_PER_S))} can be served` });
    }
  }

  intervals(): void {
    const { thresholds, replications } = this.file;
    if (replications > 1 || !this.sound(['replications'])) return;
    for (const [i, { confidence }] of thresholds.entries()) {
      const path: Path = ['thresholds', i, 'confidence'];
      if (confidence === 'point' || !this.sound(path)) continue;
      this.problems.add('no-interval', path, this.locator.value(path), `\`${confidence}\` judges by an interval, and one replication has none`, { severity: 'warning', hint: 'write `replications: 10`, or run with `--reps 10`' });
    }
  }

  private samples(rates: readonly number[]): void {
    const { plan } = this;
    for (const [i, written] of this.file.thresholds.entries()) {
      const threshold = plan.thresholds.find(({ expr }) => expr === written.expr);
      if (threshold === undefined || threshold.metric !== 'latency' || threshold.stat.kind !== 'percentile') continue;
      const { tags } = threshold;
      const rate = sum(plan.edges.map((edge, e) => {
        const root = edge.from.kind === 'traffic' ? plan.traffic[edge.from.index]! : null;
        if (tags.edge !== undefined ? edge.name !== tags.edge : tags.service !== undefined ? plan.services[edge.to]!.name !== tags.service : root === null) return 0;
        if (tags.traffic !== undefined && root !== null && root.name !== tags.traffic) return 0;
        const weights = root === null || tags.class === undefined ? null : root.classes;
        return rates[e]! * (weights === null ? 1 : sum(weights.map(({ name, weight }) => (name === tags.class ? weight : 0))) / sum(weights.map(({ weight }) => weight)));
      }));
      const expected = rate * (this.phaseNs(tags.phase) / NS_PER_S) * plan.replications;
      const path: Path = ['thresholds', i];
      const { confidence, stat: { p } } = threshold;
      const percentile = `p(${Number((p * 100).toPrecision(8))})`;
      const [least, leastEach, each] = [samplesFor(p), samplesForInterval(p), expected / plan.replications];
      // An interval takes its spread from single replications, whose percentiles are biased when they have little above them.
      if (expected >= least && confidence !== 'point' && plan.replications > 1 && each < leastEach) {
        this.problems.add('few-samples', path, this.locator.value(path), `\`${confidence}\` judges by how far replications lie apart, and ${percentile} of about ${Math.round(each)} samples in each is no measure of that`, { severity: 'warning', hint: `a longer run, to see ${leastEach} in each` });
      }
      if (expected >= least) continue;
      this.problems.add('few-samples', path, this.locator.value(path), `${percentile} of about ${Math.round(expected)} samples rests on ${short(expected * (1 - p))} of them`, { severity: 'warning', hint: `a longer run or more replications, to see ${least}` });
    }
  }

  private phaseNs(phase: string | undefined): number {
    const { warmupNs, durationNs } = this.plan;
    if (phase === undefined) return durationNs - warmupNs;
    const after = phase.startsWith('after:');
    const windows = this.plan.faults.find(({ name }) => name === (after ? phase.slice('after:'.length) : phase))?.windows ?? [];
    if (after) return Math.max(0, durationNs - Math.max(warmupNs, windows.at(-1)?.toNs ?? 0));
    return sum(windows.map(({ fromNs, toNs }) => Math.max(0, Math.min(toNs, durationNs) - Math.max(fromNs, warmupNs))));
  }

  private sound(...paths: readonly Path[]): boolean {
    return paths.every((path) => this.problems.isSound(path));
  }

  private second(path: Path, label: string): { readonly span: ReturnType<Locator['value']>; readonly label: string } | null {
    return this.locator.has(path) ? { span: this.locator.value(path), label } : null;
  }

  private line(path: Path): string {
    const line = this.locator.has(path) ? this.problems.lineOf(this.locator.value(path)) : null;
    return line === null ? '' : ` (line ${line})`;
  }
}

/** Requests from 0 to `untilNs`: the area under the rate. */
function areaUnder(profile: readonly RatePoint[], untilNs: number): number {
  let total = 0;
  for (const [i, point] of profile.entries()) {
    const next = profile[i + 1];
    const toNs = Math.min(untilNs, next?.atNs ?? untilNs);
    if (toNs <= point.atNs) continue;
    const whole = (next?.atNs ?? toNs) - point.atNs;
    const end = next === undefined || next.step ? point.ratePerS : point.ratePerS + (next.ratePerS - point.ratePerS) * ((toNs - point.atNs) / whole);
    total += ((point.ratePerS + end) / 2) * ((toNs - point.atNs) / NS_PER_S);
  }
  return total;
}

function meanText(distribution: DistributionPlan): string {
  const ns = meanNs(distribution);
  return Number.isFinite(ns) ? formatDuration(Number(ns.toPrecision(3))) : 'an infinite mean';
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
