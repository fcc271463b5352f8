import { distance } from 'fastest-levenshtein';

/** The candidate nearest to what was written: same letters in another case, what it is the start of, at most two edits away, or a common start; else null. */
export function nearest(written: string, candidates: Iterable<string>): string | null {
  const lower = written.toLowerCase().slice(0, 100);
  let best: string | null = null;
  let bestScore = Infinity;
  let left = CANDIDATES_MAX;
  for (const candidate of candidates) {
    if (left-- === 0) break;
    const score = scoreOf(lower, candidate.toLowerCase());
    if (score < bestScore) {
      best = candidate;
      bestScore = score;
    }
  }
  return best;
}

function sorted(word: string): string {
  return [...word].sort().join('');
}

/** Bounds the work on files with very many names. */
const CANDIDATES_MAX = 2000;

function scoreOf(written: string, candidate: string): number {
  if (written === candidate) return 0;
  const edits = distance(written, candidate);
  // A word that was left unfinished has other letters to come.
  if (written.length >= 3 && candidate.startsWith(written)) return edits / 1000;
  // Two edits turn any short word into any other, unless they only swap letters: that is one slip.
  if (edits <= 2 && sorted(written) === sorted(candidate)) return edits - 0.5;
  if (edits <= 2 && edits * 2 <= Math.max(written.length, candidate.length)) return edits;
  const common = Math.min(written.length, candidate.length);
  if (common >= 3 && written.startsWith(candidate)) return 3 + edits / 1000;
  return Infinity;
}

/** ``did you mean `x`?``, or null. */
export function didYouMean(written: string, candidates: Iterable<string>): string | null {
  const name = nearest(written, candidates);
  return name === null ? null : `did you mean \`${name}\`?`;
}
