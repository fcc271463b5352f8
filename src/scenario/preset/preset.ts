/** The shape of a preset: what a product does where its user says nothing, as a file of ours would write it. */
import type { JsonObject } from '../schema.ts';

export interface Preset {
  /** One sentence for the schema and the docs. */
  readonly doc: string;
  /** Product and version; absent for our own. */
  readonly copies?: string;
  /** Values, and parts that are on without being asked for. */
  readonly sets: JsonObject;
  /** What follows once the file itself says something. */
  readonly given?: readonly Given[];
  /** Other ways in which the product is set up, as keys beside the preset. */
  readonly variants?: readonly Variant[];
  /** What the product sets and our file has no key for, in the product's words. */
  readonly unsaid?: JsonObject;
  /** Where a policy with this preset is known to do something else than the product, a sentence each. */
  readonly differences?: readonly string[];
}

export interface Variant {
  /** What of the product this stands for. */
  readonly doc: string;
  readonly sets: JsonObject;
}

export interface Given {
  /** A key that the file has, with another value than `none`: `retries`, `loadBalancer.type`. */
  readonly key: string;
  /** Only with this value. */
  readonly value?: string;
  readonly sets: JsonObject;
}
