/** Where attempts go at all: a service that splits its calls over others has edges and endpoints of its own that nobody uses. */
import type { EdgeId } from './ids.ts';
import type { Plan } from './plan.ts';

/** Whether attempts are sent on the edge itself. */
export function isSentOn({ edges }: Pick<Plan, 'edges'>, edge: EdgeId): boolean {
  const { split } = edges[edge]!;
  return split === null || split.backends.some((backend) => backend.edge === edge && backend.weight > 0);
}

/** Whether attempts may come to the endpoints of the service. */
export function isSentTo(plan: Pick<Plan, 'edges'>, service: number): boolean {
  return plan.edges.some(({ to }, edge) => to === service && isSentOn(plan, edge));
}
