/** What the docs say of retries as a whole; their options are read by the schema of policies. */
import type { Kind } from '../../model/kind.ts';

export const retryKind: Pick<Kind, 'copies' | 'differences' | 'doc'> = {
  doc: 'Another attempt where one failed.',
  copies:
    "Envoy 1.38 `retry_policy` in its conditions and in the order of its decisions; gRPC's names (A6) and Linkerd 2's two systems of retries are made of `on`, `backoff`, `budget`, `maxBody` and `lastTryTimeout`. Of the words, `failfast` is Linkerd's, `timeout` and `overload` are ours",
  differences: [
    'Answers have no headers and no `grpc-status`: words that look at them retry nothing, and no server asks for a wait (`Retry-After`, `grpc-retry-pushback-ms`).',
    '`avoidPrevious` keeps off the one endpoint tried last, always while another is ready; Envoy keeps off all that the call has tried, draws again a few times and then takes what it drew.',
    'Status 425 is retried like any other; Envoy does so only where the request was not early data.',
    "gRPC's transparent retries are not modelled.",
  ],
};
