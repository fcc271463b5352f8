/**
 * How much of what a hot function calls V8 copies into it. The engine is many short functions, and the default budget
 * (920 bytes of bytecode) is used up half way through a request: 10 % of bench W2, 15 % of W3 and W4; a larger one than this
 * costs memory and gains nothing. The setting is for the whole process, so only who runs
 * many in threads and processes that are ours change it; `simulate` called from elsewhere runs with what it finds.
 */
import { setFlagsFromString } from 'node:v8';

export function raiseInliningBudget(): void {
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=3000');
}
