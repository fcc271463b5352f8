/** All topics: one line an area. */
import type { Topics } from './topic.ts';
import { later } from './topics/later.ts';
import { retries } from './topics/retries.ts';

export const topics: Topics = { ...later, ...retries };
