/** How near to its time something happens that was meant for a time, and what waiting for it costs. */
import { NS_PER_MS } from '../../../src/model/units.ts';
import { Alarm } from '../../../src/real/alarm.ts';
import { Clock } from '../../../src/real/clock.ts';

export interface Precision {
  /** Against the time meant, us; below 0 is early. */
  readonly minUs: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Processor time for each wait, us. */
  readonly cpuUs: number;
}

/** Waits for so many ms, and rings. */
type Wait = (ms: number, ring: () => void) => void;

/** Of 1 to 20 ms with fractions, one after the other: a second and a half. */
const WAITS = 150;

export const TIMERS: Readonly<Record<string, () => Wait>> = {
  'setTimeout alone': () => (ms, ring) => setTimeout(ring, ms),
  'setTimeout, then setImmediate': () => {
    const clock = new Clock(1);
    clock.start(process.hrtime.bigint());
    let due = 0;
    let ring = (): void => undefined;
    const alarm = new Alarm(clock, () => (clock.msUntil(due) > 0 ? alarm.set(due) : ring()));
    return (ms, then) => {
      ring = then;
      due = clock.now() + ms * NS_PER_MS;
      alarm.set(due);
    };
  },
};

export async function precisionOf(wait: Wait): Promise<Precision> {
  const errorsUs: number[] = [];
  const cpu = process.cpuUsage();
  for (let i = 0; i < WAITS; i++) {
    const ms = 1 + ((i * 7.13) % 19);
    const meantFor = performance.now() + ms;
    await new Promise<void>((resolve) => wait(ms, () => {
      errorsUs.push((performance.now() - meantFor) * 1000);
      resolve();
    }));
  }
  const { system, user } = process.cpuUsage(cpu);
  const sorted = errorsUs.sort((a, b) => a - b);
  const at = (p: number): number => sorted[Math.ceil(p * sorted.length) - 1]!;
  return { minUs: sorted[0]!, p50Us: at(0.5), p99Us: at(0.99), cpuUs: (system + user) / WAITS };
}
