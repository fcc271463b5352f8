/** Random numbers that a case gives, in its order. */
import type { Chance } from '../../../src/engine/retry/chance.ts';

/** Numbers in [0, 1). */
export function unitsOf(numbers: readonly number[]): Chance {
  let next = 0;
  const unit = (): number => numbers[next++]!;
  return { unit, below: (n) => Math.floor(unit() * n) };
}

/** Large whole numbers, of which a remainder is taken. */
export function remaindersOf(numbers: readonly number[]): Chance {
  let next = 0;
  return { unit: () => { throw new Error('the case has whole numbers only'); }, below: (n) => numbers[next++]! % n };
}
