/**
 * Several YAML values in one flag: `roundRobin,{ type: peakEwma, decay: 10s }`. Commas part them, but for those in
 * brackets and quotes, which belong to a value; what is not closed runs to the end, and the YAML reader says so.
 */
export function splitValues(text: string): string[] {
  const values: string[] = [];
  let start = 0;
  let depth = 0;
  let quote: string | null = null;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (quote !== null) {
      if (character === '\\' && quote === '"') i++;
      else if (character === quote) quote = null;
    } else if ((character === '"' || character === "'") && opensValue(text, start, i)) quote = character;
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    else if (character === ',' && depth === 0) {
      values.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  return [...values, text.slice(start).trim()];
}

/** A quote inside of a word is a letter to YAML. */
function opensValue(text: string, start: number, at: number): boolean {
  return /(^|[[{,:])\s*$/.test(text.slice(start, at));
}
