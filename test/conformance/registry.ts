/** All topics: one line an area. */
import type { Topics } from './topic.ts';
import { later } from './topics/later.ts';
import { locality } from './topics/locality.ts';
import { weights } from './topics/weights.ts';

export const topics: Topics = { ...later, ...locality, ...weights };
