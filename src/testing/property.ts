/** What must hold in a run, however it was put. */
import fc from 'fast-check';
import type { Failure } from '../check/failure.ts';
import { thresholdWords } from '../check/story.ts';
import { INVARIANTS } from '../invariant/registry.ts';
import type { InvariantName } from '../model/violation.ts';
import type { ScenarioRun } from '../run/scenario-run.ts';
import type { ScenarioDocument } from '../scenario/document.ts';
import { parseThreshold } from '../scenario/threshold.ts';

/**
 * - an invariant by its name, such as `'settles-once'` (`INVARIANTS` has them all); `'recovers'` goes with `recoverWithin`
 * - a threshold, such as `'retries ratio <= 2'`, as in the `thresholds` of a file
 * - a function of the run that throws, or answers `false`, where it does not hold; `fc.pre` in it leaves a run out; for `checkPolicyAsync` also one whose promise comes to that
 * - several of these
 */
export type Property = InvariantName | (string & {}) | ((run: ScenarioRun) => unknown) | readonly Property[];

type Asked = (run: ScenarioRun) => unknown;

export interface Broken {
  readonly failure: Failure;
  /** Null where the run did not come to its end. */
  readonly requests: number | null;
  /** What a property, or code that came with the run, threw itself. */
  readonly cause?: unknown;
}

/** The properties one by one. @throws Error for what is neither an invariant, a threshold nor a function, and for `recovers` without the time that it may take */
export class Properties {
  readonly invariants: readonly InvariantName[];
  readonly thresholds: readonly string[];
  private readonly functions: readonly Asked[];

  /** @param recoverWithin  of the invariant `recovers` */
  constructor(property: Property, recoverWithin: string | undefined) {
    const all = flat(property);
    for (const one of all) if (typeof one !== 'string' && typeof one !== 'function') throw new Error(`a property is an invariant, a threshold, a function of a run or a list of these, and ${JSON.stringify(one)} is none`);
    const texts = all.filter((one) => typeof one === 'string');
    this.invariants = texts.filter((text): text is InvariantName => Object.hasOwn(INVARIANTS, text));
    this.thresholds = texts.filter((text) => !Object.hasOwn(INVARIANTS, text));
    this.functions = all.filter((one) => typeof one === 'function');
    if (all.length === 0) throw new Error('a property is an invariant, a threshold or a function of a run; there is none');
    if (this.asksForRecovery && recoverWithin === undefined) throw new Error("`recovers` is about how long it may take: give `recoverWithin`, such as '5s'");
    for (const expr of this.thresholds) {
      const [problem] = parseThreshold(expr, null).problems;
      if (problem !== undefined) throw new Error(`\`${expr}\` is neither an invariant nor a threshold: ${problem.message}${problem.hint === null ? '' : ` (${problem.hint})`}\n  invariants: ${Object.keys(INVARIANTS).join(', ')}`);
    }
  }

  /** And so whatever the services and policies are; whether a mesh recovers is theirs to see to. */
  get asksOnlyInvariants(): boolean {
    return this.thresholds.length === 0 && this.functions.length === 0 && !this.asksForRecovery;
  }

  get asksForRecovery(): boolean {
    return this.invariants.includes('recovers');
  }

  /** The scenario with the thresholds that are asked for, so that a file of it can be judged by them. */
  asked(scenario: ScenarioDocument): ScenarioDocument {
    return this.thresholds.length === 0 ? scenario : { ...scenario, thresholds: [...(scenario.thresholds ?? []), ...this.thresholds] };
  }

  /**
   * The first that does not hold; a threshold on something of which there is nothing does.
   * @param run  of a scenario as `asked` gives it
   * @throws Error for a function that returns a promise
   */
  brokenIn(run: ScenarioRun): Broken | null {
    const said = this.saidBrokenIn(run);
    if (said !== null) return said;
    for (const holds of this.functions) {
      let answer: unknown;
      try {
        answer = holds(run);
      } catch (cause) {
        return thrownBy(holds, run, cause);
      }
      if (isPromise(answer)) {
        answer.then(undefined, () => undefined); // whatever it comes to, nobody waits for it
        throw new Error(`${nameOf(holds)} returns a promise: await \`checkPolicyAsync\``);
      }
      if (answer === false) return failed(holds, run, 'it answers false');
    }
    return null;
  }

  /** As `brokenIn`, and waits for functions that return a promise. */
  async brokenInAsync(run: ScenarioRun): Promise<Broken | null> {
    const said = this.saidBrokenIn(run);
    if (said !== null) return said;
    for (const holds of this.functions) {
      try {
        if ((await holds(run)) === false) return failed(holds, run, 'it answers false');
      } catch (cause) {
        return thrownBy(holds, run, cause);
      }
    }
    return null;
  }

  /** Of what was put in words. */
  private saidBrokenIn(run: ScenarioRun): Broken | null {
    // Nothing can be said of a run that threw.
    const violation = run.violations.find(({ invariant }) => invariant === 'does-not-throw' || this.invariants.includes(invariant));
    if (violation !== undefined) return { failure: { kind: 'invariant', name: violation.invariant, message: violation.message, atNs: violation.atNs }, requests: requestsOf(run) };
    const threshold = this.thresholds.length === 0 ? undefined : run.result.thresholds.find(({ expr, judged, pass }) => !pass && judged !== 'no samples' && this.thresholds.includes(expr));
    return threshold === undefined ? null : { failure: { kind: 'threshold', name: threshold.expr, message: thresholdWords(threshold), atNs: null }, requests: requestsOf(run) };
  }
}

/** @throws PreconditionFailure of `fc.pre`, which says that the property is not about this run */
function thrownBy(holds: Asked, run: ScenarioRun, cause: unknown): Broken {
  if (fc.PreconditionFailure.isFailure(cause)) throw cause;
  return failed(holds, run, cause instanceof Error ? cause.message : String(cause), cause);
}

function failed(holds: Asked, run: ScenarioRun, message: string, cause?: unknown): Broken {
  return { failure: { kind: 'property', name: nameOf(holds), message, atNs: null }, requests: requestsOf(run), cause };
}

function nameOf({ name }: Asked): string {
  return name === '' ? 'the property' : name;
}

function isPromise(answer: unknown): answer is PromiseLike<unknown> {
  return typeof (answer as { readonly then?: unknown } | null | undefined)?.then === 'function';
}

function flat(property: Property): readonly Exclude<Property, readonly Property[]>[] {
  return isList(property) ? property.flatMap(flat) : [property];
}

function isList(property: Property): property is readonly Property[] {
  return Array.isArray(property);
}

function requestsOf({ result }: ScenarioRun): number {
  return Object.values(result.traffic).reduce((sum, { requests }) => sum + requests, 0);
}
