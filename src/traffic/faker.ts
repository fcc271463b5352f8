/**
 * The faker package, loaded on first use and with one language only: 20 ms against 120 ms for the whole of it. A file of its own, because in a
 * browser it comes another way (`web/simulator/faker.ts`).
 */
import { createRequire } from 'node:module';
import type { Faker } from '@faker-js/faker';

export function sharedFaker(): Faker {
  const { faker } = createRequire(import.meta.url)('@faker-js/faker/locale/en') as { readonly faker: Faker };
  return faker;
}
