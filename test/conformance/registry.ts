/** All topics: one line an area. */
import type { Topics } from './topic.ts';
import { later } from './topics/later.ts';

export const topics: Topics = { ...later };
