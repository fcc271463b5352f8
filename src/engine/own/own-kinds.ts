/** How a plan says that a load balancer is code that comes with the run. */
import type { Chosen } from '../../model/kind.ts';

const OWN = 'own';

export function ownBalancer(name: string): Chosen {
  return { kind: OWN, options: { name } };
}

/** The name of the code; null for a balancer of ours. */
export function ownName({ kind, options }: Chosen): string | null {
  return kind === OWN ? String(options['name']) : null;
}
