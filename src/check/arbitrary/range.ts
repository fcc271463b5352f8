/** How many of something are drawn, fewest and most. */
export type Range = readonly [number, number];

/**
 * @param instead  what it may be else, in words
 * @throws Error for what is no range of whole numbers from `least` on
 */
export function checkedRange(name: string, range: Range, least: number, instead: string = ''): Range {
  const isRange = Array.isArray(range) && range.length === 2 && range.every((end) => Number.isSafeInteger(end) && end >= least) && range[0] <= range[1];
  if (!isRange) throw new Error(`\`${name}\` is ${instead}the fewest and the most, whole numbers from ${least} on such as [${least}, ${least + 2}], and ${JSON.stringify(range)} is not`);
  return range;
}
