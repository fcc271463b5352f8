/** The command line over an engine that is broken, in a process of its own. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

const MAIN = resolve('dist/src/cli/main.js');
const SWITCH = resolve('dist/test/support/broken-engine/switched-on.js');

export interface Ended {
  readonly code: number;
  readonly out: string;
  /** Of all its threads. */
  readonly wallS: number;
  readonly userS: number;
}

/** @param node  the binary that runs it */
export function meshsim(defect: string, words: readonly string[], node: string = process.execPath): Promise<Ended> {
  const env = { PATH: process.env['PATH'] ?? '', NODE_OPTIONS: `--import=${SWITCH}`, MESHSIM_TEST_DEFECT: defect, TIMEFORMAT: '%R %U' };
  return new Promise((done, failed) => {
    // What a child has used of the processor, the shell alone tells.
    execFile('bash', ['-c', 'time "$@"', 'bash', node, MAIN, ...words], { env, maxBuffer: 2 ** 28 }, (error, out, err) => {
      const code = error === null ? 0 : Number(error.code);
      const [wallS, userS] = err.trimEnd().split('\n').at(-1)!.split(' ').map(Number);
      if (wallS === undefined || userS === undefined || Number.isNaN(wallS)) failed(new Error(`meshsim ${words.join(' ')} (${defect}): ${err}`));
      else done({ code, out, wallS, userS });
    });
  });
}
