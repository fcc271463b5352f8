/** All topics: one line an area. */
import type { Topics } from './topic.ts';
import { later } from './topics/later.ts';
import { weights } from './topics/weights.ts';

export const topics: Topics = { ...later, ...weights };
