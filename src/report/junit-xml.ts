/**
 * Test cases as JUnit XML, in the dialect of Jenkins' xunit plugin (junit-10.xsd), which Jenkins and GitLab read. The Ant dialect
 * asks for a time stamp and a host name besides, which differ between equal runs, so there are none here, and no durations.
 *
 * GitLab shows only the text of a failure and not its `message`, so the text says it all.
 */
import { create } from 'xmlbuilder2';

export interface TestSuite {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly cases: readonly TestCase[];
}

export interface TestCase {
  readonly name: string;
  /** Absent where it passed. */
  readonly fault?: {
    /** `failure`: it was judged and did not hold; `error`: it could not be judged. */
    readonly kind: 'failure' | 'error';
    /** Kebab-case. */
    readonly type: string;
    /** One line. */
    readonly message: string;
    /** Below the message. */
    readonly details?: string;
  };
  /** What is to be known of one that passed. */
  readonly note?: string;
}

/** What XML cannot hold (most control characters, halves of surrogate pairs) is written as `?`. */
export function junitXml({ name, properties, cases }: TestSuite): string {
  const counts = { tests: cases.length, failures: countOf('failure'), errors: countOf('error') };
  const suite = create({ version: '1.0', encoding: 'UTF-8', invalidCharReplacement: '?' })
    .ele('testsuites', { name: 'meshsim', ...counts })
    .ele('testsuite', { name: oneLine(name), ...counts });
  const list = suite.ele('properties');
  for (const [key, value] of Object.entries(properties)) list.ele('property', { name: key, value: oneLine(value) });
  for (const { name: title, fault, note } of cases) {
    const testcase = suite.ele('testcase', { classname: oneLine(name), name: oneLine(title) });
    if (fault !== undefined) {
      const text = fault.details === undefined ? fault.message : `${fault.message}\n${fault.details}`;
      testcase.ele(fault.kind, { type: fault.type, message: oneLine(fault.message) }).txt(cleaned(text));
    }
    if (note !== undefined) testcase.ele('system-out').txt(cleaned(note));
  }
  return `${suite.end({ prettyPrint: true })}\n`;

  function countOf(kind: 'failure' | 'error'): number {
    return cases.filter(({ fault }) => fault?.kind === kind).length;
  }
}

/** Readers turn line breaks in attributes into spaces. */
function oneLine(text: string): string {
  return cleaned(text).replace(/[\t\n\r]/g, ' ');
}

/** U+007F to U+009F are allowed and shown by nobody, and marks of direction turn the rest around; a lone CR would be read back as LF. */
function cleaned(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/[\u007f-\u009f\p{Cf}]/gu, '?');
}
