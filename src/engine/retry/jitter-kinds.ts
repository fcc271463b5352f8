/** How the wait before the n-th retry (n from 0) is drawn; `step` is min(max, base x 2^n). */
export const jitterKinds = {
  full: { doc: 'Uniform from 0 to the step.' },
  equal: { doc: 'Half the step, plus uniform up to the other half.' },
  decorrelated: { doc: 'Uniform from base to three times the previous wait, at most max.' },
  none: { doc: 'The step itself.' },
  envoy: { doc: 'Whole milliseconds below the step, uniform, as Envoy: the step becomes max once it reaches half of it.' },
  linkerd: { doc: 'The step, plus uniform up to the step again, at most max, as Linkerd with jitter 1.0.' },
} as const;

export type JitterName = keyof typeof jitterKinds;
