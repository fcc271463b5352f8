/** Bytes made small, and large again, by what browsers have for that. */

export async function deflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return through(bytes, new CompressionStream('deflate-raw'), Infinity);
}

/** @param most  bytes; @throws where there would be more, or where these are not deflated */
export async function inflatedBytes(bytes: Uint8Array<ArrayBuffer>, most: number): Promise<Uint8Array> {
  return through(bytes, new DecompressionStream('deflate-raw'), most);
}

/** What `scripts/bundle.ts` packed. */
export async function inflated(base64: string): Promise<string> {
  return new TextDecoder().decode(await inflatedBytes(bytesOf(base64), Infinity));
}

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

async function through(bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream, most: number): Promise<Uint8Array> {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    length += value.length;
    if (length > most) throw new Error('too long');
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
