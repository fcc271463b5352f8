/** What a conformance runner is: it drives the engine's own classes through one case and says what came out. */

/** The input of a case, as its topic's `about` or `description` defines it. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is another one in each of some seventy files
export type Input = any;

export interface Case {
  readonly name: string;
  readonly source: string;
  readonly input: Input;
  readonly expected: unknown;
  /** Absolute; overrides the topic's. */
  readonly tolerance?: number;
}

export interface Topic {
  /**
   * Answers in the form of `expected`. Keys beyond it are not looked at; a key of it that is missing fails.
   * Rejected or absent values are `null`, as in the files.
   */
  run(input: Input, theCase: Case): unknown;
  /** Of numbers; without one they must be equal for Envoy and within a relative 1e-9 elsewhere. */
  readonly tolerance?: { readonly relative?: number; readonly absolute?: number };
  /** Cases by name that need what the engine does not have, and what that is. */
  readonly notApplicable?: Readonly<Record<string, string>>;
  /** Of classes that no run reaches yet: what they wait for (`AWAITS` of architecture.test.ts). The cases are run all the same. */
  readonly awaits?: string;
  /** Cases by name that we hold to be wrong: they are run, listed and stay red. The reasoning names the source. */
  readonly disputed?: Readonly<Record<string, string>>;
}

/** By `system/topic`; a text is the reason why nothing of the topic applies yet. */
export type Topics = Readonly<Record<string, Topic | string>>;
