import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MersenneTwister } from '../../src/random/mersenne-twister.ts';
import { murmurHash2 } from '../../src/random/murmur-hash.ts';
import { remainder, Word64 } from '../../src/random/word64.ts';
import { xxHash64 } from '../../src/random/xx-hash.ts';

const MASK = 2n ** 64n - 1n;
const bigOf = ({ hi, lo }: { readonly hi: number; readonly lo: number }): bigint => (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
const wordOf = (value: bigint): [number, number] => [Number(value >> 32n), Number(value & 0xffffffffn)];
const wide = fc.bigInt({ min: 0n, max: MASK });

describe('64-bit words', () => {
  it('do as BigInt does modulo 2^64', () => {
    fc.assert(
      fc.property(wide, wide, fc.integer({ min: 1, max: 31 }), fc.integer({ min: 1, max: 63 }), (a, b, turn, bits) => {
        const word = (): Word64 => new Word64().set(...wordOf(a));
        expect(bigOf(word().add(...wordOf(b)))).toBe((a + b) & MASK);
        expect(bigOf(word().times(...wordOf(b)))).toBe((a * b) & MASK);
        expect(bigOf(word().xor(...wordOf(b)))).toBe(a ^ b);
        expect(bigOf(word().rotate(turn))).toBe(((a << BigInt(turn)) | (a >> BigInt(64 - turn))) & MASK);
        expect(bigOf(word().fold(bits))).toBe(a ^ (a >> BigInt(bits)));
      }),
      { numRuns: 2000 },
    );
  });

  it('leave the remainder that BigInt leaves', () => {
    fc.assert(fc.property(wide, fc.integer({ min: 1, max: 2 ** 37 - 1 }), (a, n) => void expect(remainder(...wordOf(a), n)).toBe(Number(a % BigInt(n)))), { numRuns: 2000 });
  });
});

describe('hashes', () => {
  it.each([
    // cespare/xxhash: xxhash_test.go; the last one takes a whole stripe.
    ['', 0, 0xef46db3751d8e999n],
    ['a', 0, 0xd24ec4f1a98c6e5bn],
    ['abc', 0, 0x44bc2cf5ad770999n],
    ['Call me Ishmael. Some years ago--never mind how long precisely-', 0, 0x02a2e85470d6fd96n],
  ])('xxHash64 of %j with seed %i', (text, seed, expected) => {
    expect(bigOf(xxHash64(text, seed, new Word64()))).toBe(expected);
  });

  it('are of UTF-8 bytes, whatever was in the word before', () => {
    const used = new Word64().set(1, 2);
    expect(bigOf(xxHash64('é', 0, used))).toBe(bigOf(xxHash64('é', 0, new Word64())));
    expect(bigOf(murmurHash2('é', used))).toBe(bigOf(murmurHash2('é', new Word64())));
  });
});

describe('the Mersenne twister', () => {
  // The C++ standard, [rand.predef]: the 10000th word after the default seed.
  it('gives the words of std::mt19937, also after another seed', () => {
    const random = new MersenneTwister();
    random.seed(1);
    for (let i = 0; i < 1000; i++) random.word();
    random.seed(5489);
    for (let i = 1; i < 10_000; i++) random.word();
    expect(random.word()).toBe(4123659995);
  });
});
