/** What an engine still counts. Once every call is settled it is nothing at all. */
import { ConcurrencyGate } from '../engine/admission/concurrency-gate.ts';
import type { Engine } from '../engine/engine.ts';

/** In words, to be printed where it is not empty. */
export function leftIn(engine: Engine): string[] {
  return engine['outbounds'].flatMap(({ elsewhere, index, gate, gates, pools, set, unserved }) => {
    const counts: readonly (readonly [what: string, count: number])[] = [
      ['attempts in flight', set.activeTotal],
      ...Array.from(set.active, (active, endpoint) => [`attempts at endpoint ${endpoint}`, active] as const),
      ['attempts elsewhere', elsewhere],
      ['retries at once', gate.active],
      ['attempts without a connection', pools?.pending ?? 0],
      ['attempts on a connection', pools?.active ?? 0],
      ['calls without an endpoint', unserved.size],
      ['calls behind the gates', gates?.inFlight ?? 0],
      ...(gates?.['gates'] ?? []).map((one) => ['calls under a limit', one instanceof ConcurrencyGate ? one['inFlight'] : 0] as const),
    ];
    return counts.filter(([, count]) => count !== 0).map(([what, count]) => `outbound ${index}: ${count} ${what}`);
  });
}
