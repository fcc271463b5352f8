/**
 * What can be turned in the live page, for one scenario: its load, its policies, its replicas, its faults. Each control knows where it
 * stands and what it changes in the scenario, so that what is shown, run, shared and downloaded is one list of overrides.
 */
import { balancerKinds } from '../engine/balance/kinds.ts';
import type { Override } from '../scenario/override.ts';
import { formatPath } from '../scenario/path.ts';
import { Resolved } from './resolved.ts';

export type Setting = number | string | boolean;
/** By the id of the control; only those that were changed. */
export type Settings = Readonly<Record<string, Setting>>;

export interface ControlGroup {
  readonly title: string;
  /** Null where the title says it. */
  readonly doc: string | null;
  /** Shown from the start; of a large scenario not all of it. */
  readonly isOpen: boolean;
  readonly controls: readonly Control[];
}

export type Control = Slider | Choice | Switch;

interface ControlBase {
  /** Stands in shared addresses, and so is stable. */
  readonly id: string;
  readonly label: string;
  /** Only looked at where this holds: the parts of a policy that is off say nothing. */
  readonly shownWhen?: (values: Settings) => boolean;
}

/** Stops, so that a turn lands on a value that one would write. */
export interface Slider extends ControlBase {
  readonly kind: 'slider';
  readonly stops: readonly number[];
  readonly value: number;
  /** As a person reads it, and as the file takes it. */
  readonly shown: (value: number) => string;
}

export interface Choice extends ControlBase {
  readonly kind: 'choice';
  readonly choices: readonly string[];
  readonly value: string;
}

export interface Switch extends ControlBase {
  readonly kind: 'switch';
  readonly value: boolean;
}

export interface Desk {
  readonly groups: readonly ControlGroup[];
  /** What the scenario is with these settings. */
  overridesFor(settings: Settings): Override[];
}

/** Makes overrides of the values that all controls have. */
type Effect = (values: Settings, changed: (id: string) => boolean) => Override[];

interface Part {
  readonly group: ControlGroup;
  readonly effect: Effect;
}

/** @param resolved  as `parseScenario` gives it */
export function deskOf(resolved: unknown): Desk {
  const scenario = new Resolved(resolved);
  const parts = [loadPart(scenario), ...scenario.policies().map((name, i) => policyPart(scenario, name, i < POLICIES_OPEN)), servicePart(scenario), faultPart(scenario)].filter(({ group }) => group.controls.length > 0);
  const controls = parts.flatMap(({ group }) => group.controls);
  const initial: Settings = Object.fromEntries(controls.map(({ id, value }) => [id, value]));
  return {
    groups: parts.map(({ group }) => group),
    overridesFor(settings) {
      const known = Object.fromEntries(Object.entries(settings).filter(([id]) => Object.hasOwn(initial, id)));
      const values = { ...initial, ...known };
      return parts.flatMap(({ effect }) => effect(values, (id) => values[id] !== initial[id]));
    },
  };
}

const POLICIES_OPEN = 1;
const CONTROLS_OPEN = 6;

// --- load ---

const FACTORS: readonly number[] = [0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.35, 1.5, 1.75, 2, 2.5, 3, 4, 5, 7, 10];

function loadPart(scenario: Resolved): Part {
  const sources = scenario.sources();
  return {
    group: {
      title: 'Load',
      isOpen: true,
      doc: null,
      controls: sources.map(({ name, said }, i): Slider => ({ kind: 'slider', id: `load.${i}`, label: name, stops: FACTORS, value: 1, shown: (factor) => said(factor) })),
    },
    effect: (values, changed) => sources.flatMap(({ scaled }, i) => (changed(`load.${i}`) ? scaled(Number(values[`load.${i}`])) : [])),
  };
}

// --- policies ---

/** 0 is none. */
const TIMEOUTS_MS: readonly number[] = [0, 10, 20, 30, 50, 75, 100, 150, 200, 250, 300, 400, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000, 30_000];
const BUDGETS: readonly number[] = [0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1];
const SHARES: readonly number[] = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
const ATTEMPTS: readonly number[] = [0, 1, 2, 3, 4, 5, 7, 10];
/** 0 is never. */
const HEDGES_MS: readonly number[] = [0, 1, 2, 5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 500, 1000];
const IN_A_ROW: readonly number[] = [1, 2, 3, 5, 7, 10, 20, 50];
/** What a policy that had no retries retries on, unless its file says so. */
const RETRY_ON: readonly string[] = ['5xx', 'reset', 'connectFailure', 'timeout'];

function policyPart(scenario: Resolved, name: string, isOpen: boolean): Part {
  const policy = scenario.policy(name);
  const id = (what: string): string => `${name}.${what}`;
  const attempts = policy.number('retries.attempts') ?? 0;
  const budget = policy.share('retries.budget.ratio') ?? 0;
  const isEjecting = policy.has('outlierDetection');
  const controls: Control[] = [
    { kind: 'choice', id: id('loadBalancer'), label: 'load balancer', choices: Object.keys(balancerKinds), value: policy.text('loadBalancer.type') ?? 'roundRobin' },
    { kind: 'slider', id: id('timeout'), label: 'timeout', ...around(TIMEOUTS_MS, policy.milliseconds('timeout') ?? 0), shown: duration },
    { kind: 'slider', id: id('attempts'), label: 'retries', ...around(ATTEMPTS, attempts), shown: (value) => (value === 0 ? 'none' : `${value}`) },
    { kind: 'slider', id: id('perTry'), label: 'per-try timeout', ...around(TIMEOUTS_MS, policy.milliseconds('retries.perTryTimeout') ?? 0), shown: duration, shownWhen: (values) => Number(values[id('attempts')]) > 0 },
    { kind: 'slider', id: id('budget'), label: 'retry budget', ...around(BUDGETS, budget), shown: (value) => (value === 0 ? (policy.has('retries.budget') && budget === 0 ? 'as in the file' : 'none') : percent(value)), shownWhen: (values) => Number(values[id('attempts')]) > 0 },
    { kind: 'slider', id: id('hedge'), label: 'hedge after', ...around(HEDGES_MS, policy.milliseconds('hedge.after') ?? 0), shown: (value) => (value === 0 ? 'never' : duration(value)) },
    { kind: 'slider', id: id('hedgeBudget'), label: 'hedges per call at most', ...around(BUDGETS.slice(1), policy.share('hedge.budget') ?? 0.05), shown: percent, shownWhen: (values) => Number(values[id('hedge')]) > 0 },
    { kind: 'switch', id: id('ejection'), label: 'outlier ejection', value: isEjecting },
    { kind: 'slider', id: id('inARow'), label: 'after failures in a row', ...around(IN_A_ROW, policy.number('outlierDetection.consecutive5xx') ?? 5), shown: String, shownWhen: (values) => values[id('ejection')] === true },
    { kind: 'slider', id: id('maxEjected'), label: 'of all endpoints at most', ...around(SHARES.slice(1), policy.share('outlierDetection.maxEjectionPercent') ?? 0.1), shown: percent, shownWhen: (values) => values[id('ejection')] === true },
    { kind: 'slider', id: id('panic'), label: 'panic below', ...around(SHARES, policy.share('panicThreshold') ?? 0.5), shown: (value) => (value === 0 ? 'never' : `${percent(value)} ready`), shownWhen: (values) => values[id('ejection')] === true },
  ];
  return {
    group: { title: `Policy ${name}`, doc: scenario.usersOf(name), isOpen, controls },
    effect(values, changed) {
      const is = (what: string): boolean => changed(id(what));
      const value = (what: string): Setting => values[id(what)]!;
      const parts: Record<string, string> = {};
      if (is('loadBalancer')) parts['loadBalancer'] = String(value('loadBalancer'));
      if (is('timeout')) parts['timeout'] = duration(Number(value('timeout')));
      if (is('attempts') || ((is('perTry') || is('budget')) && Number(value('attempts')) > 0)) {
        const keys: Record<string, string> = is('attempts') ? { attempts: String(value('attempts')) } : {};
        if (is('perTry')) keys['perTryTimeout'] = duration(Number(value('perTry')));
        if (is('budget')) keys['budget'] = Number(value('budget')) === 0 ? 'none' : `{ ratio: ${percent(Number(value('budget')))} }`;
        if (policy.has('retries')) for (const [key, text] of Object.entries(keys)) parts[`retries.${key}`] = text;
        else parts['retries'] = flow({ ...keys, on: `[${RETRY_ON.join(', ')}]`, avoidPrevious: 'true' });
      }
      const hedgeAfter = Number(value('hedge'));
      if (is('hedge') && hedgeAfter === 0) parts['hedge'] = 'none';
      else if (hedgeAfter > 0 && (is('hedge') || is('hedgeBudget'))) {
        const keys = { after: duration(hedgeAfter), budget: percent(Number(value('hedgeBudget'))) };
        if (policy.has('hedge')) for (const [key, text] of Object.entries(keys)) parts[`hedge.${key}`] = text;
        else parts['hedge'] = flow(keys);
      }
      const isOn = value('ejection') === true;
      if (is('ejection') && !isOn) parts['outlierDetection'] = 'none';
      else if (isOn && (is('ejection') || is('inARow') || is('maxEjected'))) {
        const keys = { consecutive5xx: String(value('inARow')), maxEjectionPercent: percent(Number(value('maxEjected'))) };
        if (isEjecting) for (const [key, text] of Object.entries(keys)) parts[`outlierDetection.${key}`] = text;
        else parts['outlierDetection'] = flow(keys);
      }
      if (isOn && is('panic')) parts['panicThreshold'] = percent(Number(value('panic')));
      return scenario.policyOverrides(name, parts);
    },
  };
}

// --- services ---

const REPLICAS: readonly number[] = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 30, 50, 100];

function servicePart(scenario: Resolved): Part {
  const services = scenario.services();
  return {
    group: {
      title: 'Replicas',
      isOpen: services.length <= CONTROLS_OPEN,
      doc: null,
      controls: services.map(({ name, replicas }): Slider => ({ kind: 'slider', id: `replicas.${name}`, label: name, ...around(REPLICAS, replicas), shown: String })),
    },
    effect: (values, changed) => services.flatMap(({ name }) => (changed(`replicas.${name}`) ? [{ path: formatPath(['services', name, 'replicas']), value: String(values[`replicas.${name}`]) }] : [])),
  };
}

// --- faults ---

const ERROR_RATES: readonly number[] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 0.9, 1];
const MULTIPLIERS: readonly number[] = [1, 1.5, 2, 3, 5, 7, 10, 20, 50, 100];

function faultPart(scenario: Resolved): Part {
  const faults = scenario.faults();
  const id = (i: number, what: string): string => `fault.${i}.${what}`;
  const isOn = (i: number) => (values: Settings) => values[id(i, 'on')] === true;
  return {
    group: {
      title: 'Faults',
      isOpen: faults.length <= CONTROLS_OPEN,
      doc: null,
      controls: faults.flatMap(({ errorRate, multiplier, name }, i): Control[] => [
        { kind: 'switch', id: id(i, 'on'), label: name, value: true },
        ...(errorRate === null ? [] : [{ kind: 'slider' as const, id: id(i, 'errors'), label: 'share of errors', ...around(ERROR_RATES, errorRate), shown: percent, shownWhen: isOn(i) }]),
        ...(multiplier === null ? [] : [{ kind: 'slider' as const, id: id(i, 'multiply'), label: 'latency times', ...around(MULTIPLIERS, multiplier), shown: (value: number) => `${value}×`, shownWhen: isOn(i) }]),
      ]),
    },
    // One that is off leaves the list, and the places of the others change: so the list is written anew.
    effect(values, changed) {
      const isChanged = faults.some((_, i) => ['on', 'errors', 'multiply'].some((what) => changed(id(i, what))));
      if (!isChanged) return [];
      const left = faults.flatMap(({ written }, i) => (values[id(i, 'on')] === true ? [written(values[id(i, 'errors')], values[id(i, 'multiply')])] : []));
      return [{ path: 'faults', value: JSON.stringify(left) }];
    },
  };
}

// --- words ---

/** The stops, and the value that the file has among them. */
export function around(stops: readonly number[], value: number): { readonly stops: readonly number[]; readonly value: number } {
  return { stops: stops.includes(value) ? stops : [...stops, value].sort((a, b) => a - b), value };
}

function duration(ms: number): string {
  return ms === 0 ? 'none' : ms >= 1000 && ms % 100 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(6))}%`;
}

function flow(keys: Readonly<Record<string, string>>): string {
  return `{ ${Object.entries(keys).map(([key, value]) => `${key}: ${value}`).join(', ')} }`;
}
