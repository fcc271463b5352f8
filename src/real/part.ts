/**
 * A mesh may be spread over threads, so that callers and servers do not share one event loop. A part is a whole world that hosts some of
 * the endpoints: their servers, their stations, and the calls that these make. The first part has the sources of requests,
 * and all endpoints where it is the only one. What a policy knows is known to one caller endpoint, and what an endpoint
 * must know of a request comes in headers; so parts have nothing to tell each other but their ports, and when to begin and to end.
 */
import type { EndpointId } from '../model/ids.ts';
import type { Plan } from '../model/plan.ts';

export interface Part {
  readonly index: number;
  /** Of the mesh, 1 or more. */
  readonly parts: number;
}

export const WHOLE: Part = { index: 0, parts: 1 };

export function hasTraffic({ index }: Part): boolean {
  return index === 0;
}

/** Replicas in turn, so that every service is spread evenly. */
export function hosts({ index, parts }: Part, endpoint: EndpointId): boolean {
  return index === (parts === 1 ? 0 : 1 + (endpoint % (parts - 1)));
}

/** Whether the calls of this caller of the edge begin in the part. */
export function hostsCaller(part: Part, { edges, services }: Plan, edge: number, caller: number): boolean {
  const { kind, index } = edges[edge]!.from;
  return kind === 'traffic' ? hasTraffic(part) : hosts(part, services[index]!.firstEndpoint + caller);
}

/** Where endpoints listen; 0 where nobody does. */
export interface Ports {
  readonly http1: readonly number[];
  readonly http2: readonly number[];
}

/** How the parts of a mesh come together. */
export interface Meeting {
  /** This part listens. @returns the ports of the whole mesh, by endpoint */
  listens(own: Ports): Promise<Ports>;
  /** Its sockets are open. @returns when the run begins, as `process.hrtime` counts */
  isReady(): Promise<bigint>;
  /**
   * It has stopped, and does not look at its sockets any more; nor do the others when this resolves.
   * @param isComplete  false when it was stopped before the end
   */
  isOver(isComplete: boolean): Promise<void>;
}

/** Of a part that is the whole mesh. */
export const ALONE: Meeting = {
  listens: (own) => Promise.resolve(own),
  isReady: () => Promise.resolve(process.hrtime.bigint()),
  isOver: () => Promise.resolve(),
};
