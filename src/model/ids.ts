/**
 * Handles are small non-negative integers into tables of columns, branded so that two swapped
 * arguments do not compile. `as` casts to a brand happen only where a table hands the index out.
 */
declare const brand: unique symbol;
type Handle<Name extends string> = number & { readonly [brand]?: Name };

/** Index into `Plan.services`. */
export type ServiceId = Handle<'service'>;
/** Index over all endpoints of all services: `ServicePlan.firstEndpoint + replica`. */
export type EndpointId = Handle<'endpoint'>;
/** Index into `Plan.edges`. */
export type EdgeId = Handle<'edge'>;
/** Row of the engine's call table; reused after the call has settled. */
export type CallId = Handle<'call'>;
/** Row of the engine's attempt table; reused after the world has answered the attempt. */
export type AttemptId = Handle<'attempt'>;
/** A timer the engine owns; see `engine/timers.ts` for how kind and subject are packed. */
export type TimerId = Handle<'timer'>;

/** No such row. */
export const NONE = -1;
