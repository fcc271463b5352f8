/** What `src/traffic/faker.ts` is in a browser: part of the bundle. */
import type { Faker } from '@faker-js/faker';
import { faker } from '@faker-js/faker/locale/en';

export function sharedFaker(): Faker {
  return faker;
}
