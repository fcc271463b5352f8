/**
 * What really breaks in production, as faults of a scenario file: the set that `check --sweep-faults` tries one after another. How much
 * of it (ten times as slow, one answer in ten) is a judgement; the kinds are those that published post-mortems keep naming: whole and
 * partial failures of machines and zones, gray failures (Huang et al., Gray Failure: The Achilles' Heel of Cloud-Scale Systems,
 * HotOS 2017), bad deploys, lossy and cut networks, and more load than usual.
 */
import type { ServicePlan } from '../model/plan.ts';
import { NS_PER_S } from '../model/units.ts';

/** What it happens to. An endpoint is one of a service's; edges are the network between a caller and a service. */
export type Scope = 'endpoint' | 'service' | 'zone' | 'edge' | 'traffic';

export interface StandardFault {
  /** What breaks like that. */
  readonly doc: string;
  readonly on: Readonly<Partial<Record<Scope, FaultForm>>>;
}

export interface FaultForm {
  /** Said of the target: `is 10 times as slow`. */
  readonly what: string;
  /** Faults of a file, without name, time and target; none where it is the load that changes. */
  readonly effects: readonly Effect[];
  /** How much the load is multiplied by. */
  readonly load?: number;
  /** Of a service, whether it can happen to it; to all unless given. */
  suits?(service: ServicePlan): boolean;
}

export interface Effect {
  /** Keys of a fault, as YAML. */
  readonly yaml: string;
  /** It is over sooner than the others. */
  readonly forNs?: number;
}

export type FaultName = 'crash' | 'hang' | 'pause' | 'slow' | 'errors' | 'restart' | 'capacity' | 'lag' | 'loss' | 'reset' | 'cut' | 'surge';

export const STANDARD_FAULTS: Readonly<Record<FaultName, StandardFault>> = {
  crash: {
    doc: 'a process, a node or a data centre dies: connections are refused and work in flight is reset; back at the end, empty',
    on: { endpoint: form('is down', 'crash: true'), service: form('is down', 'crash: true', isSeveral), zone: form('is down', 'crash: true') },
  },
  hang: {
    doc: 'a deadlock, a full disk, a dependency without a timeout: accepts everything and answers nothing',
    on: { endpoint: form('never answers', 'hang: true'), service: form('never answers', 'hang: true', isSeveral) },
  },
  pause: {
    doc: 'a long garbage collection, a frozen virtual machine, a zone cut off with all that is in it: nothing proceeds, then all of it at once',
    on: { endpoint: form('stands still', 'pause: true'), zone: form('stands still', 'pause: true') },
  },
  slow: {
    doc: 'a gray failure: a noisy neighbour, a failing disk, a cold cache, a slow query; every health check passes',
    on: { endpoint: form('is 10 times as slow', 'latency: { multiply: 10 }'), service: form('is 3 times as slow', 'latency: { multiply: 3 }') },
  },
  errors: {
    doc: 'a bad deploy or expired credentials: on one endpoint all requests fail, and fast, which looks like spare room to a balancer; in a service one in ten does',
    on: { endpoint: form('fails every request at once', 'errors: { rate: 100%, status: 503, after: 1ms }'), service: form('fails 10% of requests', 'errors: 10%') },
  },
  restart: {
    doc: 'a configuration push or a crash loop takes all endpoints of a service at once, and they come back with cold caches',
    on: { service: { what: 'restarts for 1 s, then is 3 times as slow', effects: [{ yaml: 'latency: { multiply: 3 }' }, { yaml: 'crash: true', forNs: NS_PER_S }] } },
  },
  capacity: {
    doc: 'leaked connections, throttled processors, half of an autoscaling group: room for half as many requests',
    on: { service: form('has half of its slots', 'capacity: 50%', ({ concurrency }) => Number.isFinite(concurrency) && concurrency >= 2) },
  },
  lag: {
    doc: 'a rerouted or congested network',
    on: { edge: form('has 100 ms more latency, each way', 'latency: { add: 100ms }') },
  },
  loss: {
    doc: 'a bad cable or an overloaded switch: messages come late, after retransmission',
    on: { edge: form('loses 2% of messages', 'loss: 2%') },
  },
  reset: {
    doc: 'a middlebox or a proxy that drops connections in use',
    on: { edge: form('resets 5% of requests', 'reset: 5%') },
  },
  cut: {
    doc: 'a partition, a wrong firewall rule',
    on: { edge: form('is cut', 'partition: true') },
  },
  surge: {
    doc: 'a campaign, a bot, the clients of another region that failed over',
    on: { traffic: { what: 'doubles', effects: [], load: 2 } },
  },
};

export const FAULT_NAMES: readonly FaultName[] = Object.keys(STANDARD_FAULTS) as FaultName[]; // its own keys

/** One effect for the whole time. */
function form(what: string, yaml: string, suits?: FaultForm['suits']): FaultForm {
  return { what, effects: [{ yaml }], ...(suits === undefined ? {} : { suits }) };
}

/** The only endpoint of a service is tried as an endpoint. */
function isSeveral({ replicas }: ServicePlan): boolean {
  return replicas > 1;
}
