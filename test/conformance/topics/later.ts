/** Topics without an engine feature behind them yet, and what they wait for. */
import type { Topics } from '../topic.ts';

export const later: Topics = {
  'envoy/client_side_wrr': 'weights from endpoint utilisation: stage 2 of the scenario file',
  'envoy/route_matching': 'routes by path and header: stage 2 of the scenario file',
  'grpc/wrr_weights': 'weights from endpoint utilisation: stage 2 of the scenario file',
  'grpc/static_stride': 'weights from endpoint utilisation: stage 2 of the scenario file',
  'grpc/random_subsetting': 'subsets of endpoints: stage 2 of the scenario file',
  'linkerd/authz': 'authorization: stage 2 of the scenario file',
  'linkerd/cert_refresh': 'certificates: stage 2 of the scenario file',
  'linkerd/latency_histogram': 'telemetry buckets: exporters come later',
  'linkerd/route_match': 'routes by path and header: stage 2 of the scenario file',
  'other/adaptive_lifo': 'queue discipline: stage 2 of the scenario file',
  'other/c3_score': 'balancer c3: stage 2 of the scenario file',
  'other/codel_folly': 'queue discipline: stage 2 of the scenario file',
  'other/finagle_deterministic_aperture': 'subsets of endpoints: stage 2 of the scenario file',
  'other/join_idle_queue': 'balancer joinIdleQueue: stage 2 of the scenario file',
  'other/prequal_removal': 'balancer prequal: stage 2 of the scenario file',
  'other/prequal_reuse_budget': 'balancer prequal: stage 2 of the scenario file',
  'other/prequal_select': 'balancer prequal: stage 2 of the scenario file',
};
