/**
 * Cuts the measured window where a fault begins or ends. Stretches during which the same faults are on (and
 * the same are over) share one segment, so a fault that flaps a hundred times costs two, not two hundred.
 */
import type { Plan } from '../model/plan.ts';

export class Segments {
  readonly count: number;
  private readonly fromNs: number;
  private readonly toNs: number;
  private readonly starts: Float64Array;
  private readonly segmentAt: Int32Array;
  /** Of each segment: which phases it belongs to. */
  private readonly phases: readonly ReadonlySet<string>[];
  private position: number = 0;

  constructor(plan: Plan) {
    this.fromNs = plan.warmupNs;
    this.toNs = plan.durationNs;
    const cuts = new Set([this.fromNs]);
    for (const { windows } of plan.faults) {
      for (const { fromNs, toNs } of windows) {
        for (const cut of [fromNs, toNs]) if (cut > this.fromNs && cut < this.toNs) cuts.add(cut);
      }
    }
    this.starts = Float64Array.from([...cuts].sort((a, b) => a - b));
    const known = new Map<string, number>();
    const phases: ReadonlySet<string>[] = [];
    this.segmentAt = Int32Array.from(this.starts, (start) => {
      const names = phasesAt(plan, start);
      const key = JSON.stringify(names);
      const existing = known.get(key);
      if (existing !== undefined) return existing;
      known.set(key, phases.length);
      return phases.push(new Set(names)) - 1;
    });
    this.phases = phases;
    this.count = phases.length;
  }

  /** Segment of a time that never goes back between calls, or -1 outside the measured window. */
  at(now: number): number {
    if (now < this.fromNs || now >= this.toNs) return -1;
    while (this.position + 1 < this.starts.length && now >= this.starts[this.position + 1]!) this.position++;
    return this.segmentAt[this.position]!;
  }

  /** As `at`, of any time. */
  of(time: number): number {
    if (time < this.fromNs || time >= this.toNs) return -1;
    return this.segmentAt[this.starts.findLastIndex((start) => start <= time)]!;
  }

  /** Adds the part of a stretch that lies in the measured window to `sums`, ns by segment. */
  spread(fromNs: number, toNs: number, sums: Float64Array): void {
    for (let i = 0; i < this.starts.length && this.starts[i]! < toNs; i++) {
      const end = Math.min(toNs, this.starts[i + 1] ?? this.toNs);
      sums[this.segmentAt[i]!]! += Math.max(0, end - Math.max(fromNs, this.starts[i]!));
    }
  }

  /** Whether a segment is part of a phase: a fault's name, or `after:` and its name. */
  has(segment: number, phase: string): boolean {
    return this.phases[segment]!.has(phase);
  }

  /** Time of the window that a segment covers, ns; `until` is where the window really ended. */
  lengthOf(segment: number, until: number): number {
    let length = 0;
    for (let i = 0; i < this.starts.length; i++) {
      if (this.segmentAt[i] !== segment) continue;
      const end = Math.min(until, this.starts[i + 1] ?? this.toNs);
      length += Math.max(0, end - this.starts[i]!);
    }
    return length;
  }
}

function phasesAt(plan: Plan, at: number): string[] {
  return plan.faults.flatMap(({ name, windows }) => {
    const isOn = windows.some(({ fromNs, toNs }) => fromNs <= at && at < toNs);
    // A fault that is only switched by hand has no windows.
    const isOver = windows.length > 0 && at >= windows[windows.length - 1]!.toNs;
    return [...(isOn ? [name] : []), ...(isOver ? [`after:${name}`] : [])];
  });
}
