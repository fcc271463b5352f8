/** What the mesh itself adds to the latency of an open loop: the endpoints take a fixed time, the rest is ours and this machine's. */
import { MeshError } from '../../../src/model/mesh-error.ts';
import { msOf } from '../../../src/model/units.ts';
import { runReal } from '../../../src/run/run.ts';
import { OPEN_LOOP_ENDPOINTS, WORK_MS, openLoop } from './mesh.ts';

export const OPEN_LOOP: string = `open loop, ${OPEN_LOOP_ENDPOINTS} endpoints, ${WORK_MS} ms of work`;

export interface Added {
  /** Of the latency from the intended time, less the work. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** How late requests were sent, and the event loop was. */
  readonly latenessP99Ms: number;
  readonly lagP99Ms: number;
  /** Of this process, while the mesh stood: share of one processor. */
  readonly cpuShare: number;
}

/** Null where the mesh, or this machine, cannot carry so much. */
export async function addedAt(hopsPerSecond: number, seconds: number): Promise<Added | null> {
  try {
    return await measure(hopsPerSecond, seconds);
  } catch (error) {
    if (error instanceof MeshError) return null;
    throw error;
  }
}

async function measure(hopsPerSecond: number, seconds: number): Promise<Added | null> {
  const plan = openLoop(hopsPerSecond, seconds);
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const { real, totals } = await runReal(plan);
  const { system, user } = process.cpuUsage(cpu);
  if (totals.failed > 0) return null;
  return {
    p50Ms: totals.latencyMs.p50! - WORK_MS,
    p99Ms: totals.latencyMs.p99! - WORK_MS,
    latenessP99Ms: real!.latenessMs.p99!,
    lagP99Ms: real!.loopLagMs.p99!,
    cpuShare: msOf((system + user) * 1e3) / (performance.now() - startedAt),
  };
}
