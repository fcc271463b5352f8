/** Whether a run is the same each time: the test of policies that come as code. */
import type { Result } from '../result/result.ts';

/**
 * Runs twice, and compares. Code that decides by what is not its run's (a counter outside of its factory, I/O, `crypto`) shows here.
 *
 * @param run  such as `() => simulateAsync(plan, { policies })`
 * @returns what both runs gave
 * @throws Error that says from when on they differ
 */
export async function repeatable(run: () => Result | Promise<Result>): Promise<Result> {
  const one = await run();
  const other = await run();
  if (one.digest === other.digest) return one;
  const step = one.series.requests.findIndex((requests, i) => requests !== other.series.requests[i] || one.series.failed[i] !== other.series.failed[i]);
  const since = step < 0 ? '' : `, at the latest from ${(step * one.series.stepMs) / 1000} s on`;
  throw new Error(`two runs of one seed differ${since}: a policy decides by something that is not given by its run (digests ${one.digest} and ${other.digest})`);
}
