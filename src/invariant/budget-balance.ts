import type { CallRow } from '../engine/calls.ts';
import type { Audit } from './audit.ts';
import { Check } from './invariant.ts';

/** What a budget has left once it has paid for a retry. A share of what is in flight may shrink below what it has granted. */
export class BudgetBalance extends Check {
  static for(audit: Audit): readonly BudgetBalance[] {
    return audit.policies.some(({ retries }) => retries !== null && retries.budget !== null && retries.budget.kind !== 'concurrency') ? [new BudgetBalance(audit)] : [];
  }

  override granted({ id: call, outbound: { budget, index } }: CallRow): void {
    const kind = this.audit.policies[index]!.retries!.budget?.kind; // who retries has the policy
    if (budget === null || kind === 'concurrency' || budget.balance >= 0) return;
    this.audit.report('budget-not-negative', { call, outbound: index, decision: `a retry was granted, and left ${budget.balance} in the budget` });
  }
}
