/**
 * When V8 compiles code for speed, and what it knows by then.
 *
 * Functions note what they meet from their first call on. By default they begin after some calls, so that what happens first and then seldom
 * (a table grows, a budget closes a slice, a run ends) is unknown to the compiled code, which is thrown away when it comes again: once in
 * each worker, and when its second run begins. 7 % of the processor time of eight runs of bench W3 with half a million requests on two threads,
 * together with code that has no way of its own for what is seldom; 14 % of a run of W4 with 100,000.
 *
 * Until then code runs in what Sparkplug makes of it at its first call, twice as fast as the interpreter, in which it would stay otherwise: the
 * step from one to the other is taken where functions begin to note what they meet.
 *
 * How much code has to run before it is compiled. By default that is so soon that what a run meets seldom (a time-out, a
 * step of the series, its end) has not happened yet, and code compiled without it is thrown away and compiled again. With twice
 * the default, and Sparkplug: half a million requests of bench W3 in 269 ms, were 304 with four times the default and without; W2 206 instead
 * of 214, 60,000 of W4 324 instead of 345; 4 % of the processor time of eight runs of W3 on two threads. As often as by default W3 takes 287.
 * Since V8 12 (Node 22) there is a compiler in between, and none of it has been measured. Settings of the whole process, like the inlining budget.
 */
import { setFlagsFromString } from 'node:v8';

const FIRST_WITHOUT = 12;

export function tierUpLater(): void {
  if (Number.parseInt(process.versions.v8, 10) >= FIRST_WITHOUT) return;
  setFlagsFromString('--no-lazy-feedback-allocation');
  setFlagsFromString('--always-sparkplug');
  setFlagsFromString('--interrupt-budget=135168');
}
