/** Sides read from files that `run` wrote: a baseline, or a result with its replications. */
import { readResult } from '../result/read-result.ts';
import { RESULT_SCHEMA } from '../result/result.ts';
import { BASELINE_SCHEMA, readBaseline } from './baseline.ts';
import { sideOfResult } from './saved-result.ts';
import type { Course } from './course.ts';
import type { Side } from './side.ts';

export interface SavedSide {
  readonly side: Side;
  /** Null where the file does not keep it. */
  readonly resolved: unknown;
  /** Null where the file does not keep it. */
  readonly course: Course | null;
}

/** Whether a document says of itself that it is one of these; a scenario has no `schema`. */
export function isSaved(document: unknown): boolean {
  const schema = typeof document === 'object' && document !== null && 'schema' in document ? document.schema : null;
  return typeof schema === 'string' && schema.startsWith('meshsim/');
}

/** The side, or what is wrong with the document. @param hash  of the system that a scenario resolves to */
export function readSaved(document: unknown, label: string, hash: (resolved: unknown) => string): SavedSide | string {
  const { schema } = document as { readonly schema: string }; // `isSaved`
  if (schema.startsWith('meshsim/result/')) {
    const result = readResult(document);
    return typeof result === 'string' ? result : sideOfResult(result, label, hash);
  }
  if (schema !== BASELINE_SCHEMA) return `its schema is ${schema}; this version of meshsim reads ${RESULT_SCHEMA} and ${BASELINE_SCHEMA}`;
  const side = readBaseline(document, label);
  return typeof side === 'string' ? side : { side, resolved: null, course: null };
}
