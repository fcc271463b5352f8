/**
 * The jobs of a station, a row of 128 bytes each in one buffer that two views share: times in ns
 * `times[(id << TIME_SHIFT) | place]`, the rest `fields[(id << FIELD_SHIFT) | place]`. A time in a field of an object would
 * be a heap object of its own: with thousands of jobs in flight a visit would wait for three times as many
 * cache lines (bench W5). What every job needs is in the first half of the row.
 */
export const JobTime = {
  shift: 4,
  arrived: 0,
  started: 1,
  /** When its work, or while it is queued its patience, is over. */
  due: 2,
  /** When its caller gave up; Infinity while it waits. */
  givenUp: 3,
  /** Time its endpoint had lost to pauses when its work was last scheduled. */
  lostBefore: 8,
  /** Until when somebody waits for it, where endpoints are told. */
  deadline: 9,
} as const;

export const JobField = {
  shift: 5,
  state: 8,
  endpoint: 9,
  /** Neighbours in the queue. */
  next: 10,
  previous: 11,
  tag: 12,
  /** 0 while it is to succeed. */
  failStatus: 13,
  keyHi: 14,
  keyLo: 15,
  hashKey: 20,
  requestClass: 21,
  /** First of its open calls. */
  firstCall: 22,
  /** Steps of the call plan begun. */
  step: 23,
  /** Calls of the present step that are open. */
  pending: 24,
} as const;

/** How many rows to make room for at first. Few, so that the code that makes more has run before it is compiled: else all that it is copied into is thrown away when it runs. */
const ROWS = 16;

export class JobRows {
  times: Float64Array = new Float64Array(ROWS << JobTime.shift);
  fields: Int32Array = new Int32Array(this.times.buffer);

  grow(): void {
    const times = new Float64Array(this.times.length * 2);
    times.set(this.times);
    this.times = times;
    this.fields = new Int32Array(times.buffer);
  }
}
