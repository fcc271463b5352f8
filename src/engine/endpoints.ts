/**
 * What one caller endpoint knows of the endpoints of one service: who is ready, how many attempts it has
 * in flight to each, and whether so few are ready that all are used (panic). Balancers pick from
 * `list[0..count)`, which is kept in the service's order, as Envoy keeps its healthy hosts; it changes
 * only when readiness does, so a pick never scans.
 */
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
  list: Int32Array;
  count: number;
  panic: boolean = false;
  /** Grows with each change of `list`. */
  version: number = 0;
  /** Whether `weightsEqual` can ever be false. */
  readonly hasWeights: boolean;
  private readonly all: Int32Array;
  private readonly ready: Int32Array;
  private readonly unready: Uint8Array;
  private readonly panicBelow: number;

  /**
   * @param panicThreshold  0..1; truncated to whole percent and compared strictly, as Envoy does
   *                        (load_balancer_impl.cc, `isHostSetInPanic`)
   */
  constructor(weights: readonly number[], panicThreshold: number) {
    this.size = weights.length;
    this.weights = Float64Array.from(weights);
    this.weightsEqual = weights.every((weight) => weight === weights[0]);
    this.hasWeights = !this.weightsEqual;
    this.active = new Int32Array(this.size);
    this.joinedAt = new Float64Array(this.size);
    this.all = Int32Array.from(weights, (_, i) => i);
    this.ready = this.all.slice();
    this.unready = new Uint8Array(this.size);
    this.list = this.all;
    this.count = this.size;
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
    let readyCount = 0;
    for (let i = 0; i < this.size; i++) {
      if (this.unready[i] === 0) this.ready[readyCount++] = i;
    }
    const wasPanic = this.panic;
    this.panic = (100 * readyCount) / this.size < this.panicBelow;
    this.list = this.panic ? this.all : this.ready;
    this.count = this.panic ? this.size : readyCount;
    if (this.hasWeights) this.weightsEqual = this.list.subarray(0, this.count).every((i) => this.weights[i] === this.weights[this.list[0]!]);
    this.version++;
    return this.panic !== wasPanic;
  }
}
