/** How the locality of a pick is chosen, inside the priority that was chosen for it. */
export interface LocalityChoice {
  /** Index of a locality, or NONE for a pick among the hosts of all of them. */
  choose(random: RandomWords): number;
}

/** Uniform 32-bit words, signed or not; `Sequence` is one. */
export interface RandomWords {
  word(): number;
}
