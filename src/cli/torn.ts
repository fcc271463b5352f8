/** A file that was to be what `run` or `compare` wrote, and is not JSON: cut short, most often. */

/** What is wrong with a text that begins as ours do; null for one that may be a scenario: YAML has maps in braces, too. */
export function tornOf(text: string, error: unknown): string | null {
  return /^\s*\{\s*"(?:schema|meshsim)"\s*:/.test(text) ? notJson(error) : null;
}

/** @param error  of `JSON.parse` */
export function notJson(error: unknown): string {
  if (!(error instanceof SyntaxError)) throw error;
  return `this is not JSON, or not all of it (${error.message}); \`meshsim run SCENARIO --out DIR\` writes DIR/result.json`;
}
