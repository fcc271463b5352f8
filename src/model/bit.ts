/**
 * 1 or 0 without a branch: the operator takes a boolean for the number it stands for. For choices that are a coin's toss, which a
 * processor guesses wrong half of the time: `second + ((first - second) & -bit(isFirst))`.
 */
export function bit(condition: boolean): number {
  return (condition as unknown as number) | 0;
}
