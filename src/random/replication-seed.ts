/**
 * Seeds of replications: independent runs of one scenario. Replication 0 has the scenario's own seed, so that one replication is
 * today's single run; the others are keyed draws, so the seed of the 7th is the same however many there are.
 */
import { Draw, Stream } from './hash.ts';

/** @param replication  from 0 */
export function replicationSeed(seed: number, replication: number): number {
  return replication === 0 ? seed : keyedSeed(seed, 'replication', replication);
}

/** Of the runs that find the warm-up, and count for nothing else. @param pilot  from 0 */
export function pilotSeed(seed: number, pilot: number): number {
  return keyedSeed(seed, 'pilot', pilot);
}

/** Below 2^48, so that a person can give it back as `--seed`, which takes 15 digits. */
function keyedSeed(seed: number, purpose: string, index: number): number {
  const draw = new Draw();
  draw.seek(new Stream(seed, purpose), 0, index);
  return (draw.hi >>> 16) * 2 ** 32 + (draw.lo >>> 0);
}
