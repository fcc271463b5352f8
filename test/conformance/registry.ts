/** All topics: one line an area. */
import type { Topics } from './topic.ts';
import { admission } from './topics/admission.ts';
import { breakers } from './topics/breakers.ts';
import { later } from './topics/later.ts';
import { locality } from './topics/locality.ts';
import { presetTopics } from './topics/presets.ts';
import { retries } from './topics/retries.ts';
import { weights } from './topics/weights.ts';

export const topics: Topics = { ...admission, ...breakers, ...later, ...locality, ...presetTopics, ...retries, ...weights };
