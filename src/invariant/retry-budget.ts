/** Nobody retries or hedges more than the budget allows: the decisions of an engine against plain models of the budgets. */
import type { AttemptRow, CallRow } from '../engine/calls.ts';
import { Ended } from '../engine/retry/budget.ts';
import { RetryCause } from '../engine/retry/retry-cause.ts';
import { Verdict } from '../engine/retry/retry-gate.ts';
import { TimerKind, kindOf, subjectOf } from '../engine/timers.ts';
import { NONE } from '../model/ids.ts';
import { Outcome } from '../model/outcome.ts';
import type { Audit } from './audit.ts';
import { type BudgetModel, budgetModel, WindowModel } from './budget-model.ts';
import { Check } from './invariant.ts';
import { RetrySlots } from './retry-slots.ts';

const NEVER_ASKED = { requests: () => 0, retries: () => 0 };

export function retryBudgetChecks(audit: Audit): readonly Check[] {
  const kinds = new Set(audit.policies.map(({ retries }) => retries?.budget?.kind ?? null));
  return [
    ...(kinds.has('window') ? [depositedBudget(audit)] : []),
    ...(['tokens', 'tower', 'quota'].some((kind) => kinds.has(kind)) ? [new LearningBudget(audit)] : []),
    ...(kinds.has('concurrency') ? [new ShareBudget(audit)] : []),
    ...(audit.policies.some(({ hedge }) => hedge !== null && hedge.afterNs !== Infinity) ? [new HedgeBudget(audit)] : []),
  ];
}

/** The cheapest that sees enough. */
function depositedBudget(audit: Audit): Check {
  const some = (has: (outbound: Audit['outbounds'][number]) => boolean): boolean => audit.outbounds.some(has);
  if (some(({ failfast, pools }) => failfast !== null || pools !== null)) return new QueuedDepositedBudget(audit);
  return some(({ gates }) => gates !== null) ? new DepositedBudget(audit) : new CountedBudget(audit);
}

/** Who is granted a retry, against what models of the budgets would have granted. */
abstract class ModelledBudget extends Check {
  /** The input in which a budget last refused. */
  private refusedIn: number = -1;
  /** By outbound; null where there is no such budget. */
  protected abstract readonly models: readonly (BudgetModel | null)[];

  override granted(row: CallRow, _due: number, now: number): void {
    const outbound = this.audit.outboundOf(row.id);
    const lack = this.models[outbound]?.granted(now, row.retryCause) ?? null;
    if (lack !== null) this.audit.report('retry-budget', { call: row.id, outbound, decision: `a retry was granted with ${lack}` });
  }

  override budgetRefused(_edge: number, now: number): void {
    const { inputs, subject } = this.audit;
    this.refusedIn = inputs;
    if (subject !== NONE) this.models[this.audit.outboundOf(subject)]?.refused(now);
  }

  /** Whether the call that is settled now was refused its retry a moment ago; where calls fail in a queue, that is when it is known. */
  protected isRefused({ retryVerdict }: CallRow): boolean {
    return this.refusedIn === this.audit.inputs && retryVerdict === Verdict.budgetRefused;
  }
}

function modelsOf(audit: Audit, kinds: readonly string[]): readonly (BudgetModel | null)[] {
  return audit.policies.map(({ retries }) => {
    const budget = retries?.budget ?? null;
    return budget !== null && kinds.includes(budget.kind) ? budgetModel(budget, NEVER_ASKED) : null;
  });
}

/** Those that calls pay into as they begin. */
class DepositedBudget extends ModelledBudget {
  protected readonly models: readonly (BudgetModel | null)[] = modelsOf(this.audit, ['window']);

  override begun(call: number, now: number): void {
    const outbound = this.audit.outboundOf(call);
    const model = this.models[outbound]!;
    // One that begins too late to be called counts as well: that makes the model generous.
    if (model !== null && (this.audit.outbounds[outbound]!.gates === null || this.audit.engine.calls.rows[call]!.gateInFlight > 0)) model.called(now);
  }
}

/** Where nobody refuses a call, those that have begun need only be counted while a slice of the budget lasts. */
class CountedBudget extends ModelledBudget {
  protected readonly models: readonly (WindowModel | null)[] = this.audit.policies.map(({ retries }) => {
    const budget = retries?.budget ?? null;
    return budget?.kind === 'window' ? new WindowModel(Number(budget.options['ratio']), Number(budget.options['minPerSecond']), Number(budget.options['ttl'])) : null;
  });
  /** By outbound: calls that the model knows of. */
  private readonly known: Float64Array = new Float64Array(this.models.length);

  constructor(audit: Audit) {
    super(audit);
    for (const [outbound, model] of this.models.entries()) if (model !== null) audit.wakeAt(outbound, model.turnsAt);
  }

  override woken(outbound: number, now: number): void {
    const model = this.models[outbound]!; // only of those was it asked for
    this.catchUp(outbound, model);
    model.refused(now);
    this.audit.wakeAt(outbound, model.turnsAt);
  }

  override granted(row: CallRow, due: number, now: number): void {
    const outbound = this.audit.outboundOf(row.id);
    const model = this.models[outbound]!;
    if (model === null) return;
    this.catchUp(outbound, model);
    super.granted(row, due, now);
    this.audit.wakeAt(outbound, model.turnsAt);
  }

  override budgetRefused(edge: number, now: number): void {
    const { subject } = this.audit;
    const outbound = subject === NONE ? NONE : this.audit.outboundOf(subject);
    const model = this.models[outbound] ?? null;
    if (model === null) return;
    this.catchUp(outbound, model);
    super.budgetRefused(edge, now);
    this.audit.wakeAt(outbound, model.turnsAt);
  }

  private catchUp(outbound: number, model: WindowModel): void {
    const begun = this.audit.begunBy(outbound);
    model.calledBefore(begun - this.known[outbound]!);
    this.known[outbound] = begun;
  }
}

/** Where calls may fail in a queue, several in one input, who was refused is known when it is settled. */
class QueuedDepositedBudget extends DepositedBudget {
  override settle(call: CallRow, _outcome: Outcome, _status: number, now: number): void {
    if (this.isRefused(call)) this.models[this.audit.outboundOf(call.id)]?.refused(now);
  }
}

/**
 * Those that learn from how attempts end. An attempt that never got its connection is not seen to fail: then a model has
 * a token more than the budget, and never one less.
 */
class LearningBudget extends ModelledBudget {
  protected readonly models: readonly (BudgetModel | null)[] = modelsOf(this.audit, ['tokens', 'tower', 'quota']);

  override attemptDone(attempt: number, outcome: Outcome, status: number, now: number): void {
    this.ended(this.audit.callOf(attempt), outcome, status, now);
  }

  override timerDue(timer: number, now: number): void {
    if (kindOf(timer) !== TimerKind.attemptTimeout) return;
    const call = this.audit.callOf(subjectOf(timer));
    if (this.audit.policies[this.audit.outboundOf(call)]!.hedge?.onPerTryTimeout !== true) this.ended(call, Outcome.timeout, 0, now);
  }

  override settle(call: CallRow, outcome: Outcome, _status: number, now: number): void {
    const model = this.models[this.audit.outboundOf(call.id)]!;
    if (model === null) return;
    if (this.isRefused(call)) model.refused(now);
    // Perhaps seen already; a failure that is not retried may be worth a deposit. One for want of anybody to send to is none, unless it waited.
    const hasFailed = outcome === Outcome.connectFailure || outcome === Outcome.noEndpoint;
    if (hasFailed && call.verdict === Outcome.ok) model.ended(Ended.badly, now, RetryCause.none);
  }

  private ended(call: number, outcome: Outcome, status: number, now: number): void {
    const outbound = this.audit.outboundOf(call);
    const model = this.models[outbound]!;
    if (model === null) return;
    const row = this.audit.engine.calls.rows[call]!;
    const { condition, classMayRetry } = this.audit.outbounds[outbound]!.rules;
    const hasBeenSent = row.hasBeenSent || outcome !== Outcome.connectFailure;
    const isRetriable = condition.allows(outcome, status, hasBeenSent) && classMayRetry[row.requestClass] === 1;
    model.ended(outcome === Outcome.ok ? Ended.well : isRetriable ? Ended.retriable : Ended.badly, now, row.retryCause);
  }
}

/** Those that are a share of what is going on. */
class ShareBudget extends RetrySlots {
  private readonly models: readonly (BudgetModel | null)[];

  constructor(audit: Audit) {
    super(audit);
    this.models = audit.policies.map(({ retries }, outbound) => {
      const budget = retries?.budget ?? null;
      // Who waits for a connection is in the engine's queues, and in no book; nor do books tell whose attempts a split sent elsewhere.
      const own = audit.outbounds[outbound]!;
      const requests = (): number => audit.activeOn(outbound) + (own.pools?.pending ?? 0) + own.elsewhere;
      return budget?.kind === 'concurrency' ? budgetModel(budget, { requests, retries: () => this.takenBy(outbound) }) : null;
    });
  }

  protected judge(row: CallRow, outbound: number, now: number): void {
    const lack = this.models[outbound]?.granted(now, RetryCause.none) ?? null;
    if (lack !== null) this.audit.report('retry-budget', { call: row.id, outbound, decision: `a retry was granted with ${lack}` });
  }
}

/** The budget of hedges: a share of the calls of the last ten seconds, without a reserve. */
class HedgeBudget extends Check {
  private readonly models: readonly (BudgetModel | null)[] = this.audit.policies.map(({ hedge }) => (hedge === null || hedge.afterNs === Infinity ? null : new WindowModel(hedge.budget, 0, 10e9)));
  /** The call whose next copy is due in this input. */
  private due: number = NONE;

  override begun(call: number, now: number): void {
    this.models[this.audit.outboundOf(call)]?.called(now);
  }

  override timerDue(timer: number): void {
    const call = subjectOf(timer);
    const row = this.audit.engine.calls.rows[call];
    this.due = kindOf(timer) === TimerKind.backoff && row !== undefined && !row.awaitsRetry && row.verdict === Outcome.ok ? call : NONE;
  }

  override budgetRefused(_edge: number, now: number): void {
    if (this.due !== NONE) this.models[this.audit.outboundOf(this.due)]?.refused(now);
    this.due = NONE;
  }

  override send({ call: { id: call }, id: attempt, number }: AttemptRow, _endpoint: number, now: number): void {
    if (call !== this.due || number === 1) return;
    this.due = NONE;
    const lack = this.models[this.audit.outboundOf(call)]?.granted(now, RetryCause.none) ?? null;
    if (lack !== null) this.audit.report('retry-budget', { call, attempt, decision: `a hedge was sent with ${lack.replace('retries', 'hedges')}` });
  }
}
