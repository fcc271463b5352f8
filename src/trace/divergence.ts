/**
 * What two runs did differently first with a request that both had. Its two trees are gone through side by side, in the order in which things
 * happened: as long as attempts go to the same endpoints, what differs is inside them; the first attempt that goes elsewhere, or is
 * not made, is the decision. Under one seed the work and the failures are the same, so what is left are queues, and what
 * the files themselves say differently.
 */
import { Verdict } from '../engine/retry/retry-gate.ts';
import { type Outcome, OUTCOME_NAMES, Outcome as Outcomes } from '../model/outcome.ts';
import type { WhyCause, WhyKind } from '../result/why.ts';
import { type AttemptSpan, type CallSpan, Turn } from './spans.ts';
import type { Names } from './written.ts';

export type Divergence = Pick<WhyCause, 'kind' | 'on' | 'edge' | 'endpoint' | 'detail'>;

/** A pair is of the reference and the other. */
export type Pair<Of> = readonly [Of, Of];

/** Attempts or calls whose lengths differ by less are taken as alike, as a share of what the requests differ by. */
const ALIKE = 0.1;

export class Divergences {
  private readonly names: Pair<Names>;

  constructor(names: Pair<Names>) {
    this.names = names;
  }

  /** @param differenceNs  by how much the requests differ */
  of(calls: Pair<CallSpan>, differenceNs: number): Divergence {
    const [one, other] = calls;
    const most = Math.max(one.attempts.length, other.attempts.length);
    for (let i = 0; i < most; i++) {
      const attempts = [one.attempts[i], other.attempts[i]] as const;
      if (attempts[0] === undefined || attempts[1] === undefined) return this.missing(calls, attempts[0] === undefined ? 0 : 1, i);
      const pair: Pair<AttemptSpan> = [attempts[0], attempts[1]];
      if (this.endpoint(0, pair[0]) !== this.endpoint(1, pair[1])) return this.elsewhere(calls, pair);
      if (pair[0].isHedge !== pair[1].isHedge) return { kind: 'notHedged', on: pair[0].isHedge ? 1 : 0, ...this.edge(calls) };
      // Another attempt decided the call before this one was over.
      if (pair.some(({ isGivenUp, outcome }) => isGivenUp && outcome === Outcomes.unfinished) && i + 1 < most) continue;
      const waits = this.waits(calls, pair);
      const inside = Math.abs(lengthOf(pair[0]) - lengthOf(pair[1]));
      if (Math.abs(waits.differenceNs) > ALIKE * differenceNs && Math.abs(waits.differenceNs) > inside) return { kind: waits.kind, on: null, ...this.edge(calls) };
      if (inside > ALIKE * differenceNs || pair[0].outcome !== pair[1].outcome) return this.inside(calls, pair, differenceNs);
    }
    if (one.outcome !== other.outcome && most === 0) return this.refused(calls, one.outcome === Outcomes.ok ? 1 : 0);
    return { kind: endsInBackoff(one) || endsInBackoff(other) ? 'backoff' : 'other', on: null, ...this.edge(calls) };
  }

  /** @param on  the side that did not make the attempt */
  private missing(calls: Pair<CallSpan>, on: 0 | 1, index: number): Divergence {
    const call = calls[on];
    if (index === 0) return this.refused(calls, on);
    const made = calls[on === 0 ? 1 : 0].attempts[index]!; // one of the two has it
    if (made.isHedge) return { kind: 'notHedged', on, ...this.edge(calls) };
    const detail = call.verdict === null ? undefined : REFUSALS[call.verdict];
    return { kind: 'notRetried', on, ...this.edge(calls), ...(detail === undefined ? {} : { detail }) };
  }

  private refused(calls: Pair<CallSpan>, on: 0 | 1): Divergence {
    return { kind: 'refused', on, ...this.edge(calls), detail: nameOf(calls[on].outcome ?? Outcomes.unfinished) };
  }

  private elsewhere(calls: Pair<CallSpan>, [one, other]: Pair<AttemptSpan>): Divergence {
    const wanted = [this.endpoint(0, one), this.endpoint(1, other)] as const;
    const isAvoided = (on: 0 | 1, attempt: AttemptSpan, endpoint: string): boolean => attempt.unready?.some((id) => this.names[on].endpoints[id] === endpoint) === true;
    if (isAvoided(1, other, wanted[0])) return { kind: 'avoided', on: 1, ...this.edge(calls), endpoint: wanted[0] };
    if (isAvoided(0, one, wanted[1])) return { kind: 'avoided', on: 0, ...this.edge(calls), endpoint: wanted[1] };
    return { kind: 'picked', on: null, ...this.edge(calls), endpoint: wanted[0] };
  }

  /** What came before the two attempts were sent. */
  private waits(calls: Pair<CallSpan>, [one, other]: Pair<AttemptSpan>): { readonly kind: WhyKind; readonly differenceNs: number } {
    const connection = one.sentAt - one.pickedAt - (other.sentAt - other.pickedAt);
    const before = one.beganAt - calls[0].begunAt - (other.beganAt - calls[1].begunAt);
    return Math.abs(connection) >= Math.abs(before) ? { kind: 'connection', differenceNs: connection } : { kind: 'backoff', differenceNs: before };
  }

  /** Both went to the same endpoint. */
  private inside(calls: Pair<CallSpan>, pair: Pair<AttemptSpan>, differenceNs: number): Divergence {
    const [one, other] = pair;
    const endpoint = this.endpoint(0, one);
    const at = { ...this.edge(calls), endpoint };
    const shorter = lengthOf(one) < lengthOf(other) ? 0 : 1;
    // Who waited less long because it would not wait longer.
    if (pair[shorter].isGivenUp && lengthOf(one) !== lengthOf(other)) return { kind: 'gaveUpEarlier', on: shorter, ...at };
    const queue = queueOf(one) - queueOf(other);
    const network = networkOf(one) - networkOf(other);
    const children = pairsOf(one, other, this.names);
    const child = children.reduce<(typeof children)[number] | null>((most, next) => (most === null || differenceOf(next) > differenceOf(most) ? next : most), null);
    const own = lengthOf(one) - lengthOf(other) - queue - network - children.reduce((sum, [a, b]) => sum + spanOf(a) - spanOf(b), 0);
    const largest = Math.max(Math.abs(queue), Math.abs(network), child === null ? 0 : differenceOf(child));
    if (child !== null && (differenceOf(child) === largest || (largest === 0 && child[0].outcome !== child[1].outcome)) && differenceOf(child) > 0) return this.of(child, Math.min(differenceNs, differenceOf(child)));
    // Queues are the same on all endpoints, or the load is not balanced, which picks tell.
    if (largest > 0 && largest >= Math.abs(own)) return { kind: largest === Math.abs(queue) ? 'queue' : 'network', on: null, ...this.edge(calls) };
    return { kind: 'service', on: null, ...at };
  }

  private edge([call]: Pair<CallSpan>): { readonly edge: string } {
    return { edge: this.names[0].plan.edges[call.edge]!.name };
  }

  private endpoint(side: 0 | 1, { endpoint }: AttemptSpan): string {
    return this.names[side].endpoints[endpoint]!;
  }
}

const REFUSALS: { readonly [Code in Verdict]?: NonNullable<WhyCause['detail']> } = { [Verdict.limitReached]: 'usedUp', [Verdict.overflow]: 'tooManyAtOnce', [Verdict.budgetRefused]: 'budget' };

/** Until its caller had done with it, ns; of one that never was, until it was answered. */
function lengthOf({ answeredAt, overAt, sentAt }: AttemptSpan): number {
  return overAt === Infinity ? (Number.isNaN(answeredAt) ? 0 : answeredAt - sentAt) : overAt - sentAt;
}

function queueOf({ arrivedAt, overAt, startedAt }: AttemptSpan): number {
  if (Number.isNaN(arrivedAt)) return 0;
  return Number.isNaN(startedAt) ? Math.max(0, (overAt === Infinity ? arrivedAt : overAt) - arrivedAt) : startedAt - arrivedAt;
}

function networkOf({ answeredAt, arrivedAt, overAt, sentAt }: AttemptSpan): number {
  return (Number.isNaN(arrivedAt) ? 0 : arrivedAt - sentAt) + (overAt === Infinity || !(answeredAt < overAt) ? 0 : overAt - answeredAt);
}

function spanOf({ begunAt, endedAt }: CallSpan): number {
  return Number.isNaN(endedAt) ? 0 : endedAt - begunAt;
}

function differenceOf([one, other]: Pair<CallSpan>): number {
  return Math.abs(spanOf(one) - spanOf(other));
}

/** The calls that both jobs made, the n-th on an edge with the n-th. */
function pairsOf(one: AttemptSpan, other: AttemptSpan, names: Pair<Names>): Pair<CallSpan>[] {
  const nameOn = (side: 0 | 1, { edge }: CallSpan): string => names[side].plan.edges[edge]!.name;
  const rest = [...other.calls];
  return one.calls.flatMap((call): Pair<CallSpan>[] => {
    const at = rest.findIndex((candidate) => nameOn(1, candidate) === nameOn(0, call));
    return at < 0 ? [] : [[call, rest.splice(at, 1)[0]!]];
  });
}

function endsInBackoff({ turns }: CallSpan): boolean {
  return turns.at(-2) === Turn.backoff;
}

function nameOf(outcome: Outcome): (typeof OUTCOME_NAMES)[number] {
  return OUTCOME_NAMES[outcome]!;
}
