/**
 * Workflow commands of GitHub Actions, which the runner finds in what a step writes. It looks through standard error as it does through
 * standard output (actions/runner, src/Runner.Worker/Handlers/ScriptHandler.cs: both go to an `OutputManager`), so they need not be
 * where the result is.
 *
 * Escaped as `@actions/core` does (actions/toolkit, packages/core/src/command.ts).
 */
export function workflowCommand(name: string, properties: Readonly<Record<string, string | number | null>>, message: string): string {
  const given = Object.entries(properties).filter(([, value]) => value !== null);
  return `::${name}${given.length === 0 ? '' : ' '}${given.map(([key, value]) => `${key}=${escapedProperty(String(value))}`).join(',')}::${escapedData(message)}\n`;
}

function escapedData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapedProperty(text: string): string {
  return escapedData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
