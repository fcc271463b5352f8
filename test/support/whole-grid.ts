/** Every point of a search's grid, run: what the search is measured by. */
import type { MetricPlan, Plan, ThresholdPlan } from '../../src/model/plan.ts';
import { type WorkName, workPerRequest } from '../../src/run/objective.ts';
import type { runMany } from '../../src/run/pool.ts';
import { replicationSeeds, type Task } from '../../src/run/task.ts';
import { holds } from '../../src/model/holds.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { ProblemList } from '../../src/scenario/problem-list.ts';
import { parseMetric, parseThreshold, tagNamesOf } from '../../src/scenario/threshold.ts';
import { readValueRange, valuesOf } from '../../src/scenario/value-range.ts';
import { type Axis, sizeOf, valuesAt } from '../../src/sweep/grid.ts';

export interface GridPoint {
  readonly values: readonly string[];
  /** Mean of the replications. */
  readonly objective: number;
  readonly isFeasible: boolean;
}

export interface WholeGrid {
  readonly text: string;
  readonly set: readonly string[];
  readonly over: readonly string[];
  readonly goals: readonly string[];
  readonly minimise: string;
  readonly reps: number;
}

type WantMetrics = { readonly kind: 'metrics'; readonly metrics: readonly MetricPlan[] };

export async function wholeGrid({ text, set, over, goals, minimise, reps }: WholeGrid, run: typeof runMany): Promise<GridPoint[]> {
  const axes = over.map((flag): Axis => {
    const range = readValueRange(flag, '--over', new ProblemList('', ''))!;
    return { path: range.path, values: valuesOf(range)! };
  });
  const planAt = (point: number): Plan | null => {
    const values = valuesAt(axes, point);
    return parseScenario(text, { set: [...set.map((flag) => ({ path: flag.slice(0, flag.indexOf('=')), value: flag.slice(flag.indexOf('=') + 1) })), ...axes.map(({ path }, i) => ({ path, value: values[i]! }))] }).plan;
  };
  const names = tagNamesOf(planAt(0)!);
  const thresholds = goals.map((goal): ThresholdPlan => parseThreshold(goal, names).threshold!);
  const metric = WORK.has(minimise) ? null : parseMetric(minimise, names).metric!;
  const want: WantMetrics = { kind: 'metrics', metrics: [...thresholds, ...(metric === null ? [] : [metric])] };
  const runnable = Array.from({ length: sizeOf(axes) }, (_, point) => point).filter((point) => planAt(point) !== null);
  const tasks = function* (): Generator<Task<WantMetrics>> {
    for (const point of runnable) {
      const job = { plan: { ...planAt(point)!, thresholds: [] }, resolved: null, sha256: '' };
      for (const seed of replicationSeeds(job.plan.seed, reps)) yield { job, seed, want };
    }
  };
  const points: GridPoint[] = [];
  let runs: number[][] = [];
  for await (const { answer } of run(tasks(), { jobs: 'auto' })) {
    runs.push([metric === null ? workPerRequest(answer!.work, minimise as WorkName)! : answer!.values[thresholds.length]!, ...answer!.values.slice(0, thresholds.length).map((value) => value ?? Infinity)]);
    if (runs.length < reps) continue;
    const [objective = Infinity, ...values] = runs[0]!.map((_, i) => runs.reduce((sum, one) => sum + one[i]!, 0) / reps);
    points.push({ values: valuesAt(axes, runnable[points.length]!), objective, isFeasible: thresholds.every(({ limit, op }, i) => holds(values[i]!, op, limit)) });
    runs = [];
  }
  return points;
}

const WORK: ReadonlySet<string> = new Set<WorkName>(['attempts', 'retries', 'hedges']);
