/** How much longer a run takes under all invariants, by processor time: in turn, because machines are noisy and noise is common to both. */
import { execFileSync } from 'node:child_process';
import { median } from 'simple-statistics';

const WORKLOADS_AUDITED = ['W3', 'W5'];
const REQUESTS = 2_000_000;

export function invariantCosts(rounds: number): string {
  const costs = WORKLOADS_AUDITED.map((name) => {
    const ratios = Array.from({ length: rounds }, () => nsOf(name, 'audited') / nsOf(name, 'plain'));
    return `${name} ${(100 * (median(ratios) - 1)).toFixed(0)} %`;
  });
  return `--invariants, more processor time for ${REQUESTS.toLocaleString('en')} requests: ${costs.join(', ')}`;
}

function nsOf(name: string, mode: string): number {
  return Number(execFileSync(process.execPath, [new URL('./audited.js', import.meta.url).pathname, name, String(REQUESTS), mode], { encoding: 'utf8' }));
}
