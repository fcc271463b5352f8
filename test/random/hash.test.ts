import { describe, expect, it } from 'vitest';
import { Draw, Stream, attemptKey, hashText } from '../../src/random/hash.ts';
import { Sequence } from '../../src/random/sequence.ts';

const stream = new Stream(7, 'test');

function wordsAt(keyHi: number, keyLo: number, of: Stream = stream): readonly [number, number] {
  const draw = new Draw();
  draw.seek(of, keyHi, keyLo);
  return [draw.hi, draw.lo];
}

function unitAt(keyHi: number, keyLo: number, of: Stream = stream): number {
  const draw = new Draw();
  draw.seek(of, keyHi, keyLo);
  return draw.unit();
}

function bitsOf(word: number): number {
  let count = 0;
  for (let rest = word >>> 0; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Largest |count - n/cells| in standard deviations of a fair draw. */
function worstCell(counts: readonly number[], n: number): number {
  const p = 1 / counts.length;
  return Math.max(...counts.map((count) => Math.abs(count - n * p) / Math.sqrt(n * p * (1 - p))));
}

function correlation(xs: readonly number[], ys: readonly number[]): number {
  const n = xs.length;
  const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / n;
  const [mx, my] = [mean(xs), mean(ys)];
  const product = (a: readonly number[], ma: number, b: readonly number[], mb: number): number => a.reduce((sum, value, i) => sum + (value - ma) * (b[i]! - mb), 0);
  return product(xs, mx, ys, my) / Math.sqrt(product(xs, mx, xs, mx) * product(ys, my, ys, my));
}

describe('a draw', () => {
  it('flips every bit with chance one half when any bit of its counter flips', () => {
    const n = 4000;
    // 64 x 64 proportions of n fair coins: five and a half standard deviations hold them all.
    const limit = 5.5 * 0.5 * Math.sqrt(n);
    for (let bit = 0; bit < 64; bit++) {
      const flips = new Array<number>(64).fill(0);
      for (let i = 0; i < n; i++) {
        const before = wordsAt(i >> 6, i);
        const after = bit < 32 ? wordsAt(i >> 6, i ^ (1 << bit)) : wordsAt((i >> 6) ^ (1 << (bit - 32)), i);
        for (let word = 0; word < 2; word++) {
          const difference = before[word]! ^ after[word]!;
          for (let b = 0; b < 32; b++) flips[word * 32 + b]! += (difference >>> b) & 1;
        }
      }
      const worst = Math.max(...flips.map((count) => Math.abs(count - n / 2)));
      expect(worst, `input bit ${bit}`).toBeLessThan(limit);
    }
  });

  it('sets as many bits for small counters as for any', () => {
    const n = 100_000;
    let bits = 0;
    for (let i = 0; i < n; i++) bits += bitsOf(wordsAt(0, i)[0]) + bitsOf(wordsAt(i, 0)[1]);
    expect(Math.abs(bits - 32 * n)).toBeLessThan(5 * Math.sqrt((64 * n) / 4));
  });

  it.each<[string, (i: number) => readonly [number, number]]>([
    ['of request numbers', (i) => [i, 0]],
    ['of low key words', (i) => [0, i]],
    ['of far apart counters', (i) => [Math.imul(i, 65536), i >> 3]],
    ['of later attempts', (i) => [i, attemptKey(0, 2)]],
  ])('is spread evenly over [0, 1) for a run %s', (_, key) => {
    const n = 256_000;
    const counts = new Array<number>(256).fill(0);
    for (let i = 0; i < n; i++) counts[Math.floor(256 * unitAt(...key(i)))]!++;
    expect(worstCell(counts, n)).toBeLessThan(5);
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    // 255 degrees of freedom: mean 255, deviation 22.6.
    expect(Math.abs(chiSquare - 255)).toBeLessThan(5 * 22.6);
  });

  it.each<[string, (i: number) => number]>([
    ['the next request', (i) => unitAt(i + 1, 0)],
    ['the same request from another source', (i) => unitAt(i, 1)],
    ['the second attempt', (i) => unitAt(i, attemptKey(0, 2))],
    ['another purpose', (i) => unitAt(i, 0, new Stream(7, 'other'))],
    ['another seed', (i) => unitAt(i, 0, new Stream(8, 'test'))],
    ['the same draw moved on', (i) => nextUnit(i)],
  ])('knows nothing of %s', (_, neighbour) => {
    const n = 50_000;
    const xs = Array.from({ length: n }, (_item, i) => unitAt(i, 0));
    const ys = Array.from({ length: n }, (_item, i) => neighbour(i));
    expect(Math.abs(correlation(xs, ys))).toBeLessThan(4.5 / Math.sqrt(n));
    const pairs = new Array<number>(64).fill(0);
    for (let i = 0; i < n; i++) pairs[8 * Math.floor(8 * xs[i]!) + Math.floor(8 * ys[i]!)]!++;
    expect(worstCell(pairs, n)).toBeLessThan(5);
  });

  it('never repeats for distinct counters of one stream', () => {
    const seen = new Set<bigint>();
    const n = 200_000;
    for (let i = 0; i < n; i++) {
      const [hi, lo] = wordsAt(i % 512, Math.floor(i / 512));
      seen.add((BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0));
    }
    expect(seen.size).toBe(n);
  });

  it('is the same whenever it is made', () => {
    expect(wordsAt(3, 4)).toEqual(wordsAt(3, 4));
    expect(wordsAt(3, 4, new Stream(7, 'test'))).toEqual(wordsAt(3, 4));
  });

  it('stays inside its intervals at the extremes', () => {
    const draw = new Draw();
    draw.hi = draw.lo = 0;
    expect(draw.unit()).toBe(0);
    expect(draw.open()).toBeGreaterThan(0);
    draw.hi = draw.lo = -1;
    expect(draw.unit()).toBeLessThan(1);
    expect(draw.open()).toBeLessThan(1);
  });
});

describe('a stream', () => {
  it('depends on the whole seed, its name and its index', () => {
    const keys = [new Stream(1, 'a'), new Stream(2, 'a'), new Stream(1 + 2 ** 32, 'a'), new Stream(1, 'b'), new Stream(1, 'aa'), new Stream(1, 'a', 1)].map(({ keyHi, keyLo }) => `${keyHi} ${keyLo}`);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('the hash of a text', () => {
  it('tells short texts apart', () => {
    const texts = Array.from({ length: 20_000 }, (_, i) => `user-${i}`);
    // 20,000 in 2^32: 0.05 collisions are to be expected.
    expect(new Set(texts.map(hashText)).size).toBeGreaterThanOrEqual(texts.length - 2);
  });
});

describe('a sequence', () => {
  it.each([2, 3, 10, 1000])('is spread evenly over %i', (n) => {
    const sequence = new Sequence(stream, 5);
    const draws = 1000 * n;
    const counts = new Array<number>(n).fill(0);
    for (let i = 0; i < draws; i++) counts[sequence.below(n)]!++;
    expect(worstCell(counts, draws)).toBeLessThan(5.2);
  });

  it('is another for another owner, and the same for the same', () => {
    const first = (index: number): number[] => {
      const sequence = new Sequence(stream, index);
      return Array.from({ length: 20 }, () => sequence.word());
    };
    expect(first(1)).toEqual(first(1));
    expect(first(1).filter((word) => first(2).includes(word))).toEqual([]);
  });

  it('draws pairs that know nothing of each other', () => {
    const sequence = new Sequence(stream, 9);
    const n = 50_000;
    const xs = Array.from({ length: n + 1 }, () => sequence.unit());
    expect(Math.abs(correlation(xs.slice(0, n), xs.slice(1)))).toBeLessThan(4.5 / Math.sqrt(n));
  });
});

function nextUnit(i: number): number {
  const draw = new Draw();
  draw.seek(stream, i, 0);
  draw.next();
  return draw.unit();
}
