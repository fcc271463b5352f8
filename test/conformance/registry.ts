/** All topics: one line an area. */
import type { Topics } from './topic.ts';
import { admission } from './topics/admission.ts';
import { later } from './topics/later.ts';
import { presetTopics } from './topics/presets.ts';

export const topics: Topics = { ...later, ...admission, ...presetTopics };
