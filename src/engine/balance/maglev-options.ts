import type { OptionProblem, OptionSpecs, OptionValues } from '../../model/kind.ts';
import { boundedLoad, hashOn } from './hash-options.ts';

/** Maglev's permutation table (Envoy MAGLEV, 1.38). */
export const maglevOptions: OptionSpecs = {
  hashOn,
  tableSize: { type: 'integer', min: 2, max: 5000011, default: 65537, doc: 'Slots of the table; a prime.' },
  boundedLoad,
};

export function maglevProblem({ tableSize }: OptionValues): OptionProblem | null {
  return isPrime(Number(tableSize)) ? null : { key: 'tableSize', message: `a table of ${tableSize} slots cannot be filled: permutations need a prime`, hint: `the next prime is ${nextPrime(Number(tableSize))}` };
}

function isPrime(n: number): boolean {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return n > 1;
}

function nextPrime(n: number): number {
  return isPrime(n) ? n : nextPrime(n + 1);
}
