/** What makes the gates of a policy, one line a kind; descriptions are in *-kinds.ts and *-options.ts. */
import type { Chosen, OptionValues } from '../../model/kind.ts';
import type { PolicyPlan } from '../../model/plan.ts';
import type { AdmissionName } from './admission-kinds.ts';
import { AimdLimit, type AimdOptions } from './aimd-limit.ts';
import { type AdaptiveLimit, ConcurrencyGate } from './concurrency-gate.ts';
import type { ConcurrencyLimitName } from './concurrency-kinds.ts';
import { EnvoyAdmissionControl, type EnvoyAdmissionOptions } from './envoy-admission-control.ts';
import { EnvoyGradient, type EnvoyGradientOptions } from './envoy-gradient.ts';
import type { CallGate, GateDice } from './gate.ts';
import { GateRow } from './gate-row.ts';
import { GoogleSre } from './google-sre.ts';
import { GradientLimit, type GradientOptions } from './gradient-limit.ts';
import { Gradient2Limit, type Gradient2Options } from './gradient2-limit.ts';
import { RateLimit } from './rate-limit.ts';
import { NetflixLimit, type SampledLimit, type WindowOptions } from './sampled-limit.ts';
import { VegasLimit, type VegasOptions } from './vegas-limit.ts';

/**
 * The gates that a policy asks for, in the order in which a call meets them; null for none.
 * @param breaker  that of the whole service
 */
export function createGates(policy: PolicyPlan, breaker: CallGate | null, dice: GateDice): GateRow | null {
  const { rateLimit, admission, concurrencyLimit } = policy;
  const gates = [
    ...(rateLimit === null ? [] : [createRateLimit(rateLimit)]),
    ...(breaker === null ? [] : [breaker]),
    ...(admission === null ? [] : [createThrottle(admission, dice)]),
    ...(concurrencyLimit === null ? [] : [createConcurrencyLimit(concurrencyLimit, dice)]),
  ];
  return gates.length === 0 ? null : new GateRow(gates);
}

// The scenario has checked the options against their descriptions.

const throttles: { readonly [Name in AdmissionName]: (options: OptionValues, dice: GateDice) => CallGate } = {
  googleSre: ({ k, window }, dice) => new GoogleSre(Number(k), Number(window), dice),
  envoyAdmissionControl: (options, dice) => new EnvoyAdmissionControl(options as unknown as EnvoyAdmissionOptions, dice),
};

const limits: { readonly [Name in ConcurrencyLimitName]: (options: OptionValues, dice: GateDice) => AdaptiveLimit } = {
  gradient: (options, dice) => new EnvoyGradient(options as unknown as EnvoyGradientOptions, dice),
  gradient1: (options, dice) => windowed(new GradientLimit(options as unknown as GradientOptions, dice), options),
  gradient2: (options) => windowed(new Gradient2Limit(options as unknown as Gradient2Options), options),
  vegas: (options, dice) => windowed(new VegasLimit(options as unknown as VegasOptions, dice), options),
  aimd: (options) => windowed(new AimdLimit(options as unknown as AimdOptions), options),
};

function createRateLimit({ rate, burst }: OptionValues): CallGate {
  return new RateLimit(Number(rate), Number(burst));
}

function createThrottle({ kind, options }: Chosen, dice: GateDice): CallGate {
  return throttles[kind as AdmissionName](options, dice);
}

function createConcurrencyLimit({ kind, options }: Chosen, dice: GateDice): CallGate {
  return new ConcurrencyGate(limits[kind as ConcurrencyLimitName](options, dice));
}

function windowed(limit: SampledLimit, options: OptionValues): AdaptiveLimit {
  return new NetflixLimit(limit, options as unknown as WindowOptions);
}
