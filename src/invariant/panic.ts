/**
 * Where too few endpoints are usable their caller panics and uses all of them, as Envoy does (load_balancer_impl.cc,
 * `isHostSetInPanic` and `recalculatePerPriorityPanic`, 1.38): the share in whole percent is below the threshold, cut to whole
 * percent, and those that are left could not take all the load by the overprovisioning factor of 1.4. Priorities and zones panic each
 * by itself, of which no book tells.
 */
import type { AttemptRow, CallRow } from '../engine/calls.ts';
import { Check } from './invariant.ts';
import type { Audit } from './audit.ts';

const OVERPROVISIONING_PERCENT = 140;

export class Panic extends Check {
  static for(audit: Audit): readonly Panic[] {
    return audit.holdsAny ? [new Panic(audit)] : [];
  }

  override sentBeside({ call, id, outbound: { index } }: AttemptRow): void {
    this.look(index, call.id, id);
  }

  override foundNobody({ attempts, backend, id: call, outbound }: CallRow): void {
    const { audit } = this;
    const { index, failfast } = backend ?? outbound;
    // A split may have found no backend, and who waited has waited in vain.
    if (outbound.route !== null || failfast !== null || audit.policies[index]!.locality.mode !== 'none') return;
    this.look(index, call, undefined);
    if (audit.holdings.panics[index] === 1 && attempts === 0) audit.report('panic-below-threshold', { call, outbound: index, decision: 'it was refused for want of an endpoint, while its caller panics and uses all of them' });
  }

  private look(outbound: number, call: number, attempt: number | undefined): void {
    const { audit } = this;
    const { heldCounts, panics, unknownCounts } = audit.holdings;
    const { locality, panicThreshold } = audit.policies[outbound]!;
    if (locality.mode !== 'none' || unknownCounts[outbound] !== 0) return;
    const size = audit.sizeOf(outbound);
    const ready = size - heldCounts[outbound]!;
    const mustPanic = OVERPROVISIONING_PERCENT * ready < 100 * size && (100 * ready) / size < Math.floor(panicThreshold * 100 + 1e-9);
    if (mustPanic === (panics[outbound] === 1)) return;
    const decision = `${ready} of ${size} endpoints are usable, the threshold is ${panicThreshold * 100} %, and the caller ${mustPanic ? 'does not panic' : 'panics'}`;
    audit.report('panic-below-threshold', { call, outbound, decision, ...(attempt === undefined ? {} : { attempt }) });
  }
}
