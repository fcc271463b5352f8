/** Time is an integer number of nanoseconds in a double: exact for 104 days. */
export const NS_PER_US = 1e3;
export const NS_PER_MS = 1e6;
export const NS_PER_S = 1e9;

/** Longest duration that stays exact: 2^53 ns, about 104 days. */
export const NS_MAX: number = 2 ** 53;

export function msOf(ns: number): number {
  return ns / NS_PER_MS;
}

export function secondsOf(ns: number): number {
  return ns / NS_PER_S;
}
