import type { OptionProblem, OptionSpecs, OptionValues } from '../../model/kind.ts';
import { boundedLoad, hashOn } from './hash-options.ts';

/** A ring of hashed endpoint names (Envoy RING_HASH, 1.38; gRPC `ring_hash`: `members: all` and `maxRingSize: 4096`). */
export const ringHashOptions: OptionSpecs = {
  hashOn,
  minRingSize: { type: 'integer', min: 1, max: 8388608, default: 1024, doc: 'Entries of the ring, at least.' },
  maxRingSize: { type: 'integer', min: 1, max: 8388608, default: 8388608, doc: 'Entries of the ring, at most.' },
  hashFunction: { type: 'choice', values: ['xxHash', 'murmur2'], default: 'xxHash', doc: 'xxHash: xxHash64. murmur2: 64-bit MurmurHash2 (Envoy `MURMUR_HASH_2`).' },
  members: { type: 'choice', values: ['ready', 'all'], default: 'ready', doc: 'ready: the ring has the ready endpoints and is laid anew when they change, as in Envoy. all: it has all endpoints, and a call passes over those that are not ready, as in gRPC.' },
  boundedLoad,
  overflow: { type: 'choice', values: ['shuffled', 'clockwise'], default: 'shuffled', doc: 'Where a call goes that its endpoint has no room for. shuffled: through all endpoints in an order that depends on the hash, as in Envoy. clockwise: to the next on the ring with room, as published.' },
};

export function ringHashProblem({ minRingSize, maxRingSize }: OptionValues): OptionProblem | null {
  return Number(minRingSize) <= Number(maxRingSize) ? null : { key: 'maxRingSize', message: `a ring of at least ${minRingSize} entries (\`minRingSize\`) cannot have at most ${maxRingSize}`, hint: 'raise it, or lower `minRingSize`' };
}
