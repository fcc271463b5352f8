/** What a request may wait for, as small numbers: places in a row of times. */
import type { TailPart } from '../result/result.ts';

export const Part = { queue: 0, service: 1, network: 2, connection: 3, ready: 4, backoff: 5, timedOut: 6, hedgeWait: 7 } as const;
export type Part = (typeof Part)[keyof typeof Part];

/** By code. */
export const PART_NAMES = Object.keys(Part) as readonly TailPart[] as readonly [TailPart, ...TailPart[]];
export const PART_COUNT: number = PART_NAMES.length;

/** Those that are spent at an endpoint; the others are spent on the way there. */
export function isAtEndpoint(part: Part): boolean {
  return part === Part.queue || part === Part.service || part === Part.timedOut;
}
