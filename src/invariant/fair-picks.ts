/**
 * Balancers that owe every endpoint its share. Where an outbound has nothing in flight all its endpoints are alike, so that a balancer
 * that goes by chance or by what is in flight takes each of them with the same probability, whatever was before; how often it
 * did is then binomial. An endpoint that got so few or so many that chance would do so less than once in 10^10 was not treated alike.
 * A round robin takes turns: after any number of picks no endpoint is two ahead of another.
 *
 * Left out, because they prefer some by design: unequal weights, slow start, localities, hashes, estimates of latency. With connections
 * an attempt is sent later than it was picked, and perhaps never.
 */
import { ln } from '../model/math.ts';
import type { AttemptRow } from '../engine/calls.ts';
import type { EdgePlan, Plan } from '../model/plan.ts';
import type { Audit } from './audit.ts';
import { Check } from './invariant.ts';

/** ln of the probability below which it was not chance. */
const LN_LEAST = -23;

export function fairnessChecks(audit: Audit): readonly Check[] {
  const owes = (kinds: readonly string[]): Uint8Array => Uint8Array.from(audit.outbounds, ({ edge, pools }) => (pools === null && owesShares(audit.plan, audit.plan.edges[edge]!, kinds) ? 1 : 0));
  const byChance = owes(['leastRequest', 'random']);
  const inTurn = owes(['roundRobin']);
  return [...(byChance.includes(1) ? [new FairChance(audit, byChance)] : []), ...(inTurn.includes(1) ? [new FairTurns(audit, inTurn)] : [])];
}

function owesShares({ edges, services }: Plan, edge: EdgePlan, kinds: readonly string[]): boolean {
  const { loadBalancer, locality, slowStart } = edge.policy;
  const { weights } = services[edge.to]!;
  if (!kinds.includes(loadBalancer.kind) || locality.mode !== 'none' || slowStart !== null || weights.length < 2 || weights.some((weight) => weight !== weights[0])) return false;
  // Who keeps off an endpoint picks again, and takes turns that nobody sees.
  const callers = [edge, ...edges.filter(({ split }) => split?.backends.some((backend) => edges[backend.edge] === edge) === true)];
  return loadBalancer.kind !== 'roundRobin' || callers.every(({ policy: { hedge, retries } }) => hedge === null && retries?.avoidPrevious !== true);
}

/** Counts picks since who is in use last changed. */
abstract class PickCounts extends Check {
  protected readonly owes: Uint8Array;
  /** By outbound, and by place. */
  protected readonly picks: Int32Array;
  protected readonly picksAt: Int32Array;
  /** By outbound: the input of that change. A breaker shuts behind its probe: what is sent in the same input may have been picked before. */
  protected readonly changedIn: Float64Array;

  constructor(audit: Audit, owes: Uint8Array) {
    super(audit);
    this.owes = owes;
    this.picks = new Int32Array(audit.outbounds.length);
    this.picksAt = new Int32Array(audit.firstPlace[audit.outbounds.length]!);
    this.changedIn = new Float64Array(audit.outbounds.length).fill(-1);
  }

  override usableChanges(outbound: number): void {
    const { audit } = this;
    this.changedIn[outbound] = audit.inputs;
    this.picks[outbound] = 0;
    this.picksAt.fill(0, audit.firstPlace[outbound], audit.firstPlace[outbound + 1]);
  }
}

class FairChance extends PickCounts {

  override sentIdle({ number, outbound: { index } }: AttemptRow, place: number): void {
    // A retry may keep off the endpoint before.
    if (this.owes[index] === 0 || number !== 1 || this.changedIn[index] === this.audit.inputs) return;
    this.picks[index]!++;
    this.picksAt[place]!++;
  }

  override usableChanges(outbound: number): void {
    if (this.owes[outbound] === 1) this.judge(outbound);
    super.usableChanges(outbound);
  }

  override over(): void {
    for (const [outbound, owes] of this.owes.entries()) if (owes === 1) this.judge(outbound);
  }

  private judge(outbound: number): void {
    const { audit, picksAt } = this;
    const picks = this.picks[outbound]!;
    const usable = audit.holdings.pickable(outbound);
    if (usable < 2 || picks < usable) return;
    for (let place = audit.firstPlace[outbound]!; place < audit.firstPlace[outbound + 1]!; place++) {
      if (audit.holdings.isHeld(place) && audit.holdings.panics[outbound] === 0) continue;
      const got = picksAt[place]!;
      if (lnTail(got, picks, 1 / usable) > LN_LEAST) continue;
      audit.report('fair-picks', { outbound, decision: `${audit.nameOfPlace(place)} got ${got} of ${picks} picks between ${usable} endpoints that were all idle` });
    }
  }
}

/** Bound of Chernoff and Hoeffding on the ln of the probability of at most, or at least, so many successes. */
export function lnTail(successes: number, trials: number, p: number): number {
  const share = successes / trials;
  const part = (a: number, b: number): number => (a === 0 ? 0 : a * ln(a / b));
  return -trials * (part(share, p) + part(1 - share, 1 - p));
}

class FairTurns extends PickCounts {
  override send({ id: attempt }: AttemptRow): void {
    const { audit } = this;
    const outbound = audit.backendOf(attempt);
    if (this.owes[outbound] === 0) return;
    const place = audit.placeOf(attempt);
    if (this.changedIn[outbound] === audit.inputs) return;
    const picks = ++this.picks[outbound]!;
    const got = ++this.picksAt[place]!;
    const usable = audit.holdings.pickable(outbound);
    if (usable < 1 || got <= Math.ceil(picks / usable)) return;
    audit.report('fair-picks', { attempt, call: audit.callOf(attempt), outbound, decision: `${audit.nameOfPlace(place)} had its turn ${got} times in ${picks} picks among ${usable} endpoints` });
  }
}
