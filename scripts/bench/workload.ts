/** One measurement in a process of its own: `node workload.js NAME REQUESTS`, one line of JSON. */
import { parseScenario, simulate } from '../../src/index.ts';
import { raiseInliningBudget } from '../../src/run/inlining.ts';
import { collectLittleAndAlone } from '../../src/run/collector.ts';
import { tierUpLater } from '../../src/run/tier-up.ts';
import { WORKLOADS, scenarioOf } from './workloads.ts';

const [name, requests] = process.argv.slice(2);
const workload = WORKLOADS.find((candidate) => candidate.name === name);
if (workload === undefined) throw new Error(`no workload ${name}`);
const { plan, problems } = parseScenario(scenarioOf(workload, Number(requests)));
if (plan === null) throw new Error(problems.map(({ message }) => message).join('\n'));

// As `meshsim run` does.
raiseInliningBudget();
collectLittleAndAlone();
tierUpLater();
const startedAt = performance.now();
const result = simulate(plan);
const seconds = (performance.now() - startedAt) / 1000;
const { totals, env } = result;
process.stdout.write(
  JSON.stringify({
    nsPerRequest: (seconds * 1e9) / totals.requests,
    eventsPerSecond: env.events / seconds,
    peakMb: process.resourceUsage().maxRSS / 1024,
    digest: result.digest,
  }),
);
