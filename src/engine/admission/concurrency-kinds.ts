/** Descriptions of adaptive concurrency limits; their code is in registry.ts. */
import type { Kind, OptionSpecs } from '../../model/kind.ts';

export type ConcurrencyLimitName = 'gradient' | 'gradient1' | 'gradient2' | 'vegas' | 'aimd';

/** Netflix's `WindowedLimit`, which may stand before each of its limits. */
const window: OptionSpecs = {
  window: { type: 'duration', min: 100e6, infinite: 'none', default: Infinity, doc: 'Samples of this long become one: average latency, most calls in flight, whether any was dropped (`WindowedLimit`, which takes 1s); none hands on each.' },
  windowSize: { type: 'integer', min: 10, default: 10, doc: 'Samples a window needs; with fewer it is thrown away.' },
  minRttThreshold: { type: 'duration', min: 0, default: 100e3, doc: 'Shorter latencies do not go into a window.' },
};

const netflixDifferences = ['An answer is a sample; a refusal (429, 503), a timeout or a broken connection is a drop; other errors are not looked at, as in the gRPC client of the library.'];

export const concurrencyLimitKinds: Readonly<Record<ConcurrencyLimitName, Kind>> = {
  gradient: {
    doc: 'Compares a quantile of latency with the latency measured at little load from time to time. Answers that the proxy gives itself (503 or 504) are samples too.',
    copies: 'Envoy adaptive_concurrency (HTTP filter, v3), gradient controller, 1.38',
    options: {
      sampleAggregatePercentile: { type: 'ratio', default: 0.5, doc: 'The quantile that sums up the samples.' },
      concurrencyUpdateInterval: { type: 'duration', min: 1e6, default: 100e6, doc: 'Time between updates of the limit. Envoy requires it; 0.1s is what its documentation shows.' },
      maxConcurrencyLimit: { type: 'integer', min: 1, max: 4294967295, default: 1000, doc: 'Highest limit.' },
      minRttInterval: { type: 'duration', min: 1e6, default: 60e9, doc: 'Time between measurements of the latency without load. Envoy requires it; 60s is what its documentation shows.' },
      minRttRequestCount: { type: 'integer', min: 1, default: 50, doc: 'Answers that a measurement takes.' },
      minRttJitter: { type: 'ratio', default: 0.15, doc: 'Up to this share of minRttInterval is added to it, uniformly.' },
      minRttFixedValue: { type: 'duration', min: 1e3, infinite: 'none', default: Infinity, doc: 'The latency without load, when it shall not be measured.' },
      minConcurrency: { type: 'integer', min: 1, default: 3, doc: 'Lowest limit, and the limit at the start and during a measurement.' },
      minRttBuffer: { type: 'ratio', default: 0.25, doc: 'Share of the latency without load that may come on top of it before the limit shrinks.' },
    },
  },
  gradient1: {
    doc: 'Compares latency with the least one seen; forgets that one every 1000 to 2000 samples.',
    copies: 'Netflix concurrency-limits GradientLimit, 0.5',
    options: {
      initialLimit: { type: 'integer', min: 1, default: 50, doc: 'The limit at the start.' },
      minLimit: { type: 'integer', min: 1, default: 1, doc: 'Lowest limit.' },
      maxLimit: { type: 'integer', min: 1, default: 1000, doc: 'Highest limit (`maxConcurrency`).' },
      smoothing: { type: 'ratio', default: 0.2, doc: 'Share of a new, lower limit that is taken over at once.' },
      rttTolerance: { type: 'number', min: 1, default: 2, doc: 'Latency up to this many times the least one does not shrink the limit.' },
      backoffRatio: { type: 'number', min: 0.5, max: 1, default: 0.9, doc: 'Factor for each drop.' },
      probeInterval: { type: 'integer', min: 1, max: 2147483647, infinite: 'none', default: 1000, doc: 'Samples until the least latency is forgotten, plus up to as many again.' },
      ...window,
    },
    differences: netflixDifferences,
  },
  gradient2: {
    doc: 'Compares latency with its long-term average.',
    copies: 'Netflix concurrency-limits Gradient2Limit, 0.5',
    options: {
      initialLimit: { type: 'integer', min: 1, default: 20, doc: 'The limit at the start.' },
      minLimit: { type: 'integer', min: 1, default: 20, doc: 'Lowest limit.' },
      maxLimit: { type: 'integer', min: 1, default: 200, doc: 'Highest limit (`maxConcurrency`).' },
      smoothing: { type: 'ratio', default: 0.2, doc: 'Share of a new limit that is taken over at once.' },
      queueSize: { type: 'integer', min: 0, default: 4, doc: 'Room for a queue: what the limit grows by while latency is good, before smoothing.' },
      longWindow: { type: 'integer', min: 1, default: 600, doc: 'Samples of the long-term average.' },
      rttTolerance: { type: 'number', min: 1, default: 1.5, doc: 'Latency up to this many times its average does not shrink the limit.' },
      ...window,
    },
    differences: netflixDifferences,
  },
  vegas: {
    doc: 'Estimates the queue from latency and the least latency seen, and keeps it short.',
    copies: 'Netflix concurrency-limits VegasLimit, 0.5',
    options: {
      initialLimit: { type: 'integer', min: 1, default: 20, doc: 'The limit at the start.' },
      maxLimit: { type: 'integer', min: 1, default: 1000, doc: 'Highest limit (`maxConcurrency`).' },
      smoothing: { type: 'ratio', default: 1, doc: 'Share of a new limit that is taken over at once.' },
      probeMultiplier: { type: 'integer', min: 1, default: 30, doc: 'The least latency is measured anew after half to whole of this times the limit samples.' },
      decrease: { type: 'choice', values: ['log10', 'half'], default: 'log10', doc: 'log10: the limit falls by its decimal logarithm, cut to a whole number. half: it halves.' },
      ...window,
    },
    differences: netflixDifferences,
  },
  aimd: {
    doc: 'One more with each good answer while half of the limit is used, a share less with each drop.',
    copies: 'Netflix concurrency-limits AIMDLimit, 0.5',
    options: {
      initialLimit: { type: 'integer', min: 1, default: 20, doc: 'The limit at the start.' },
      minLimit: { type: 'integer', min: 1, default: 20, doc: 'Lowest limit.' },
      maxLimit: { type: 'integer', min: 1, default: 200, doc: 'Highest limit.' },
      backoffRatio: { type: 'number', min: 0.5, max: 0.999, default: 0.9, doc: 'Factor for each drop.' },
      timeout: { type: 'duration', min: 1, default: 5e9, doc: 'An answer that takes longer counts as a drop.' },
      ...window,
    },
    differences: netflixDifferences,
  },
};
