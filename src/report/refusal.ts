/** Scenarios that cannot be run, in the formats that jobs read. */
import { counted } from '../model/grouped.ts';
import { commentOf, fenced, folded, literal } from './comment-text.ts';
import { junitXml } from './junit-xml.ts';

export interface Refused {
  /** What was to be run. */
  readonly command: string;
  readonly files: readonly {
    readonly name: string;
    /** Of its errors. */
    readonly count: number;
    /** All of its problems. */
    readonly text: string;
  }[];
}

/** A suite for each file would have no name that a later run has; so all are one, with a case each. */
export function refusalJunit({ command, files }: Refused): string {
  return junitXml({
    name: files.map(({ name }) => name).join(', '),
    properties: { command },
    cases: files.filter(({ count }) => count > 0).map(({ name, count, text }) => ({ name: `${name} is valid`, fault: { kind: 'error', type: 'invalid-scenario', message: counted(count, 'error'), details: text } })),
  });
}

export function refusalComment({ files }: Refused): string {
  return commentOf([
    { text: '### meshsim · invalid scenario' },
    ...files.filter(({ count }) => count > 0).map(({ name, count }) => ({ text: `✗ **INVALID** ${literal(name)}: ${counted(count, 'error')}` })),
    ...files.filter(({ text }) => text !== '').map(({ name, text }) => folded(name, fenced(text))),
  ]);
}
