/**
 * What one caller endpoint knows of the endpoints of one service: who is ready, how many attempts it has
 * in flight to each, and whether so few are ready that all are used (panic). Balancers pick from
 * `list[0..count)`, which is kept in the service's order, as Envoy keeps its healthy hosts; it changes
 * only when readiness does, so a pick never scans.
 *
 * A part of a set (one priority, one locality) has a list of its own over the columns of the whole.
 */
import { NOT_CONSTANT } from '../model/columns.ts';

/** Envoy's default overprovisioning factor, percent: with so much more than is needed nobody panics. */
const OVERPROVISIONING = 140;

const NOBODY: Int32Array = new Int32Array(0);

export class EndpointSet {
  readonly size: number;
  readonly weights: Float64Array;
  /** Of the endpoints in `list`. */
  weightsEqual: boolean;
  /** Attempts of this caller in flight, by endpoint. */
  readonly active: Int32Array;
  /**
   * When each endpoint was added or, where health is checked, last passed a check after failing, ns. All are there at the
   * start. Who checks health writes it before `setReady`; the end of an ejection does not count (envoy.md 6).
   */
  readonly joinedAt: Float64Array;
  /** Sum of `active`. */
  activeTotal: number = 0;
  /** Endpoints that a pick may take. */
  list: Int32Array = NOBODY;
  count: number = NOT_CONSTANT;
  panic: boolean = false;
  /** Grows with each change of `list`. */
  version: number = 0;
  /** Whether `weightsEqual` can ever be false. */
  readonly hasWeights: boolean;
  /** Endpoints that may ever be in the list. */
  readonly members: Int32Array;
  private readonly ready: Int32Array;
  private readonly unready: Uint8Array;
  private readonly panicBelow: number;

  /**
   * @param panicThreshold  0..1; truncated to whole percent and compared strictly, as Envoy does
   *                        (load_balancer_impl.cc, `isHostSetInPanic`)
   */
  constructor(weights: ArrayLike<number>, panicThreshold: number, whole: EndpointSet | null = null, members: Int32Array | null = null) {
    this.size = weights.length;
    this.weights = whole?.weights ?? Float64Array.from(weights);
    this.active = whole?.active ?? new Int32Array(this.size);
    this.joinedAt = whole?.joinedAt ?? new Float64Array(this.size);
    this.unready = whole?.unready ?? new Uint8Array(this.size);
    this.members = members ?? Int32Array.from(this.weights, (_, i) => i);
    this.ready = this.members.slice();
    this.list = this.members;
    this.count = this.members.length;
    this.weightsEqual = this.areWeightsEqual();
    this.hasWeights = !this.weightsEqual;
    this.panicBelow = Math.floor(panicThreshold * 100 + 1e-9);
  }

  isReady(endpoint: number): boolean {
    return this.unready[endpoint] === 0;
  }

  /** Whether it is in `list`. */
  mayPick(endpoint: number): boolean {
    return this.panic || this.unready[endpoint] === 0;
  }

  /** True when the panic state changed. */
  setReady(endpoint: number, ready: boolean): boolean {
    this.unready[endpoint] = ready ? 0 : 1;
    const readyCount = this.gatherReady();
    const wasPanic = this.panic;
    const { length } = this.members;
    // No panic while the ready ones could serve it all (load_balancer_impl.cc, `recalculatePerPriorityPanic`).
    this.panic = OVERPROVISIONING * readyCount < 100 * length && (100 * readyCount) / length < this.panicBelow;
    this.show(this.panic ? this.members : this.ready, this.panic ? length : readyCount);
    return this.panic !== wasPanic;
  }

  /**
   * Some of the endpoints, under a list of their own: all of them at first, those ready after `refresh`. Its `activeTotal`
   * is what its owner last copied from the whole.
   * @param panic  whether the list is to be all of them for good
   */
  part(members: Int32Array, panic: boolean): EndpointSet {
    const part = new EndpointSet(this.weights, 0, this, members);
    part.panic = panic;
    return part;
  }

  /** Of a part: the readiness of some endpoint has changed, perhaps of one of its own. */
  refresh(): void {
    if (this.panic) this.version++;
    else this.show(this.ready, this.gatherReady());
  }

  private gatherReady(): number {
    const { members, ready, unready } = this;
    let count = 0;
    for (let i = 0; i < members.length; i++) if (unready[members[i]!] === 0) ready[count++] = members[i]!;
    return count;
  }

  private show(list: Int32Array, count: number): void {
    this.list = list;
    this.count = count;
    if (this.hasWeights) this.weightsEqual = this.areWeightsEqual();
    this.version++;
  }

  private areWeightsEqual(): boolean {
    const { list, count, weights } = this;
    for (let i = 1; i < count; i++) if (weights[list[i]!] !== weights[list[0]!]) return false;
    return true;
  }
}
