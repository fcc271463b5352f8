/**
 * How much code has to run before V8 compiles it for speed. By default that is so soon that what a run meets seldom (a time-out, a
 * step of the series, its end) has not happened yet, and code compiled without it is thrown away and compiled again. With four times
 * the default a fifth less is compiled, once in each worker: 3 % of the processor time of four runs of bench W3 with half a million
 * requests on two threads, more of shorter ones; with eight times, what waits is slower than what is saved. Since V8 12 (Node 22)
 * there is a compiler in between, and no such flag. A setting of the whole process, like the inlining budget.
 */
import { setFlagsFromString } from 'node:v8';

const FIRST_WITHOUT = 12;

export function tierUpLater(): void {
  if (Number.parseInt(process.versions.v8, 10) < FIRST_WITHOUT) setFlagsFromString('--interrupt-budget=270336');
}
