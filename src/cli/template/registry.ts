/** What `meshsim init` can start from, all of it in the package. */
export interface Template {
  readonly doc: string;
  /** A scenario, which gets a test and a workflow beside it, or the folder of a whole project, which is copied as it is. */
  readonly from: { readonly scenario: string } | { readonly project: string };
  /** What to do in the folder first. */
  readonly first: readonly (readonly string[])[];
  /** What will be seen then. */
  readonly shows: string;
}

export type TemplateName = 'minimal' | 'canary' | 'library' | 'linkerd-2016' | 'retry-storm' | 'slow-replica' | 'zone-outage';

/** Stands in `first` for the scenario's file. */
export const SCENARIO_FILE = '{file}';
const RUN: Template['first'] = [['npx', 'meshsim', 'run', SCENARIO_FILE]];

export const TEMPLATES: Readonly<Record<TemplateName, Template>> = {
  minimal: { doc: '3 services, one bad replica, 3 thresholds', from: { scenario: 'templates/minimal.yaml' }, first: RUN, shows: 'about 1 s; fails on purpose: fix the retry policy' },
  canary: { doc: 'a canary with 5 % of the traffic that goes bad', from: { scenario: 'templates/canary.yaml' }, first: RUN, shows: 'about 1 s; fails on purpose: nobody watches the canary' },
  library: { doc: 'property tests of a policy in a project of its own, without the command line', from: { project: 'examples/vitest' }, first: [['npm', 'install'], ['npm', 'test']], shows: 'its README says what the tests are about' },
  'linkerd-2016': { doc: "Linkerd's published experiment: 11 replicas, one slow, three balancers", from: { scenario: 'scenarios/linkerd-2016.yaml' }, first: RUN, shows: 'about 1 s; passes, and says what to change to see it fail' },
  'retry-storm': { doc: 'a database that one retry keeps down after a partition', from: { scenario: 'scenarios/retry-storm.yaml' }, first: RUN, shows: 'about 1 s; its comment says how the storm ends' },
  'slow-replica': { doc: 'a replica that is slow but never fails', from: { scenario: 'scenarios/slow-replica.yaml' }, first: RUN, shows: 'about 1 s; passes, and says what to change to see it fail' },
  'zone-outage': { doc: 'a zone that is lost under a policy that notices', from: { scenario: 'scenarios/zone-outage.yaml' }, first: RUN, shows: 'about 1 s; passes, and says what to change to see it fail' },
};
