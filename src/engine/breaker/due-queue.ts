/**
 * When each endpoint's next own event is due: a binary heap over endpoints, so that a breaker with many endpoints
 * needs one timer. Ties go to the lower endpoint.
 */
export class DueQueue {
  /** Infinity where nothing is due. */
  private readonly dueAt: Float64Array;
  private readonly heap: Int32Array;
  /** Place in `heap`, -1 for none. */
  private readonly places: Int32Array;
  private count: number = 0;

  constructor(size: number) {
    this.dueAt = new Float64Array(size).fill(Infinity);
    this.heap = new Int32Array(size);
    this.places = new Int32Array(size).fill(-1);
  }

  /** The earliest time; Infinity when nothing is due at all. */
  get nextAt(): number {
    return this.count === 0 ? Infinity : this.dueAt[this.heap[0]!]!;
  }

  /** Whose it is; only while `nextAt` is finite. */
  get first(): number {
    return this.heap[0]!;
  }

  at(endpoint: number): number {
    return this.dueAt[endpoint]!;
  }

  /** Infinity takes it out. */
  set(endpoint: number, dueAt: number): void {
    this.dueAt[endpoint] = dueAt;
    const place = this.places[endpoint]!;
    if (dueAt === Infinity) {
      if (place >= 0) this.remove(place);
      return;
    }
    if (place < 0) this.rise(this.count++, endpoint);
    else {
      this.rise(place, endpoint);
      this.sink(this.places[endpoint]!, endpoint);
    }
  }

  private remove(place: number): void {
    this.places[this.heap[place]!] = -1;
    const last = this.heap[--this.count]!;
    if (place === this.count) return;
    this.rise(place, last);
    this.sink(this.places[last]!, last);
  }

  private rise(from: number, endpoint: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!this.isBefore(endpoint, this.heap[above]!)) break;
      this.put(place, this.heap[above]!);
      place = above;
    }
    this.put(place, endpoint);
  }

  private sink(from: number, endpoint: number): void {
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= this.count) break;
      if (below + 1 < this.count && this.isBefore(this.heap[below + 1]!, this.heap[below]!)) below++;
      if (!this.isBefore(this.heap[below]!, endpoint)) break;
      this.put(place, this.heap[below]!);
      place = below;
    }
    this.put(place, endpoint);
  }

  private put(place: number, endpoint: number): void {
    this.heap[place] = endpoint;
    this.places[endpoint] = place;
  }

  private isBefore(a: number, b: number): boolean {
    return this.dueAt[a]! < this.dueAt[b]! || (this.dueAt[a]! === this.dueAt[b]! && a < b);
  }
}
