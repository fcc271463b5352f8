/** A client through the engine: balancer, timeouts, retries, outlier detection, as `run --mode real` has them. */
import { RunCounts } from '../../../src/result/counts.ts';
import { RunMeasurements } from '../../../src/result/selections.ts';
import { ALONE, type Ports } from '../../../src/real/part.ts';
import { RealWorld } from '../../../src/real/world.ts';
import { type Measured, measuredOf } from './measured.ts';
import { closedLoop } from './mesh.ts';

/** @param inFlight  requests at once */
export async function throughEngine(ports: Ports, inFlight: number, seconds: number): Promise<Measured> {
  const plan = closedLoop(inFlight, seconds);
  const world = new RealWorld(plan, plan.seed, [], 1, { index: 0, parts: 2 });
  let cpu = process.cpuUsage();
  const isComplete = await world.run(() => true, {
    ...ALONE,
    listens: () => Promise.resolve(ports),
    isReady() {
      cpu = process.cpuUsage();
      return ALONE.isReady();
    },
  });
  cpu = process.cpuUsage(cpu);
  const { latency, failed } = new RunMeasurements(plan, new RunCounts(plan, world.recorder, world.stations, world.log, world.now)).select({});
  if (!isComplete || failed > 0) throw new Error(`${failed} requests through the engine failed`);
  return measuredOf(latency, seconds, cpu);
}
