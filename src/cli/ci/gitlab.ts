/**
 * GitLab CI: progress in a collapsed section of the job's log. Verdicts reach the merge request as a JUnit report
 * (`artifacts:reports:junit`), which `--junit` writes.
 */
import type { Shell } from '../shell.ts';
import type { Ci } from './ci.ts';

export function gitlab({ stderr, epochSeconds }: Shell): Ci {
  let sections = 0;
  return {
    fold(title) {
      const name = `meshsim_${++sections}`;
      stderr.write(`${marker('start', epochSeconds(), `${name}[collapsed=true]`)}${title.replace(/\p{Cc}/gu, '?')}\n`);
      return () => stderr.write(`${marker('end', epochSeconds(), name)}\n`);
    },
    conclude: async () => undefined,
  };
}

/** docs.gitlab.com, CI/CD job logs, custom collapsible sections. */
function marker(edge: 'start' | 'end', atSeconds: number, name: string): string {
  return `\u001b[0Ksection_${edge}:${atSeconds}:${name}\r\u001b[0K`;
}
