/**
 * The runs of a sweep of faults: first nothing breaks, which says what is normal and which endpoints are the busiest; then one thing at a
 * time; then pairs, chosen by what their two did alone. All cases have the same seeds, and so the same requests. What a case
 * measured is that of one run of its replications, as `meshsim run` has it.
 */
import { busiestOf } from '../fault-sweep/busiest.ts';
import { caseOf, type FaultCase, pairsOf, type Part, partsOf, wordsOf } from '../fault-sweep/cases.ts';
import { byAddedHarm, byHarm, type CaseOutcome, outcomeOf, type Ranking } from '../fault-sweep/fault-sweep.ts';
import { mostTelling, type Pair } from '../fault-sweep/pair-choice.ts';
import type { Plan, ServicePlan } from '../model/plan.ts';
import type { Result } from '../result/result.ts';
import type { TaskOutcome } from './pool.ts';
import { recoveryNs } from '../result/recovery.ts';
import { Replications } from './replications.ts';
import type { Job, Task } from './task.ts';

export interface FaultSweepSetup {
  readonly seeds: readonly number[];
  /** Name of the fault whose time is looked at, in every case. */
  readonly phase: string;
  readonly choice: ChoiceOfFaults;
  /** Pairs to run at most; null for none. */
  readonly pairsMost: number | null;
  jobOf(parts: readonly Part[]): Job;
  /** What makes them of the file: `path=value`. */
  setOf(parts: readonly Part[]): readonly string[];
}

export interface ChoiceOfFaults {
  /** Tried beside the busiest of their services. */
  readonly endpoints: readonly AskedEndpoint[];
  wants(part: Part): boolean;
  wantsPair(pair: FaultCase): boolean;
}

export interface AskedEndpoint {
  readonly service: string;
  readonly endpoint: number;
}

type WantReplication = { readonly kind: 'replication' };

/** What was found so far; grows as the runs come in. */
export class FaultSweepRuns {
  baseline: CaseOutcome | null = null;
  private readonly setup: FaultSweepSetup;
  private singles: readonly FaultCase[] = [];
  private seconds: readonly Part[] = [];
  /** Null until they are chosen. */
  private pairs: readonly Pair[] | null = null;
  private pairsPossible: number = 0;
  private readonly outcomes: CaseOutcome[] = [];

  constructor(setup: FaultSweepSetup) {
    this.setup = setup;
  }

  /** Cases that are over, and those known to come. */
  get count(): { readonly ended: number; readonly known: number } {
    return { ended: this.outcomes.length, known: this.singles.length + (this.pairs?.length ?? 0) };
  }

  ranking(): { readonly singles: Ranking; readonly pairs: Ranking | null; readonly complete: boolean } {
    const { outcomes, pairs, pairsPossible, setup, singles: { length: many } } = this;
    const planned = many + (pairs?.length ?? 0);
    const areChosen = this.baseline !== null && (setup.pairsMost === null || pairs !== null);
    return {
      singles: { possible: many, planned: many, cases: byHarm(outcomes.slice(0, many)) },
      pairs: setup.pairsMost === null ? null : { possible: pairsPossible, planned: planned - many, cases: byAddedHarm(outcomes.slice(many)) },
      complete: areChosen && outcomes.length === planned,
    };
  }

  /** For `runMany`. What is next is known when what it is chosen by has been read. */
  get tasks(): Iterable<Task<WantReplication> | null> {
    return this.steps();
  }

  private *steps(): Generator<Task<WantReplication> | null> {
    yield* this.tasksOf([]);
    while (this.baseline === null) yield null;
    for (const { parts } of this.singles) yield* this.tasksOf(parts);
    if (this.setup.pairsMost === null) return;
    while (this.outcomes.length < this.singles.length) yield null;
    this.pairs = this.chosenPairs(this.setup.pairsMost);
    for (const { pair } of this.pairs) yield* this.tasksOf(pair.parts);
  }

  private *tasksOf(parts: readonly Part[]): Generator<Task<WantReplication>> {
    const job = this.setup.jobOf(parts);
    for (const seed of this.setup.seeds) yield { job, seed, want: { kind: 'replication' } };
  }

  /** @param outcomes  of `tasks`. Throws what broke a run twice, with its seed. */
  async read(outcomes: AsyncIterable<TaskOutcome<WantReplication>>): Promise<void> {
    let sum: Replications | null = null;
    let isWhole = true;
    for await (const { task, answer, error } of outcomes) {
      if (error !== undefined) throw Object.assign(error, { seed: task.seed });
      if (answer.ending === 'stopped') return;
      sum ??= new Replications(task.job);
      sum.add(answer);
      isWhole &&= answer.ending === 'complete';
      if (sum.count < this.setup.seeds.length) continue;
      this.caseEnded(sum.result({ complete: isWhole, warnings: [], wallMs: 0 }), task.job.plan);
      sum = null;
      isWhole = true;
    }
  }

  /** Outcomes come in the order of the cases. */
  private caseEnded(result: Result, plan: Plan): void {
    if (this.baseline === null) {
      this.baseline = this.outcome(null, result, plan);
      this.chooseSingles(plan, result);
      return;
    }
    const { length: ended } = this.outcomes;
    const pair = this.pairs?.[ended - this.singles.length];
    const outcome = this.outcome(this.singles[ended] ?? pair!.pair, result, plan);
    this.outcomes.push(pair === undefined ? outcome : { ...outcome, alone: Math.max(...pair.alone.map(({ harm }) => harm)) });
  }

  /** @param one  null is the baseline */
  private outcome(one: FaultCase | null, result: Result, plan: Plan): CaseOutcome {
    const recovery = result.complete ? recoveryNs({ tags: { phase: this.setup.phase }, stat: { kind: 'max' } }, plan, result.series) : null;
    const subject = { id: one?.id ?? 'nothing', what: one === null ? 'nothing breaks' : wordsOf(one), set: this.setup.setOf(one?.parts ?? []) };
    return outcomeOf({ ...subject, plan, recoveryNs: recovery }, result, this.baseline);
  }

  private chooseSingles(plan: Plan, normal: Result): void {
    const { choice } = this.setup;
    const busiest = (place: number) => (service: ServicePlan): number => busiestOf(service, normal)[place] ?? 0;
    const asked = choice.endpoints.map(({ service, endpoint }) => (one: ServicePlan): number => (one.name === service ? endpoint : busiest(0)(one)));
    const parts = [busiest(0), ...asked].flatMap((endpointOf) => partsOf(plan, endpointOf)).filter((part) => choice.wants(part));
    this.singles = [...new Map(parts.map((part) => [part.id, caseOf([part])])).values()];
    this.seconds = partsOf(plan, busiest(1));
  }

  private chosenPairs(most: number): Pair[] {
    const alone = new Map(this.singles.map(({ id }, i) => [id, this.outcomes[i]!]));
    const pairs = pairsOf(this.singles.flatMap(({ parts }) => parts), this.seconds).filter((pair) => this.setup.choice.wantsPair(pair));
    this.pairsPossible = pairs.length;
    return mostTelling(pairs.map((pair): Pair => ({ pair, alone: pair.alone.map((id) => alone.get(id)!) })), most);
  }
}
