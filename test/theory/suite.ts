/** One case, from its file to what passed, failed, and could not be said or measured. */
import { parseScenario } from '../../src/scenario/parse.ts';
import type { Plan } from '../../src/model/plan.ts';
import { answerDirectly, type Answers } from './direct.ts';
import { metricOf, run, type Run, UNMEASURED } from './measure.ts';
import type { Case, Expected } from './reference.ts';
import { asksForRequests } from './requests.ts';
import { asksOwnError, judge, type Measured } from './tolerance.ts';
import { NotExpressible, type Size, type Variant } from './scenario-text.ts';
import { translate } from './translate.ts';

export interface Report {
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'not expressible';
  readonly passed: number;
  readonly failures: readonly string[];
  /** Metrics without a verdict, and why; or why the whole case has none. */
  readonly unjudged: readonly string[];
  readonly wallMs: number;
}

/** Runs of a case whose tolerance asks for the sampling error of our own. */
export const REPLICATIONS = 8;

export function check(theCase: Case, size: Size): Report {
  const startedAt = performance.now();
  try {
    const direct = answerDirectly(theCase, size);
    const entries = [...(direct === null ? [] : fromAnswers(theCase, direct)), ...fromRuns(remaining(theCase, direct), size)];
    return reportOf(theCase.name, entries, performance.now() - startedAt);
  } catch (error) {
    if (!(error instanceof NotExpressible)) throw error;
    return { name: theCase.name, status: 'not expressible', passed: 0, failures: [], unjudged: [error.message], wallMs: 0 };
  }
}

/** The case with the metrics that a class alone could not answer; a throttle without a service gets one that fails. */
function remaining(theCase: Case, direct: Answers | null): Case {
  if (direct === null) return theCase;
  const expected = theCase.expected.filter(({ metric }) => direct[metric] === undefined);
  const failing = expected.map(({ metric }) => /at_(\d+)pct_failure/.exec(metric)?.[1]).find((percent) => percent !== undefined);
  const scenario = failing === undefined ? theCase.scenario : { ...theCase.scenario, arrivals: undefined, topology: 'client -> S (no queueing)', failure_probability: Number(failing) / 100 };
  return { ...theCase, expected, scenario };
}

interface Entry {
  readonly metric: string;
  readonly verdict: { readonly kind: 'passed' | 'failed' | 'unjudged'; readonly text: string };
}

function fromAnswers({ expected }: Case, answers: Answers): Entry[] {
  return expected.flatMap((one) => {
    const answer = answers[one.metric];
    return answer === undefined ? [] : [{ metric: one.metric, verdict: judge(one, answer) }];
  });
}

function fromRuns(theCase: Case, size: Size): Entry[] {
  if (theCase.expected.length === 0) return [];
  return translate(theCase, size).variants.flatMap((variant) => {
    const expected = theCase.expected.filter(({ metric }) => variant.only?.(metric) ?? true);
    const count = expected.some(({ tolerance }) => asksOwnError(tolerance)) ? REPLICATIONS : 1;
    const runs = Array.from({ length: count }, (_, i) => run(planOf(variant, size.seed + i), size.seed + i, expected.some(asksForRequests)));
    return expected.map((one) => {
      const verdict = verdictOf(one, runs, theCase);
      return { metric: one.metric, verdict: { ...verdict, text: variant.label === '' ? verdict.text : `${verdict.text} (${variant.label})` } };
    });
  });
}

function verdictOf(expected: Expected, runs: readonly Run[], theCase: Case): Entry['verdict'] {
  const measured = measure(expected.metric, runs, theCase);
  if (measured === null) return { kind: 'unjudged', text: `${expected.metric}: ${UNMEASURED[expected.metric] ?? 'nothing measures it'}` };
  return judge(expected, measured);
}

export function measure(metric: string, runs: readonly Run[], theCase: Case): Measured | null {
  const values = runs.map((one) => metricOf(metric, one, theCase));
  const n = runs.reduce((sum, { figures }) => sum + figures.totals.requests, 0);
  if (values.length === 1) return values[0] === undefined ? null : { value: values[0], n };
  if (!values.every((value) => typeof value === 'number')) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { value: mean, n, standardError: Math.sqrt(variance / values.length) };
}

export function planOf(variant: Variant, seed: number): Plan {
  const { plan, problems } = parseScenario(variant.text, variant.readFile === undefined ? {} : { readFile: variant.readFile });
  if (plan === null || problems.some(({ severity }) => severity === 'error')) throw new Error(`${problems.map(({ message }) => message).join('\n')}\n${variant.text}`);
  return variant.change?.(plan, seed) ?? plan;
}

function reportOf(name: string, entries: readonly Entry[], wallMs: number): Report {
  const of = (kind: Entry['verdict']['kind']): string[] => entries.filter(({ verdict }) => verdict.kind === kind).map(({ verdict }) => verdict.text);
  const failures = of('failed');
  const passed = of('passed').length;
  const status = failures.length > 0 ? 'failed' : passed > 0 ? 'passed' : 'not expressible';
  return { name, status, passed, failures, unjudged: of('unjudged'), wallMs };
}
