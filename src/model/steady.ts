/** How long a run is left alone: from when on the plan itself changes what it asks of the services. */
import type { LoadPlan, Plan } from './plan.ts';

export interface Change {
  readonly atNs: number;
  /** Index of the fault that begins, or of the traffic whose rate changes. */
  readonly what: 'fault' | 'traffic';
  readonly index: number;
}

/** The first fault or change of rate before the end; null without. Recorded arrivals count as steady. */
export function firstChange({ durationNs, faults, traffic }: Plan): Change | null {
  const changes: Change[] = [
    ...faults.map(({ windows }, index) => ({ atNs: windows[0]?.fromNs ?? Infinity, what: 'fault' as const, index })),
    ...traffic.map(({ load }, index) => ({ atNs: changeOf(load), what: 'traffic' as const, index })),
  ];
  return changes.reduce<Change | null>((first, change) => (change.atNs < (first?.atNs ?? durationNs) ? change : first), null);
}

function changeOf(load: LoadPlan): number {
  if (load.kind !== 'open') return Infinity;
  const { profile } = load;
  const next = profile.findIndex(({ ratePerS }, i) => i > 0 && ratePerS !== profile[0]!.ratePerS);
  if (next < 0) return Infinity;
  // A ramp begins where the point before it stands.
  return profile[next]!.step ? profile[next]!.atNs : profile[next - 1]!.atNs;
}
