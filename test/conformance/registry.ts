/** All topics: one line an area. */
import type { Topics } from './topic.ts';
import { breakers } from './topics/breakers.ts';
import { later } from './topics/later.ts';
import { locality } from './topics/locality.ts';
import { weights } from './topics/weights.ts';

export const topics: Topics = { ...breakers, ...later, ...locality, ...weights };
