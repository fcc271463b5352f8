/** What `run` and `compare` left in a file, read back to be shown anew. */
import { COMPARISON_SCHEMA, type Comparison } from '../compare/comparison.ts';
import { readComparison, readStoredComparison, type StoredComparison } from '../compare/read-comparison.ts';
import { readResult } from '../result/read-result.ts';
import type { Result } from '../result/result.ts';
import { readScenario } from './scenario-input.ts';
import type { Shell } from './shell.ts';
import { commandLine } from './shell-words.ts';
import { notJson } from './torn.ts';
import { UserError } from './user-error.ts';

export type Stored =
  | { readonly kind: 'run'; readonly result: Result; /** With the baseline. */ readonly comparison: Comparison | null; readonly again: string }
  | { readonly kind: 'comparison'; readonly comparison: StoredComparison };

/** @param operand  a path; `-` is standard input */
export async function readStored(operand: string, shell: Shell): Promise<Stored> {
  const { text } = await readScenario(operand, shell);
  const wrong = (what: string): never => {
    throw new UserError('input', `${operand === '-' ? 'standard input' : operand}: ${what}`);
  };
  const document = parsed(text, wrong);
  if (document['schema'] === COMPARISON_SCHEMA) {
    const stored = readStoredComparison(document);
    return typeof stored === 'string' ? wrong(stored) : { kind: 'comparison', comparison: stored };
  }
  const result = readResult(document);
  if (typeof result === 'string') return wrong(result);
  const comparison = document['comparison'] === undefined ? null : readComparison(document['comparison']);
  if (typeof comparison === 'string') return wrong(`its \`comparison\`: ${comparison}`);
  return { kind: 'run', result, comparison, again: result.env.command ?? commandLine(['meshsim', 'run', 'FILE', '--seed', String(result.seed)]) };
}

function parsed(text: string, wrong: (what: string) => never): Readonly<Record<string, unknown>> {
  if (text.trim() === '') return wrong('the file is empty');
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === 'object' && document !== null ? (document as Readonly<Record<string, unknown>>) : wrong('this is no result of meshsim but a single value');
  } catch (error) {
    return wrong(notJson(error));
  }
}
