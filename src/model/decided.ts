/** Something that an engine was told, or that it decided then, in words. */
export interface Decided {
  readonly atMs: number;
  /** False of what the engine was told. */
  readonly isDecision: boolean;
  /** `begin`, `send`, …, as in a recording. */
  readonly word: string;
  readonly words: string;
  /** Where in the mesh: an edge and a caller of it; null for what is nobody's in particular. */
  readonly edge: string | null;
  readonly caller: string | null;
}
