/** `--playground`: the simulator as a part of a page. */
import type { Reporter } from '../report/reporter.ts';
import type { Flag } from './command.ts';
import type { Outputs } from './outputs.ts';
import type { Settings } from './settings.ts';
import { UserError } from './user-error.ts';

export const PLAYGROUND_FLAG: Flag = {
  name: 'playground', group: 'Output', doc: 'put the simulator into the page of --html or --out, to try other settings there (some 500 kB more)',
};

/** What of the options of a report says so. */
export function playgroundOf(settings: Settings): { readonly hasPlayground?: true } {
  return settings.isOn('playground') ? { hasPlayground: true } : {};
}

/** In the environment it may be meant for other runs. */
export function refuseWithoutPage(settings: Settings, { files, printed }: Outputs<Reporter>): void {
  const hasPage = files.some(({ flag, path }) => flag === 'html' || path.endsWith('report.html')) || printed?.flag === 'html';
  if (settings.wasTyped('playground') && !hasPage) throw new UserError('usage', '--playground is a part of the page of a run, and none is written: add --html FILE or --out FOLDER');
}
