/** How much longer a run takes under all invariants, by processor time: in turn, because machines are noisy and noise is common to both. */
import { execFileSync } from 'node:child_process';
import { median } from 'simple-statistics';

/** A request of W4 is seven calls. */
const REQUESTS_AUDITED: Readonly<Record<string, number>> = { W3: 2_000_000, W4: 500_000, W5: 2_000_000 };

export function invariantCosts(rounds: number): string {
  const costs = Object.entries(REQUESTS_AUDITED).map(([name, requests]) => {
    // Who goes first takes turns.
    const ratios = Array.from({ length: rounds }, (_, round) => {
      const modes = round % 2 === 0 ? ['plain', 'audited'] : ['audited', 'plain'];
      const ns = Object.fromEntries(modes.map((mode) => [mode, nsOf(name, requests, mode)]));
      return ns['audited']! / ns['plain']!;
    });
    return `${name} ${(100 * (median(ratios) - 1)).toFixed(0)} % of ${requests.toLocaleString('en')} requests`;
  });
  return `--invariants, more processor time: ${costs.join(', ')}`;
}

function nsOf(name: string, requests: number, mode: string): number {
  return Number(execFileSync(process.execPath, [new URL('./audited.js', import.meta.url).pathname, name, String(requests), mode], { encoding: 'utf8' }));
}
