import type { OptionSpecs } from '../../model/kind.ts';

/** Adaptive throttling (Site Reliability Engineering, chapter 21): refuse locally with probability (requests - k x accepts) / (requests + 1). */
export const googleSreOptions: OptionSpecs = {
  k: { type: 'number', min: 1, default: 2, doc: 'Requests let through per accepted one; lower is more aggressive.' },
  window: { type: 'duration', min: 1e9, default: 120e9, doc: 'How far back requests and accepts are counted.' },
};
