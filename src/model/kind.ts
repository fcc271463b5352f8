/**
 * The shape of a plug-in. A balancer, a jitter, a distribution is one file that exports a `Kind` and
 * one line in the registry of its folder. Schema, validation, defaults, `--resolved` and the docs
 * table are made from these descriptions, so an option is written down once.
 */
export type OptionSpec =
  | (OptionBase & { readonly type: 'integer' | 'number'; readonly min?: number; readonly max?: number; readonly default?: number })
  | (OptionBase & { readonly type: 'duration'; readonly min?: number; readonly max?: number; readonly default?: number })
  | (OptionBase & { readonly type: 'ratio'; readonly default?: number })
  /** Per second. */
  | (OptionBase & { readonly type: 'rate'; readonly default?: number })
  | (OptionBase & { readonly type: 'boolean'; readonly default?: boolean })
  | (OptionBase & { readonly type: 'choice'; readonly values: readonly string[]; readonly default?: string });

interface OptionBase {
  /** One sentence: what it does, its unit, what a product calls it. */
  readonly doc: string;
  /** A word that becomes `Infinity`: there is no limit or no such value, or, with `second`, as much as a second brings. */
  readonly infinite?: 'unlimited' | 'none' | 'second';
  /** Understood in the file, but a run that sets it is refused until the engine has it. */
  readonly later?: true;
}

/** Option values as the plan carries them: durations in ns, ratios 0..1, `Infinity` for no limit. */
export type OptionValue = number | string | boolean;
export type OptionValues = Readonly<Record<string, OptionValue>>;
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

export interface Kind {
  /** One sentence for the schema and the docs table. */
  readonly doc: string;
  /** The product and version whose behaviour it copies; absent for our own. */
  readonly copies?: string;
  readonly options: OptionSpecs;
  /** Where it is known to do something else than what it copies, a sentence each. */
  readonly differences?: readonly string[];
  /** What is wrong with values that are each within their range; null where nothing is. */
  readonly check?: (values: OptionValues) => OptionProblem | null;
}

/** Options that cannot be meant together. */
export interface OptionProblem {
  /** The option that is shown. */
  readonly key: string;
  readonly message: string;
  readonly hint: string;
}

/** A kind chosen in a file: its name in the registry and all its options, defaults filled in. */
export interface Chosen<Name extends string = string> {
  readonly kind: Name;
  readonly options: OptionValues;
}
