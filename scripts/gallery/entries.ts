/** What the gallery shows of each shipped scenario: the part of its report that tells the story, and the story in two sentences, their numbers from the result. */
import type { FaultResult, Result } from '../../src/result/result.ts';
import * as format from '../../src/report/format.ts';

export interface Entry {
  /** Of the page. */
  readonly part: string;
  /** Of the heat map, where not the one that it shows first. */
  readonly measure?: string;
  /** What the picture shows, for those who cannot see it. */
  readonly alt: string;
  story(result: Result): string;
}

/** By the name of the scenario. */
export const ENTRIES: Readonly<Record<string, Entry>> = {
  quickstart: {
    part: '.head',
    alt: 'The first screen of a report: the verdict, then goodput, errors, latency, attempts and the busiest endpoint, each with its course',
    story: (result) => `A replica is dead for ${lengthOf(result, 'dead-replica')}, and ${failures(result)}. What went to it is tried again elsewhere, which makes ${format.number(result.totals.amplification)} attempts a request.`,
  },
  'linkerd-2016': {
    part: '#replicas',
    measure: 'share',
    alt: 'A heat map of the share of each replica over time, in which one is left alone while it is slow',
    story: (result) => `One of ${Object.keys(result.endpoints).length} replicas takes longer than its callers wait, and a balancer that looks at latency sends it next to nothing: ${format.percent(1 - (result.totals.errorRate ?? 0))} of all requests succeed. Those that fail ran into their timeout there: ${format.count(result.totals.failed)} of ${format.count(result.totals.requests)}.`,
  },
  'slow-replica': {
    part: '#replicas',
    measure: 'share',
    alt: 'A heat map of the share of each replica over time, in which the slow one gets less than the others',
    story: (result) => `A replica is slow for ${lengthOf(result, 'slow-cart')} and never fails, so nothing that counts errors would notice. A balancer that looks at latency does: p99 is ${format.milliseconds(during(result, 'slow-cart').latencyMs.p99)} meanwhile, ${format.milliseconds(result.totals.latencyMs.p99)} over the whole run, and ${failures(result)}.`,
  },
  'zone-outage': {
    part: '#policies',
    alt: 'The timeline of a zone outage: which edges had ejected endpoints and when, retry budgets, and how many endpoints were out of use',
    story: (result) => `A zone is lost, ${fault(result, 'zone-down').targets.length} of ${Object.keys(result.endpoints).length} replicas. Retries hide the first failures, then outlier detection keeps the dead replicas out of use: ${failures(result)}.`,
  },
  'product-defaults': {
    part: '#chart-errors',
    alt: 'Failed requests by cause over time: none during the crash, many while a replica answers errors',
    story: (result) => `A crash and then a sick replica under what Istio does by default: ${format.percent(during(result, 'crash').errorRate)} of the requests fail during the first, ${format.percent(during(result, 'sick').errorRate)} during the second. Connections that fail are retried, and answers that say 503 are not.`,
  },
  'cascading-timeout': {
    part: '#chart-load',
    alt: 'Goodput falls to almost nothing while the database is slow, and is back at once when that is over',
    story: (result) => `While the database is slow, ${format.percent(during(result, 'slow-database').errorRate)} of the requests fail, whatever one does. Deadlines are passed on and nobody works for callers who have left, so goodput is back ${format.duration(valueOf(result, 'recovery'))} after the fault.`,
  },
  'hanging-dependency': {
    part: '#chart-latency',
    alt: 'Latency over time: the median rises to that of the timeout while the dependency hangs',
    story: (result) => `An optional dependency hangs, and pages wait for its timeout: p50 is ${format.milliseconds(during(result, 'ads-hang').latencyMs.p50)} meanwhile, ${format.milliseconds(result.totals.latencyMs.p50)} over the whole run. But they come: of these requests ${format.percent(during(result, 'ads-hang').errorRate)} fail, and for another reason, errors of a service that is not optional.`,
  },
  'fan-out-tail': {
    part: '#distribution .pair',
    alt: 'The distribution of latency, and its percentiles: a short tail',
    story: (result) => `Every search asks all shards and is as slow as the slowest of them. A second try elsewhere for those that take long costs ${format.percent(valueOf(result, 'retries') - 1)} more calls, and the slowest of a hundred searches takes ${format.milliseconds(result.totals.latencyMs.p99)}.`,
  },
  'overload-bounded-queue': {
    part: '#chart-load',
    alt: 'Offered load rises above what the service can do; goodput stays at what it can',
    story: (result) => `For a while the service is asked for more than it can do, and its short queue refuses at once what will not be served: ${format.percent(result.totals.errorRate)} of all requests. The others are answered in time, p99 ${format.milliseconds(result.totals.latencyMs.p99)}, and the end of the peak is the end of the trouble.`,
  },
  'retry-storm': {
    part: '#chart-load',
    alt: 'Goodput falls to nothing in a partition and stays there when it is over, while there are twice as many attempts as requests',
    story: (result) => `The partition ends after ${lengthOf(result, 'partition')}, and from then on goodput is ${format.number(valueOf(result, 'goodput'))}/s: whoever waits too long asks again, ${format.number(valueOf(result, 'retries'))} attempts a request. ${format.wholePercent(result.totals.abandonedShare)} of the work is done for callers who have left.`,
  },
  'retry-storm-budget': {
    part: '#chart-load',
    alt: 'Goodput falls to nothing in a partition, and comes back when what waited has been worked off',
    story: (result) => `The same partition with a retry budget: ${format.count(result.totals.retries)} retries in all, so there is room to work off what waits. ${format.duration(valueOf(result, 'recovery'))} after the partition everything is as before.`,
  },
};

function failures({ totals: { failed, requests } }: Result): string {
  return `${failed === 0 ? 'none' : format.count(failed)} of ${format.count(requests)} requests ${failed === 1 ? 'fails' : 'fail'}`;
}

function fault({ faults }: Result, name: string): FaultResult {
  return known(faults.find((one) => one.name === name), name);
}

function during(result: Result, name: string): FaultResult['during'] {
  return fault(result, name).during;
}

function lengthOf(result: Result, name: string): string {
  const [from, to] = known(fault(result, name).windowsMs[0], name);
  return format.duration(to - from);
}

/** Of the threshold of that metric. */
function valueOf({ thresholds }: Result, metric: string): number {
  return known(thresholds.find(({ expr }) => expr.startsWith(metric))?.value, metric);
}

/** The stories are of results that have it. */
function known<T>(value: T | null | undefined, name: string): T {
  if (value === null || value === undefined) throw new Error(`the result has no ${name}`);
  return value;
}
