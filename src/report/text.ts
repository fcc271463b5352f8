/** Text measured in characters (code points), as a terminal shows those of a file in one of the usual alphabets. */
/** At most `width` characters; what is cut off is marked with `…`. A number is left out whole: `10…` is not 100 %. */
export function shorten(text: string, width: number): string {
  const signs = [...text];
  if (signs.length <= width) return text;
  const most = Math.max(0, width - 1);
  const kept = signs.slice(0, most).join('');
  const isInNumber = /\d[.,]?$/.test(kept) && /^[.,]?\d/.test(signs.slice(most).join(''));
  return `${isInNumber ? kept.replace(/[\d.,]+$/, '') : kept}…`;
}

export function lengthOf(text: string): number {
  return [...text].length;
}

/** Words on lines of at most `width`; a longer word is cut. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && lengthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(shorten(word, width));
  }
  return lines;
}
