/**
 * Times of a job, ns: `times[(id << shift) | place]`. Not fields of its row, because each would be a heap object of its
 * own; eight fill one cache line.
 */
export const JobTime = {
  shift: 3,
  arrived: 0,
  started: 1,
  workEnd: 2,
  /** When its caller gave up; Infinity while it waits. */
  givenUp: 3,
  /** Time its endpoint had lost to pauses when its work was last scheduled. */
  lostBefore: 4,
  patienceEnd: 5,
  deadline: 6,
} as const;
