/** Growing of columns by doubling, sending many of them at once, the free list that hands out their rows, and what fields of rows begin with. */

/**
 * What a field that holds times begins with. V8 fixes how a field is kept by what it sees first; one that begins
 * with a small whole number changes shape when it outgrows 2^31 ns, and all compiled code that touches it is
 * thrown away in the middle of the run.
 */
export const DOUBLE: number = NaN;

/**
 * What a field begins with that is set once when its object is made and again only late in a run. V8 takes a field that was
 * never set to another value for a constant, and throws away all compiled code that relies on it when it is.
 */
export const NOT_CONSTANT: number = -1;

export function doubled<Column extends Float64Array | Int32Array | Uint8Array>(from: Column): Column {
  // The constructor of a typed array makes one of the same type.
  const to = new (from.constructor as new (length: number) => Column)(from.length * 2);
  to.set(from);
  return to;
}

/**
 * The same values side by side in one buffer, which goes from thread to thread as one: with hundreds of buffers of their own their collection takes
 * the receiver more time than all that it does with them.
 */
export function together<Column extends Float64Array | Uint32Array>(columns: readonly Column[]): Column[] {
  const [first] = columns;
  if (first === undefined) return [];
  // As above.
  const whole = new (first.constructor as new (length: number) => Column)(columns.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  return columns.map((column) => {
    const from = end;
    whole.set(column, from);
    end += column.length;
    return whole.subarray(from, end) as Column; // of the same type
  });
}

/** Rows 0..capacity-1: freed rows are handed out again first, most recent first. */
export class Rows {
  capacity: number;
  /** Rows handed out and not freed. */
  live: number = 0;
  private used: number = 0;
  private free: Int32Array;
  private freeCount: number = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.free = new Int32Array(capacity);
  }

  /** A row, possibly equal to `capacity`: then the owner must grow its columns and call `grown`. */
  take(): number {
    this.live++;
    return this.freeCount > 0 ? this.free[--this.freeCount]! : this.used++;
  }

  release(row: number): void {
    this.live--;
    this.free[this.freeCount++] = row;
  }

  grown(): void {
    this.capacity *= 2;
    this.free = doubled(this.free);
  }

  /** One more than the highest row ever handed out. */
  get end(): number {
    return this.used;
  }
}
