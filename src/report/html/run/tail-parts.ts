/** Words and order of what requests wait for; each with its colour in the style sheet, `--c-part-…`. */
import type { TailPart } from '../../../result/result.ts';

export const PART_WORDS: Readonly<Record<TailPart, string>> = {
  service: 'service', queue: 'queue', network: 'network', connection: 'connection', ready: 'no endpoint ready', backoff: 'backoff', timedOut: 'attempt that timed out', hedgeWait: 'hedge wait',
};

export const PARTS: readonly TailPart[] = Object.keys(PART_WORDS) as TailPart[];
