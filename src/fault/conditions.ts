/**
 * The state of the world that faults write and stations and worlds read: one row an endpoint, one an edge.
 * A row without faults has `flags` 0, so the healthy path costs one comparison.
 */
import type { ErrorPlan, Plan } from '../model/plan.ts';
import type { Sampler } from '../random/distribution/sampler.ts';

/** Bits of `flags`. */
export const Condition = {
  /** Connections are refused. */
  down: 1,
  /** Nothing proceeds. */
  paused: 2,
  /** Requests are accepted and never answered. */
  hung: 4,
  /** The own work is changed. */
  latency: 8,
  errors: 16,
  resets: 32,
  capacity: 64,
  firstCalls: 128,
  /** Edges only: nothing gets through. */
  cut: 256,
  /** Edges only: messages are lost. */
  loss: 512,
} as const;

/** Failures still to be handed out, shared by all targets of one fault. */
export interface FirstCalls {
  left: number;
}

export class ConditionRow {
  flags: number = 0;
  /** The own work (or link latency) is multiplied by this, then each of `adds` is drawn and added. */
  factor: number = 1;
  readonly adds: Sampler[] = [];
  /** Replaces the own law, before `factor`. */
  replacement: Sampler | null = null;
  readonly errors: ErrorPlan[] = [];
  /** Share of answers that are resets instead. */
  resetShare: number = 0;
  /** Share of the slots that can be used. */
  capacity: number = 1;
  /** Share of messages lost, edges only. */
  loss: number = 0;
  readonly firstCalls: FirstCalls[] = [];

  clear(): void {
    this.flags = 0;
    this.factor = 1;
    this.adds.length = 0;
    this.replacement = null;
    this.errors.length = 0;
    this.resetShare = 0;
    this.capacity = 1;
    this.loss = 0;
    this.firstCalls.length = 0;
  }
}

export class Conditions {
  readonly endpoints: readonly ConditionRow[];
  readonly edges: readonly ConditionRow[];
  /** `endpoints[i].flags`, packed for the hot path. */
  readonly endpointFlags: Int32Array;
  readonly edgeFlags: Int32Array;

  constructor(plan: Plan) {
    const endpointCount = plan.services.reduce((sum, service) => sum + service.replicas, 0);
    this.endpoints = Array.from({ length: endpointCount }, () => new ConditionRow());
    this.edges = plan.edges.map(() => new ConditionRow());
    this.endpointFlags = new Int32Array(endpointCount);
    this.edgeFlags = new Int32Array(plan.edges.length);
  }
}
