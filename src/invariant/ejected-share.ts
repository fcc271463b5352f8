/**
 * How many endpoints outlier detection may take out of use. Envoy (outlier_detection_impl.cc, `ejectHost`, 1.38): the share after the
 * ejection is at most the maximum, or it is the only one and `always_eject_one_host` is set. gRPC (A50): the share before it is below
 * the maximum, so that one is always possible unless the maximum is 0.
 */
import { Holder } from '../engine/breaker/readiness.ts';
import { percentOf } from '../engine/outlier/statistics.ts';
import { Check } from './invariant.ts';

export class EjectedShare extends Check {
  override ejected(edge: number, caller: number, endpoint: number, _now: number, holder: Holder): void {
    if (holder !== Holder.outlierDetection) return;
    const { audit } = this;
    const outbound = audit.outboundAt(edge, caller);
    const options = audit.policies[outbound]!.outlierDetection!; // who ejects has the policy
    // The holdings have counted this one.
    const after = audit.holdings.ejectedCounts[outbound]!;
    const size = audit.sizeOf(outbound);
    const maxPercent = percentOf(Number(options['maxEjectionPercent']));
    const isAllowed = options['dialect'] === 'grpc' ? (100 * (after - 1)) / size < maxPercent : (100 * after) / size <= maxPercent || (options['alwaysEjectOneHost'] === true && after === 1);
    if (isAllowed) return;
    const name = audit.nameOfPlace(audit.placeAt(outbound, endpoint));
    audit.report('ejected-share', { outbound, decision: `${name} was ejected, which makes ${after} of ${size}, and at most ${maxPercent} % may be` });
  }
}
