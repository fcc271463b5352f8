/** A rolling 64-bit hash over everything that was settled, in order: equal digests, equal runs. */
export class Digest {
  private a: number = 0x6a09e667;
  private b: number = 0xbb67ae85 | 0;

  add(edge: number, outcome: number, attempts: number, now: number): void {
    const what = Math.imul((edge << 8) ^ (outcome << 4) ^ attempts, 0x9e3779b1);
    const when = Math.imul(now | 0, 0x85ebca6b) ^ Math.floor(now * 2 ** -32);
    this.a = Math.imul(this.a ^ what ^ (this.b >>> 15), 0x7feb352d);
    this.b = Math.imul(this.b ^ when ^ (this.a >>> 16), 0x846ca68b | 0);
  }

  /** That of another run. */
  addDigest(text: string): void {
    const [a, b] = [text.slice(0, 8), text.slice(8)].map((word) => Number.parseInt(word, 16)) as [number, number];
    this.a = Math.imul(this.a ^ a ^ (this.b >>> 15), 0x7feb352d);
    this.b = Math.imul(this.b ^ b ^ (this.a >>> 16), 0x846ca68b | 0);
  }

  toString(): string {
    return [this.a, this.b].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }
}

/** Of several runs in their order; of one run its own. */
export function digestOfAll(digests: readonly string[]): string {
  if (digests.length === 1) return digests[0]!;
  const digest = new Digest();
  for (const text of digests) digest.addDigest(text);
  return digest.toString();
}
