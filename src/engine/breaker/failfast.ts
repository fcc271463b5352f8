/**
 * Linkerd's balancer queue while no endpoint is ready (linkerd.md 4; linkerd2-proxy
 * `linkerd/proxy/balance/queue/src/{worker,failfast}.rs`): requests wait, in order; the time runs from the first that
 * finds nobody ready. When it is over all who wait fail (504), and whoever comes while still nobody is ready is shed
 * at once (503).
 *
 *   passing   nobody waits --(a request finds nobody ready)--> waiting
 *   waiting   --(an endpoint is ready)--> passing; those who wait go, oldest first --(time over)--> shedding
 *   shedding  --(an endpoint is ready)--> passing
 *
 * The caller asks `arrive` for each request, and keeps a first-in-first-out queue of those told to wait. When an
 * endpoint has become ready it calls `ready` and lets them go while one is; when some are left because the last ready
 * endpoint took its only probe, it calls `stillWaiting`, and the time runs anew.
 */
import type { OptionValues } from '../../model/kind.ts';

export const Wait = {
  /** Go on: an endpoint is ready. */
  none: 0,
  /** In the queue. */
  queued: 1,
  /** Refused with 503, also when the queue is full. */
  shed: 2,
} as const;
export type Wait = (typeof Wait)[keyof typeof Wait];

interface Options {
  readonly timeout: number;
  readonly capacity: number;
}

export class Failfast {
  /** When all who wait fail; Infinity while nobody does. */
  dueAt: number = Infinity;
  /** Whoever comes is refused at once. */
  isShedding: boolean = false;
  private readonly options: Options;

  constructor(options: OptionValues) {
    // The scenario has filled in every option of failfast-options.ts.
    this.options = options as unknown as Options;
  }

  /**
   * @param isReady  whether a pick could take an endpoint
   * @param waiting  requests in the queue
   */
  arrive(isReady: boolean, waiting: number, now: number): Wait {
    if (this.isShedding) return Wait.shed;
    if (isReady && waiting === 0) return Wait.none;
    if (waiting >= this.options.capacity) return Wait.shed;
    if (this.dueAt === Infinity) this.dueAt = now + this.options.timeout;
    return Wait.queued;
  }

  /** An endpoint is ready. */
  ready(): void {
    this.dueAt = Infinity;
    this.isShedding = false;
  }

  /** Some of the queue are left and nobody is ready any more. */
  stillWaiting(now: number): void {
    this.dueAt = now + this.options.timeout;
  }

  /** `dueAt` is reached: the caller fails all who wait with 504. */
  expire(): void {
    this.dueAt = Infinity;
    this.isShedding = true;
  }
}
