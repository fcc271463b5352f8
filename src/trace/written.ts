/** A request as plain data, for files and reports. */
import { type Outcome, OUTCOME_NAMES } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import { msOf } from '../model/units.ts';
import type { AttemptTrace, CallTrace, CallWait, RequestTrace, TailPart } from '../result/result.ts';
import { attribute } from './attribution.ts';
import { PART_NAMES } from './part.ts';
import { type AttemptSpan, CallSpan, type RequestSpan, Turn } from './spans.ts';

/** Names of what requests are of, by number. */
export class Names {
  readonly plan: Plan;
  readonly endpoints: readonly string[];
  readonly classes: readonly string[];

  constructor(plan: Plan) {
    this.plan = plan;
    this.endpoints = plan.services.flatMap(({ name, replicas }) => Array.from({ length: replicas }, (_, i) => `${name}/${i}`));
    this.classes = plan.traffic.flatMap(({ classes }) => classes.map(({ name }) => name));
  }

  edge(edge: number): { readonly edge: string; readonly service: string } {
    const { name, to } = this.plan.edges[edge]!;
    return { edge: name, service: this.plan.services[to]!.name };
  }
}

/** @param most  calls and attempts to write; of more, those nearest to the request, and of those as near the ones that began first */
export function written(request: RequestSpan, names: Names, most: number): RequestTrace {
  const sums = new Map<TailPart, number>();
  attribute(request, { add: (part, _edge, _endpoint, from, to) => void sums.set(PART_NAMES[part]!, (sums.get(PART_NAMES[part]!) ?? 0) + to - from) });
  const kept = nearest(request, most);
  return {
    request: request.number,
    source: names.plan.traffic[request.source]!.name,
    class: names.classes[request.requestClass]!,
    arrivedMs: msOf(request.begunAt),
    latencyMs: msOf(request.latencyNs),
    outcome: nameOf(request.outcome!),
    parts: Object.fromEntries(PART_NAMES.flatMap((name) => (sums.has(name) ? [[name, msOf(sums.get(name)!)]] : []))),
    call: new Writing(request.begunAt, names, kept).call(request),
    leftOut: request.size - kept.size,
  };
}

/** Level by level. */
function nearest(request: RequestSpan, most: number): ReadonlySet<CallSpan | AttemptSpan> {
  const kept = new Set<CallSpan | AttemptSpan>([request]);
  let level: readonly (CallSpan | AttemptSpan)[] = [request];
  while (level.length > 0 && kept.size < most) {
    level = level.flatMap((span): readonly (CallSpan | AttemptSpan)[] => (span instanceof CallSpan ? span.attempts : span.calls)).slice(0, most - kept.size);
    for (const span of level) kept.add(span);
  }
  return kept;
}

class Writing {
  private readonly origin: number;
  private readonly names: Names;
  private readonly kept: ReadonlySet<CallSpan | AttemptSpan>;

  constructor(origin: number, names: Names, kept: ReadonlySet<CallSpan | AttemptSpan>) {
    this.origin = origin;
    this.names = names;
    this.kept = kept;
  }

  call(call: CallSpan): CallTrace {
    return {
      ...this.names.edge(call.edge),
      fromMs: this.at(call.begunAt),
      toMs: Number.isNaN(call.endedAt) ? null : this.at(call.endedAt),
      ...(call.outcome === null ? {} : { outcome: nameOf(call.outcome) }),
      attempts: call.attempts.filter((attempt) => this.kept.has(attempt)).map((attempt) => this.attempt(attempt)),
      waits: this.waits(call),
    };
  }

  private attempt(attempt: AttemptSpan): AttemptTrace {
    const { answeredAt, gaveUpAt, isHedge, number, outcome, overAt, startedAt } = attempt;
    const wastedNs = answeredAt - Math.max(gaveUpAt, startedAt);
    return {
      kind: number === 1 ? 'first' : isHedge ? 'hedge' : 'retry',
      endpoint: this.names.endpoints[attempt.endpoint]!,
      sentMs: this.at(attempt.sentAt),
      ...this.known('arrivedMs', attempt.arrivedAt),
      ...this.known('startedMs', startedAt),
      ...this.known('answeredMs', answeredAt),
      toMs: overAt === Infinity ? null : this.at(overAt),
      ...(outcome === null ? {} : { outcome: nameOf(outcome) }),
      ...(wastedNs > 0 ? { wastedMs: msOf(wastedNs) } : {}),
      calls: attempt.calls.filter((call) => this.kept.has(call)).map((call) => this.call(call)),
    };
  }

  private waits({ attempts, begunAt, endedAt, endedUnready, turns: later }: CallSpan): CallWait[] {
    const turns = [Turn.attempt, begunAt, ...later];
    const waits: CallWait[] = [];
    const add = (kind: CallWait['kind'], from: number, to: number): void => {
      if (to > from) waits.push({ kind, fromMs: this.at(from), toMs: this.at(to) });
    };
    for (let i = 0; i < turns.length; i += 2) {
      const at = turns[i + 1]!;
      const until = turns[i + 3] ?? endedAt;
      if (turns[i] === Turn.backoff) {
        add('backoff', at, until);
        continue;
      }
      const begun = attempts.filter(({ beganAt }) => beganAt === at);
      for (const { pickedAt, sentAt } of begun) {
        add('ready', at, pickedAt);
        add('connection', pickedAt, sentAt);
      }
      // It was never sent, and nobody else was waited for.
      if (begun.length === 0 && attempts.every(({ overAt, sentAt }) => sentAt >= until || overAt <= at)) add(endedUnready && until === endedAt ? 'ready' : 'connection', at, until);
    }
    return waits;
  }

  private at(ns: number): number {
    return msOf(ns - this.origin);
  }

  private known<Name extends string>(name: Name, at: number): { readonly [Key in Name]?: number } {
    return (Number.isNaN(at) ? {} : { [name]: this.at(at) }) as { readonly [Key in Name]?: number }; // the one key
  }
}

function nameOf(outcome: Outcome): (typeof OUTCOME_NAMES)[number] {
  return OUTCOME_NAMES[outcome]!;
}
