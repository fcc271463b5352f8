/** Random numbers of the test's own, so that a fault in the engine's cannot hide itself: the linear congruence of drand48. */
export function lehmer(seed: number): () => number {
  let state = BigInt(seed) * 2n + 1n;
  const next = (): number => {
    state = (state * 0x5deece66dn + 0xbn) & 0xffffffffffffn;
    return (Number(state >> 8n) + 0.5) / 2 ** 40;
  };
  for (let i = 0; i < 20; i++) next();
  return next;
}
