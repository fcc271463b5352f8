/**
 * What calls are recorded by: the edges of the plan, and behind them each way on which a split sends calls of one edge
 * to another. A call that was split counts for both its edges, and for the service that served it.
 */
import type { CallerPlan, EdgePlan, Plan } from '../model/plan.ts';

export interface Way {
  /** Names of the edges whose figures it is part of. */
  readonly edges: readonly string[];
  readonly from: CallerPlan;
  /** Index of the service that served. */
  readonly to: number;
}

export class Ways {
  readonly list: readonly Way[];
  /** By edge of the call and edge of the backend. */
  private readonly splits: ReadonlyMap<number, ReadonlyMap<number, number>>;

  constructor({ edges }: Plan) {
    const list: Way[] = edges.map(({ name, from, to }) => ({ edges: [name], from, to }));
    this.splits = new Map(
      [...edges.entries()].flatMap(([route, { name, from, split }]) => {
        if (split === null) return [];
        const others = split.backends.filter(({ edge }) => edge !== route);
        return [[route, new Map(others.map(({ edge }) => [edge, list.push(wayOf(name, from, edges[edge]!)) - 1]))] as const];
      }),
    );
    this.list = list;
  }

  /** Of a call on the edge `route` that went, or would have gone, over `backend`. */
  of(route: number, backend: number): number {
    return route === backend ? route : this.splits.get(route)!.get(backend)!;
  }
}

function wayOf(route: string, from: CallerPlan, backend: EdgePlan): Way {
  return { edges: [route, backend.name], from, to: backend.to };
}
