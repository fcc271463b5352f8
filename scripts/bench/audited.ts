/** One run under invariants or without, in a process of its own: `node audited.js NAME REQUESTS [audited]` prints ns of processor time a request. */
import { parseScenario } from '../../src/index.ts';
import { INVARIANT_NAMES } from '../../src/invariant/registry.ts';
import { carryOut, resultOf } from '../../src/run/carry-out.ts';
import { raiseInliningBudget } from '../../src/run/inlining.ts';
import { collectLittleAndAlone } from '../../src/run/collector.ts';
import { tierUpLater } from '../../src/run/tier-up.ts';
import { scenarioOf, WORKLOADS } from './workloads.ts';

const [name, requests, mode] = process.argv.slice(2);
const { plan } = parseScenario(scenarioOf(WORKLOADS.find((workload) => workload.name === name)!, Number(requests)));
// As `meshsim run` does.
raiseInliningBudget();
collectLittleAndAlone();
tierUpLater();
const before = process.cpuUsage();
resultOf(carryOut(plan!, plan!.seed, undefined, mode === 'audited' ? { invariants: INVARIANT_NAMES } : {}), { resolved: null, sha256: '' }); // one of ours, which is valid
const { user, system } = process.cpuUsage(before);
process.stdout.write(String(((user + system) * 1000) / Number(requests)));
