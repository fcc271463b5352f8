/**
 * The priorities of a service's zones for a caller, as Istio 1.32 (86c9f01) gives them to Envoy for locality failover
 * (other-policies.md I): the caller's own zone first unless its `order` names it, then the zones in order, then all
 * others together. Priorities without endpoints do not exist.
 */

/**
 * @param order  zones, for callers of this zone
 * @param zones  of the endpoints
 * @returns the zones of each priority
 */
export function prioritiesOf(ownZone: number, order: readonly number[], zones: readonly number[]): number[][] {
  const present = new Set(zones);
  const preferred = (order.includes(ownZone) ? order : [ownZone, ...order]).filter((zone) => present.delete(zone));
  const others = [...present].sort((a, b) => a - b);
  return [...preferred.map((zone) => [zone]), ...(others.length === 0 ? [] : [others])];
}
