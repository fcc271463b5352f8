/** What to do about a verification that does not agree. */
import type { Verification } from './verification.ts';

export function distortionAdvice({ distorted, latenessP99Ms, repetitions, rows, timeScale }: Verification): string[] {
  const advice: string[] = [];
  const isLate = rows.some(({ verdict }) => verdict === 'late');
  const isNoisy = rows.some(({ verdict }) => verdict === 'tooNoisy');
  const late = `real runs were up to ${Number(latenessP99Ms.toPrecision(3))} ms late (p99)`;
  if (isLate || (isNoisy && distorted > 0)) {
    advice.push(`inconclusive on this machine: ${late}${distorted > 0 ? `, ${distorted} of ${repetitions} by more than 5 % of their latency p99` : ''}; try --time-scale ${timeScale * 10}, or an idle machine`);
  } else if (isNoisy) advice.push(`real runs lie too far apart to tell; try --reps ${Math.max(2, repetitions) * 3}, or a longer run`);
  if (rows.some(({ verdict }) => verdict === 'differs') && distorted > 0) advice.push(`${late}, which does not explain what differs`);
  return advice;
}
