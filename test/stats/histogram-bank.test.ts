import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HistogramBank } from '../../src/stats/histogram-bank.ts';
import { Histogram } from '../../src/stats/histogram.ts';

/** As coarse as the bank's. */
const BITS = 5;

it('keeps each lane of each row as a histogram of its own would be', () => {
  // Where the bank's buckets are as wide as a histogram's: from 256 ns to 4.8 hours.
  const entry = fc.record({ row: fc.nat(2), lane: fc.nat(1), value: fc.integer({ min: 256, max: 1e13 }) });
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      const bank = new HistogramBank(3, 2);
      for (const { row, lane, value } of entries) bank.record(row, lane, value);
      for (const row of [0, 1, 2]) {
        for (const lane of [0, 1]) {
          const alone = new Histogram(BITS);
          for (const entry of entries) if (entry.row === row && entry.lane === lane) alone.record(entry.value);
          const kept = bank.toHistogram(row, lane);
          expect(kept.toData()).toEqual(alone.toData());
          expect([kept.count, kept.sum, kept.min, kept.max, kept.stddev()]).toEqual([alone.count, alone.sum, alone.min, alone.max, alone.stddev()]);
          expect(bank.countOf(row, lane)).toBe(alone.count);
        }
      }
    }),
  );
});

it('counts beyond 16 bits', () => {
  const bank = new HistogramBank(2, 2);
  for (let i = 0; i < 200_000; i++) bank.record(1, 1, 1e6);
  bank.record(1, 0, 1e6);
  bank.record(0, 1, 1e6);
  expect([0, 1].map((row) => [0, 1].map((lane) => bank.countOf(row, lane)))).toEqual([[0, 1], [1, 200_000]]);
  expect(bank.toHistogram(1, 1).toData().counts).toEqual([200_000]);
});

it('counts beyond 32 bits', () => {
  const bank = new HistogramBank(1, 1);
  for (let i = 0; i < 2 ** 16; i++) bank.record(0, 0, 1e6);
  const [place] = bank['carries'].keys();
  // As if the bucket had been filled so often already, which takes minutes.
  bank['carries'].set(place!, 2 ** 16 - 1);
  for (let i = 0; i < 2 ** 16 + 3; i++) bank.record(0, 0, 1e6);
  expect(bank.toHistogram(0, 0).toData().counts).toEqual([2 ** 32 + 3]);
  expect(bank.countOf(0, 0)).toBe(2 ** 32 + 3);
});

it('puts what is shorter or longer than its range into its end buckets, and keeps the exact extremes', () => {
  const bank = new HistogramBank(1, 1);
  for (const value of [0, 1, 5e14]) bank.record(0, 0, value);
  const kept = bank.toHistogram(0, 0);
  expect(kept.toData().counts).toEqual([2, 1]);
  expect([kept.min, kept.max]).toEqual([0, 5e14]);
});
