import type { Kind, OptionSpecs } from '../../model/kind.ts';

/** A second copy of a slow attempt; the first answer wins. Defaults: Dean and Barroso, The Tail at Scale (CACM 2013), about 5 % extra load; `onPerTryTimeout` is Envoy's `hedge_on_per_try_timeout`. */
export const hedgeOptions: OptionSpecs = {
  after: { type: 'duration', min: 0, infinite: 'none', doc: 'Silence after which another attempt is sent; `none` where only the per-try timeout hedges.' },
  max: { type: 'integer', min: 1, max: 4, default: 1, doc: 'Copies beside the first attempt.' },
  budget: { type: 'ratio', default: 0.05, doc: 'Hedges per call, in the long run.' },
  onPerTryTimeout: { type: 'boolean', default: false, doc: 'The per-try timeout asks for a retry and gives up nothing; the first good answer wins. Limits, budget and methods are those of `retries`.' },
};

export const hedgeKind: Kind = {
  doc: 'Another copy of a call that has no answer yet; the first good answer wins, and the others are cancelled.',
  copies: "Dean and Barroso, The Tail at Scale (CACM 2013), and Finagle's backup requests; what a failure does is gRPC's (proposal A6); `onPerTryTimeout` is Envoy 1.38 `hedge_on_per_try_timeout`",
  options: hedgeOptions,
  differences: [
    'The delay is fixed; Finagle takes a quantile of recent latency.',
    "A failure that `retries.on` names (`5xx` without retries) sends the next copy at once; servers cannot ask for a wait (`grpc-retry-pushback-ms`).",
    'The budget is a share of the calls of the last ten seconds, without the reserve that Finagle adds.',
  ],
};
