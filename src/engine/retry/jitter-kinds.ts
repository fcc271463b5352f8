/** How the wait before the n-th retry (n from 0) is drawn; `step` is min(max, base x multiplier^n), the multiplier 2 where it is no option. */
import type { Kind, OptionSpec } from '../../model/kind.ts';

const AWS = 'the AWS Architecture Blog, Exponential Backoff and Jitter (2015)';

const multiplier = (byDefault: number): OptionSpec => ({ type: 'number', min: 1, max: 100, default: byDefault, doc: 'By how much each step is longer than the one before.' });
const jitterRatio = (byDefault: number): OptionSpec => ({ type: 'number', min: 0, max: 100, default: byDefault, doc: 'Size of the random part, as a share of the step.' });

export type JitterName = 'full' | 'equal' | 'decorrelated' | 'none' | 'envoy' | 'envoyDocumented' | 'linkerd' | 'grpc' | 'proportional';

export const jitterKinds: Readonly<Record<JitterName, Kind>> = {
  full: { doc: 'Uniform from 0 to the step.', copies: AWS, options: {} },
  equal: { doc: 'Half the step, plus uniform up to the other half.', copies: AWS, options: {} },
  decorrelated: { doc: 'Uniform from base to three times the previous wait, at most max.', copies: AWS, options: {} },
  none: { doc: 'The step itself.', options: {} },
  envoy: {
    doc: 'Whole milliseconds below the step, uniform; the step becomes max once it reaches half of it.',
    copies: 'Envoy 1.38 `JitteredExponentialBackOffStrategy`',
    options: {},
  },
  envoyDocumented: {
    doc: 'Whole milliseconds below (2^(n+1) - 1) x base, uniform, at most max: what the documentation says and releases up to 1.15 did.',
    copies: 'Envoy 1.15 `JitteredBackOffStrategy`',
    options: {},
  },
  linkerd: {
    doc: 'The step, plus uniform up to jitterRatio of it, at most max; seconds and the rest of the step are multiplied and cut apart.',
    copies: 'Linkerd 2 (linkerd2-proxy `linkerd/exp-backoff`, August 2026)',
    options: { jitterRatio: jitterRatio(1) },
  },
  grpc: { doc: 'The step, 20 % more or less; so it may be longer than max.', copies: 'gRPC proposal A6', options: { multiplier: multiplier(2) } },
  proportional: { doc: 'The step, up to jitterRatio of it more or less.', copies: 'Resilience4j 2.x `IntervalFunction`', options: { multiplier: multiplier(1.5), jitterRatio: { ...jitterRatio(0.5), max: 1 } as OptionSpec } },
};
