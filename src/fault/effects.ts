/** What each effect writes into the row of its target. A new effect is one entry here and one in the plan. */
import type { EffectPlan } from '../model/plan.ts';
import { createSampler } from '../random/distribution/registry.ts';
import { Condition, type ConditionRow, type FirstCalls } from './conditions.ts';

export type Apply = (row: ConditionRow) => void;

type Effect<Name extends EffectPlan['kind']> = Extract<EffectPlan, { kind: Name }>;

/** Called once for each effect of the plan: what it needs over the run is made here. */
const effects: { readonly [Name in EffectPlan['kind']]: (effect: Effect<Name>) => Apply } = {
  latency: (effect) => {
    if (effect.mode === 'multiply') {
      return (row) => {
        row.flags |= Condition.latency;
        row.factor *= effect.factor;
      };
    }
    const sampler = createSampler(effect.distribution);
    return (row) => {
      row.flags |= Condition.latency;
      if (effect.mode === 'set') row.replacement = sampler;
      else row.adds.push(sampler);
    };
  },
  errors: ({ errors }) => (row) => {
    row.flags |= Condition.errors;
    row.errors.push(errors);
  },
  crash: () => (row) => {
    row.flags |= Condition.down;
  },
  pause: () => (row) => {
    row.flags |= Condition.paused;
  },
  hang: () => (row) => {
    row.flags |= Condition.hung;
  },
  reset: ({ share }) => (row) => {
    row.flags |= Condition.resets;
    // Independent causes: an answer survives all of them or none.
    row.resetShare = 1 - (1 - row.resetShare) * (1 - share);
  },
  capacity: ({ share }) => (row) => {
    row.flags |= Condition.capacity;
    row.capacity *= share;
  },
  firstCalls: ({ count }) => {
    const counter: FirstCalls = { left: count };
    return (row) => {
      row.flags |= Condition.firstCalls;
      row.firstCalls.push(counter);
    };
  },
  loss: ({ share }) => (row) => {
    row.flags |= Condition.loss;
    row.loss = 1 - (1 - row.loss) * (1 - share);
  },
  partition: () => (row) => {
    row.flags |= Condition.cut;
  },
};

export function createEffect(effect: EffectPlan): Apply {
  // The kind picks the entry whose parameter is exactly this effect; the compiler cannot follow that.
  const create = effects[effect.kind] as (effect: EffectPlan) => Apply;
  return create(effect);
}
