/** All topics: one line an area. */
import type { Topics } from './topic.ts';
import { breakers } from './topics/breakers.ts';
import { later } from './topics/later.ts';

export const topics: Topics = { ...breakers, ...later };
