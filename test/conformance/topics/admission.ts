/** What stands in front of a call: rate limits, throttling, adaptive limits; and what presets fill in. */
import { concurrencyLimitKinds } from '../../../src/engine/admission/concurrency-kinds.ts';
import { AimdLimit } from '../../../src/engine/admission/aimd-limit.ts';
import { type AdaptiveLimit, ConcurrencyGate } from '../../../src/engine/admission/concurrency-gate.ts';
import { EnvoyAdmissionControl } from '../../../src/engine/admission/envoy-admission-control.ts';
import { EnvoyGradient, type EnvoyGradientOptions, gradientOf, limitAfter } from '../../../src/engine/admission/envoy-gradient.ts';
import type { GateDice } from '../../../src/engine/admission/gate.ts';
import { GoogleSre } from '../../../src/engine/admission/google-sre.ts';
import { GradientLimit } from '../../../src/engine/admission/gradient-limit.ts';
import { Gradient2Limit } from '../../../src/engine/admission/gradient2-limit.ts';
import { IdentityRateLimit } from '../../../src/engine/admission/identity-rate-limit.ts';
import { RateLimit } from '../../../src/engine/admission/rate-limit.ts';
import { TokenBucket } from '../../../src/engine/admission/token-bucket.ts';
import { VegasLimit } from '../../../src/engine/admission/vegas-limit.ts';
import { statusOf } from '../../../src/engine/outcome.ts';
import { Outcome } from '../../../src/model/outcome.ts';
import { NS_PER_MS, NS_PER_S, NS_PER_US } from '../../../src/model/units.ts';
import { defaultsOf } from '../../support/defaults.ts';
import type { Input, Topic, Topics } from '../topic.ts';

/** Lets every call in, whatever the probability below 1. */
const lenient: GateDice = { below: (n) => n - 1, unit: () => 1 - 2 ** -32 };

const gradientDefaults = defaultsOf(concurrencyLimitKinds.gradient.options) as unknown as EnvoyGradientOptions;

const adaptiveConcurrency: Topic = {
  run(input) {
    switch (input.op) {
      case 'limit': {
        const gradient = gradientOf(input.min_rtt_us, input.sample_rtt_us, input.buffer_percent / 100);
        return { gradient, new_limit: limitAfter(input.current_limit, gradient, input.min_concurrency, input.max_concurrency_limit) };
      }
      case 'sequence': {
        let limit: number = input.current_limit;
        const limits = input.sample_rtts_us.map((sample: number) => {
          limit = limitAfter(limit, gradientOf(input.min_rtt_us, sample, input.buffer_percent / 100), input.min_concurrency, input.max_concurrency_limit);
          return limit;
        });
        return { limits };
      }
      case 'defaults':
        return gradientDefaultsInEnvoysWords();
      case 'min_rtt_window':
        return minRttWindow(input);
      case 'forward':
        return { forward: input.outstanding.map((outstanding: number) => isForwarded(input.limit, outstanding)) };
      default:
        return null;
    }
  },
};

function gradientDefaultsInEnvoysWords(): object {
  const o = gradientDefaults;
  const gate = new ConcurrencyGate(new EnvoyGradient({ ...o, minConcurrency: 1 }, lenient));
  gate.admit(0);
  return {
    max_concurrency_limit: o.maxConcurrencyLimit,
    request_count: o.minRttRequestCount,
    sample_aggregate_percentile: o.sampleAggregatePercentile * 100,
    jitter_percent: o.minRttJitter * 100,
    min_concurrency: o.minConcurrency,
    buffer_percent: o.minRttBuffer * 100,
    initial_limit: new EnvoyGradient({ ...o, minConcurrency: 17 }, lenient).limit === 17 ? 'min_concurrency' : 'another',
    rejection_status: statusOf(gate.admit(0), 0),
  };
}

/** All at once, then each after its latency: what was let in first, the others one by one. */
function minRttWindow(input: Input): object {
  const gradient = new EnvoyGradient({ ...gradientDefaults, minConcurrency: input.min_concurrency, minRttRequestCount: input.request_count }, lenient);
  const gate = new ConcurrencyGate(gradient);
  const verdicts = Array.from({ length: input.concurrent_requests }, () => gate.admit(0));
  const forwarded = verdicts.filter((verdict) => verdict === Outcome.ok).length;
  let now = 0;
  let closedAfter = 0;
  for (const [i, sample] of input.samples_us.entries()) {
    const begunAt = i < forwarded ? 0 : now;
    if (i >= forwarded) gate.admit(now);
    now = Math.max(now, begunAt + sample * NS_PER_US);
    gate.settled(Outcome.ok, 200, begunAt, now, 1);
    if (!gradient.isMeasuring && closedAfter === 0) closedAfter = i + 1;
  }
  // The test that the case cites reads the gauge `min_rtt_msecs`, whole milliseconds.
  return { forwarded, blocked: verdicts.length - forwarded, min_rtt_us: Math.trunc(gradient.minRttUs / 1000) * 1000, window_closed_after_samples: closedAfter };
}

function isForwarded(limit: number, outstanding: number): boolean {
  const adaptive = { limit: outstanding, advance: () => {}, learn: () => {} } satisfies AdaptiveLimit;
  const gate = new ConcurrencyGate(adaptive);
  for (let i = 0; i < outstanding; i++) gate.admit(0);
  adaptive.limit = limit;
  return gate.admit(0) === Outcome.ok;
}

const admissionControl: Topic = {
  run(input) {
    const dice: GateDice = { ...lenient, below: (n) => Number(BigInt(input.random ?? 0) % BigInt(n)) };
    const control = new EnvoyAdmissionControl(
      {
        samplingWindow: (input.sampling_window_s ?? 30) * NS_PER_S,
        srThreshold: (input.sr_threshold ?? 95) / 100,
        aggression: input.aggression ?? 1,
        rpsThreshold: 0,
        maxRejectionProbability: (input.max_rejection_probability ?? 80) / 100,
      },
      dice,
    );
    for (let i = 0; i < input.requests; i++) {
      const isSuccess = i < (input.successes ?? input.requests);
      control.settled(isSuccess ? Outcome.ok : Outcome.error, isSuccess ? 200 : 500, 0, 0);
    }
    switch (input.op) {
      case 'probability':
        return { probability: control.probability() };
      case 'reject':
        return { reject: control.admit(0) !== Outcome.ok };
      case 'rps':
        return { average_rps: control.averageRps(input.oldest_sample_age_s * NS_PER_S) };
      default:
        return null;
    }
  },
};

const tokenBucket: Topic = {
  run(input) {
    if (input.op === 'bucket') {
      const bucket = new TokenBucket(input.fill_rate, input.max_tokens);
      return { consumed: input.steps.map((step: Input) => (bucket.take(step.consume, step.at_ms * NS_PER_MS) ? step.consume : 0)) };
    }
    const perSecond = (input.tokens_per_fill / input.fill_interval_ms) * 1000;
    const limit = new RateLimit(perSecond, input.max_tokens);
    return { allowed: input.request_times_ms.map((at: number) => limit.admit(at * NS_PER_MS) === Outcome.ok) };
  },
};

const localRateLimit: Topic = {
  awaits: 'limits of the called side',
  run({ config, requests }) {
    const limit = new IdentityRateLimit({ total: config.total ?? null, perIdentity: config.per_identity ?? null, overrides: new Map(Object.entries(config.overrides ?? {})) });
    return { results: requests.map((request: Input) => limit.check(request.identity, request.t_ms * NS_PER_MS)) };
  },
};

const adaptiveThrottling: Topic = {
  tolerance: { relative: 0, absolute: 1e-12 },
  run(input) {
    const throttle = new GoogleSre(input.K, (input.window_ms ?? 120_000) * NS_PER_MS, lenient);
    const events: Input[] = input.events ?? Array.from({ length: input.requests }, (_, i) => ({ t_ms: 0, accepted: i < input.accepts }));
    for (const { t_ms, accepted } of events) {
      const at = t_ms * NS_PER_MS;
      throttle.admit(at);
      throttle.settled(accepted ? Outcome.ok : Outcome.rejected, accepted ? 200 : 503, at, at);
    }
    const now = (input.now_ms ?? 0) * NS_PER_MS;
    return { p: throttle.probability(now), requests: throttle.requests(now), accepts: throttle.accepts(now) };
  },
};

const vegas: Topic = {
  run({ config, samples }) {
    const dice: GateDice = { ...lenient, unit: () => config.probe_jitter * 2 - 1 };
    const limit = new VegasLimit({ initialLimit: config.initial, maxLimit: config.max, smoothing: config.smoothing, probeMultiplier: config.probe_multiplier, decrease: config.decrease }, dice);
    const after = sampled(samples, limit, () => ({ limit: limit.limit, estimate: limit.estimate }));
    return { limits: after.map((state) => state.limit), estimates: after.map((state) => state.estimate) };
  },
};

const gradient: Topic = {
  run({ config, samples }) {
    const limit = new GradientLimit(
      { initialLimit: config.initial, minLimit: config.min, maxLimit: config.max, smoothing: config.smoothing, rttTolerance: config.tolerance, backoffRatio: config.backoff, probeInterval: Infinity },
      lenient,
    );
    return { after_each: sampled(samples, limit, () => ({ limit: limit.limit, estimate: limit.estimate })) };
  },
};

const gradient2: Topic = {
  run({ config, samples }) {
    const limit = new Gradient2Limit({
      initialLimit: config.initial, minLimit: config.min, maxLimit: config.max, smoothing: config.smoothing, queueSize: config.queue, longWindow: config.long_window, rttTolerance: config.tolerance,
    });
    return { after_each: sampled(samples, limit, () => ({ limit: limit.limit, estimate: limit.estimate, long_rtt: limit.longRtt })) };
  },
};

const aimd: Topic = {
  run({ config, samples }) {
    const limit = new AimdLimit({ initialLimit: config.initial, minLimit: config.min, maxLimit: config.max, backoffRatio: config.backoff, timeout: config.timeout_ns });
    return { limits: sampled(samples, limit, () => limit.limit) };
  },
};

function sampled<State>(samples: readonly Input[], limit: { sample(rttNs: number, inFlight: number, isDropped: boolean): void }, state: () => State): State[] {
  return samples.map(({ rtt, inflight, drop }) => {
    limit.sample(rtt, inflight, drop ?? false);
    return state();
  });
}

export const admission: Topics = {
  'envoy/adaptive_concurrency': adaptiveConcurrency,
  'envoy/admission_control': admissionControl,
  'envoy/token_bucket': tokenBucket,
  'linkerd/local_rate_limit': localRateLimit,
  'other/adaptive_throttling': adaptiveThrottling,
  'other/vegas_limit': vegas,
  'other/gradient_limit': gradient,
  'other/gradient2_limit': gradient2,
  'other/aimd_limit': aimd,
};
