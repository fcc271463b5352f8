/**
 * Breaks the engine of the process, and of each of its threads, that is started with `NODE_OPTIONS=--import=FILE`, FILE being this one as it is built, and the name of the
 * defect in the environment.
 */
import { breakIt } from './break.ts';
import { DEFECTS } from './defects.ts';

const name = process.env['MESHSIM_TEST_DEFECT'] ?? '';
const defect = DEFECTS[name];
if (defect === undefined) throw new Error(`no defect is called \`${name}\``);
breakIt(defect.breaks);
