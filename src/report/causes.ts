/** Why requests failed, as shares that add up to the total they stand beside. */
import type { OutcomeName } from '../model/outcome.ts';
import type { Metrics } from '../result/result.ts';
import * as format from './format.ts';
import type { Figure } from './summary.ts';

export const CAUSE_WORDS: Readonly<Record<OutcomeName, string>> = {
  ok: 'ok',
  error: 'HTTP error',
  timeout: 'timeout',
  reset: 'reset',
  connectFailure: 'connect failure',
  overflow: 'overflow',
  noEndpoint: 'no endpoint',
  rejected: 'rejected',
  rateLimited: 'rate limited',
  breakerOpen: 'breaker open',
  denied: 'denied',
  unroutable: 'unroutable',
  unfinished: 'unfinished',
};

export interface Cause {
  readonly outcome: OutcomeName;
  readonly count: number;
  /** Percent of requests, as text; the shares of one list add up to `total` to the last digit. */
  readonly share: string;
}

/**
 * Largest first. Each share is rounded so that they sum to the rounded total (largest remainder),
 * which plain rounding does not do.
 */
export function causesOf({ causes, requests, failed }: Metrics): { readonly total: string; readonly causes: readonly Cause[] } {
  // JSON keys are outcome names by the result's contract.
  const counted = (Object.entries(causes) as [OutcomeName, number][])
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a);
  if (requests === 0 || failed === 0) return { total: '0', causes: [] };

  const decimals = format.percentDecimals(failed / requests);
  const unit = 10 ** decimals;
  const exact = counted.map(([, count]) => (count / requests) * 100 * unit);
  const floors = exact.map(Math.floor);
  const whole = Math.round((failed / requests) * 100 * unit);
  let missing = whole - floors.reduce((sum, value) => sum + value, 0);
  const byRemainder = exact.map((value, i) => [value - floors[i]!, i] as const).sort(([a], [b]) => b - a);
  for (const [, i] of byRemainder) {
    if (missing-- <= 0) break;
    floors[i]!++;
  }
  return {
    total: (whole / unit).toFixed(decimals),
    causes: counted.map(([outcome, count], i) => ({ outcome, count, share: (floors[i]! / unit).toFixed(decimals) })),
  };
}

/** All causes where there is room, else the largest and how much the others come to. */
export function errorsFigure(totals: Metrics): Figure {
  const { total, causes } = causesOf(totals);
  if (causes.length === 0) return { title: 'ERRORS', versions: [totals.requests > 0 ? '0%' : format.NOTHING] };
  const decimals = total.split('.')[1]?.length ?? 0;
  const version = (named: number): string => {
    const rest = causes.slice(named);
    const others = rest.reduce((sum, { share }) => sum + Number(share), 0).toFixed(decimals);
    const texts = causes.slice(0, named).map(({ outcome, share }) => `${CAUSE_WORDS[outcome]} ${share}`);
    return `${total}%  =  ${[...texts, ...(rest.length > 0 ? [`${rest.length} other ${others}`] : [])].join(' · ')}`;
  };
  return { title: 'ERRORS', tone: 'warn', versions: causes.map((_, i) => version(causes.length - i)) };
}
