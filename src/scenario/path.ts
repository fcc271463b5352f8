/** Where a value stands in the file: keys and list positions from the top. */
export type Path = readonly (string | number)[];

/** `services.cart.calls[0]`; keys that could be misread are quoted in brackets. */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (PLAIN_KEY.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** The reverse; also takes `traffic.0.rate`. Null where it cannot be read. */
export function parsePath(text: string): Path | null {
  const path: (string | number)[] = [];
  let rest = text;
  while (rest !== '') {
    const step = STEP.exec(rest);
    if (step === null || (path.length === 0 ? rest.startsWith('.') : !/^[.[]/.test(rest))) return null;
    const [all, key, index, quoted] = step;
    if (key !== undefined) path.push(DIGITS.test(key) ? Number(key) : key);
    else if (index !== undefined) path.push(Number(index));
    else if (quoted !== undefined) {
      const name = unquoted(quoted);
      if (name === null) return null;
      path.push(name);
    }
    rest = rest.slice(all.length);
  }
  return path.length === 0 ? null : path;
}

const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const STEP = /^(?:\.?([A-Za-z0-9_>-]+)|\[(\d{1,9})\]|\.?\[?("(?:[^"\\]|\\.)*")\]?)/;
const DIGITS = /^\d{1,9}$/;

function unquoted(text: string): string | null {
  try {
    return String(JSON.parse(text));
  } catch {
    return null;
  }
}
