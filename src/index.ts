/**
 * meshsim as a library: the same as `meshsim run`, without files or output.
 *
 *     const { plan, problems } = parseScenario(yaml);
 *     if (plan !== null) console.log(simulate(plan).totals.latencyMs.p99);
 */
export { type ParseOptions, type ParsedScenario, parseScenario } from './scenario/parse.ts';
export { type Problem, formatProblems } from './scenario/problem.ts';
export { scenarioSchema } from './scenario/scenario-schema.ts';
export { type Progress, type RunControl, type RunOptions, runReal, simulate, simulateAsync } from './run/run.ts';
export { type ComparedPlan, comparePlans, type ManyOptions, simulateMany } from './run/many.ts';
export type { Change, ComparedSide, Comparison, Row } from './compare/comparison.ts';
export { repeatable } from './run/repeatable.ts';
export { RunTooShort } from './run/warmup.ts';
export type { BalancerSubject, EndpointView, FinishedAttempt, OwnBalancer, OwnBalancerFactory, PickRequest } from './engine/own/own-balancer.ts';
export type { FailedAttempt, OwnRetryFactory, OwnRetryPolicy } from './engine/own/own-retry.ts';
export type { CallerOf } from './engine/own/own-code.ts';
export { type Answer, type Attempt, AttemptFailed, type CallWrapper, type OwnPolicies, type WrappedRequest, type WrapperFactory } from './own/policies.ts';
export { OwnPolicyError } from './model/own-policy-error.ts';
export type { OutcomeName } from './model/outcome.ts';
export type { Plan } from './model/plan.ts';
export type {
  EdgeMetrics, EndpointMetrics, EventResult, FaultResult, LatencySummary, Metrics, RealFigures, Result, Series, ServiceMetrics, ThresholdResult, TrafficMetrics, WarningResult,
} from './result/result.ts';
export { MeshError } from './model/mesh-error.ts';
export { VERSION } from './model/version.ts';
export { audited, type AuditedRun } from './run/audited.ts';
export type { InvariantName, Violation } from './model/violation.ts';
