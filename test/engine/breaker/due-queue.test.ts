import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DueQueue } from '../../../src/engine/breaker/due-queue.ts';

it('knows the earliest of all times, whatever was set and taken out before', () => {
  const change = fc.record({ endpoint: fc.nat(9), due: fc.oneof(fc.nat(20), fc.constant(Infinity)) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 80 }), (changes) => {
      const queue = new DueQueue(10);
      const model = Array.from({ length: 10 }, () => Infinity);
      for (const { endpoint, due } of changes) {
        queue.set(endpoint, due);
        model[endpoint] = due;
        const earliest = Math.min(...model);
        expect(queue.nextAt).toBe(earliest);
        if (earliest !== Infinity) expect(queue.first).toBe(model.indexOf(earliest));
      }
    }),
  );
});
