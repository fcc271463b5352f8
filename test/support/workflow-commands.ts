/** Workflow commands as the runner of GitHub Actions reads them (actions/runner, src/Runner.Common/ActionCommand.cs, `TryParseV2`). */
export interface WorkflowCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

const DATA: readonly (readonly [string, string])[] = [['%0D', '\r'], ['%0A', '\n'], ['%25', '%']];
const PROPERTY: typeof DATA = [['%0D', '\r'], ['%0A', '\n'], ['%3A', ':'], ['%2C', ','], ['%25', '%']];

export function commandsIn(text: string): WorkflowCommand[] {
  return text.split(/\r\n|\r|\n/).flatMap((line): WorkflowCommand[] => {
    const [, head, message] = /^\s*::(.*?)::(.*)$/s.exec(line) ?? [];
    if (head === undefined || message === undefined) return [];
    const space = head.indexOf(' ');
    const pairs = space < 0 ? [] : head.slice(space + 1).trim().split(',').filter((pair) => pair !== '');
    return [{
      name: space < 0 ? head : head.slice(0, space),
      properties: Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), unescaped(pair.slice(pair.indexOf('=') + 1), PROPERTY)])),
      message: unescaped(message, DATA),
    }];
  });
}

function unescaped(text: string, table: typeof DATA): string {
  return table.reduce((out, [code, sign]) => out.replaceAll(code, sign), text);
}
