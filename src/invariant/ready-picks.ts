import type { AttemptRow } from '../engine/calls.ts';
import { Check } from './invariant.ts';

/**
 * No attempt goes to an endpoint that its caller holds to be unusable, unless so few are left that it panics. The one probe that a
 * breaker lets through goes out after the breaker has shut behind it; an attempt that waited for its connection was picked before.
 */
export class ReadyPicks extends Check {
  override sentBeside({ call, id, number, outbound: { index, pools }, pickedAt }: AttemptRow, place: number): void {
    const { audit } = this;
    const { holdings } = audit;
    if (!holdings.isHeld(place) || holdings.panics[index] === 1) return;
    if (holdings.hasJustRefused(place) || (pools !== null && (pickedAt <= holdings.heldSince(place) || pickedAt <= holdings.panickedUntil[index]!))) return;
    audit.report('ready-picks', { call: call.id, attempt: id, outbound: index, decision: `attempt ${number} was sent to ${audit.nameOfPlace(place)}, which is ${holdings.holdersOf(place)}, and there is no panic` });
  }
}
