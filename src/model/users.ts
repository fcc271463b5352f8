/**
 * Users of closed loops at so many times the load: whole ones, at least one a source, and of all sources together as many as that is, rounded;
 * each rounded for itself, they would be some more or fewer.
 * @param factor  above 0
 */
export function usersAt(users: readonly number[], factor: number): number[] {
  let before = 0;
  return users.map((count) => {
    const from = before;
    before += count;
    return Math.max(1, Math.round(before * factor) - Math.round(from * factor));
  });
}

/** The least factor at which no source would have less than one user. */
export function leastUsersFactor(users: readonly number[]): number {
  return 1 / Math.min(...users);
}
