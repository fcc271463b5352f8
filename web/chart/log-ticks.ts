/** Ticks of logarithmic axes: 1 to 9 times powers of ten, and which of them have room for a word. */
import type uPlot from 'uplot';

export function logSplits(_: uPlot, __: number, low: number, high: number): number[] {
  const splits: number[] = [];
  for (let decade = Math.floor(Math.log10(low)); decade <= Math.log10(high); decade++) {
    // By its text, since ten to a negative power is no exact number.
    for (let lead = 1; lead < 10; lead++) splits.push(Number(`${lead}e${decade}`));
  }
  return splits.filter((value) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9));
}

/** Widths of the range from which only powers of ten are told. */
const WIDE = 2000;

/** 1, 2 and 5. @param isNarrow  there is little room */
export function leads(splits: readonly number[], isNarrow = false): (number | null)[] {
  const isWide = isNarrow || (splits.length > 0 && splits.at(-1)! / splits[0]! > WIDE);
  return splits.map((value) => {
    const lead = Number(value.toExponential(3).slice(0, 5));
    return lead === 1 || (!isWide && (lead === 2 || lead === 5)) ? value : null;
  });
}
