/** Descriptions of client-side throttling; their code is in registry.ts. */
import type { Kind } from '../../model/kind.ts';

export type AdmissionName = 'googleSre' | 'envoyAdmissionControl';

export const admissionKinds: Readonly<Record<AdmissionName, Kind>> = {
  googleSre: {
    doc: 'Refuses locally with probability (requests - k x accepts) / (requests + 1): the more, the fewer the backend accepts.',
    copies: 'adaptive throttling of Site Reliability Engineering (2016), chapter 21',
    options: {
      k: { type: 'number', min: 1, default: 2, doc: 'Requests let through per accepted one; lower is more aggressive.' },
      window: { type: 'duration', min: 1e9, default: 120e9, doc: 'How far back requests and accepts are counted.' },
    },
    differences: ['The book does not say how the window slides: here in 120 slots, so that up to 1/120 of it more is counted.', 'The book leaves open what the backend accepts: here every answer but 429, 503 and a full queue.'],
  },
  envoyAdmissionControl: {
    doc: 'Refuses locally with probability ((n - successes / srThreshold) / (n + 1))^(1 / aggression): the more, the further the success rate is below a threshold.',
    copies: 'Envoy admission_control (HTTP filter, v3), 1.38',
    options: {
      samplingWindow: { type: 'duration', min: 1e9, default: 30e9, doc: 'How far back answers are counted, cut to whole seconds.' },
      srThreshold: { type: 'ratio', default: 0.95, doc: 'Success rate below which calls are refused; a success is an answer below 500.' },
      aggression: { type: 'number', min: 0, default: 1, doc: 'Higher refuses earlier; below 1 counts as 1.' },
      rpsThreshold: { type: 'integer', min: 0, default: 0, doc: 'Nothing is refused while the average rate of answers, cut to whole calls per second, is below this.' },
      maxRejectionProbability: { type: 'ratio', default: 0.8, doc: 'Highest probability of refusing.' },
    },
    differences: ['Envoy counts for each worker thread; here a caller endpoint is one worker.', 'gRPC statuses and ranges of successful statuses are not modelled: below 500 is a success.'],
  },
};
