/**
 * Seeds of replications: independent runs of one scenario. Replication 0 has the scenario's own seed, so that one replication is
 * today's single run; the others are keyed draws, so the seed of the 7th is the same however many there are.
 */
import { Draw, Stream } from './hash.ts';

/** Below 2^48, so that a person can give it back as `--seed`, which takes 15 digits. */
const HIGH_BITS = 16;

/** @param replication  from 0 */
export function replicationSeed(seed: number, replication: number): number {
  if (replication === 0) return seed;
  const draw = new Draw();
  draw.seek(new Stream(seed, 'replication'), 0, replication);
  return (draw.hi >>> (32 - HIGH_BITS)) * 2 ** 32 + (draw.lo >>> 0);
}
