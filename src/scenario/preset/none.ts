import type { Preset } from './preset.ts';

/** Nothing is filled in: each key has the default that the schema gives it, and a part that is absent is off. */
export const none: Preset = {
  doc: 'nothing is filled in; a part that is absent is off',
  sets: {},
};
