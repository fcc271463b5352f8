/** What one turn of one candidate came to. */
import { NS_PER_MS } from '../../../src/model/units.ts';
import type { Histogram } from '../../../src/stats/histogram.ts';

export interface Measured {
  readonly requestsPerSecond: number;
  /** Of the client's process, user and system, us a request. */
  readonly cpuUs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export function measuredOf(latencyNs: Histogram, seconds: number, cpu: NodeJS.CpuUsage): Measured {
  const [p50, p99] = latencyNs.percentiles([0.5, 0.99]);
  return {
    requestsPerSecond: latencyNs.count / seconds,
    cpuUs: (cpu.user + cpu.system) / latencyNs.count,
    p50Ms: p50! / NS_PER_MS,
    p99Ms: p99! / NS_PER_MS,
  };
}
