/** What the script of a page with the simulator in it looks for: the scenarios, and the simulator. */
import { packedScriptOf } from './assets.ts';
import { html, jsonBlock, type Markup } from './markup.ts';
import type { ScenarioChoice } from './page-data.ts';

/** @param choices  at least one; the first is shown */
export function panelParts(choices: readonly ScenarioChoice[]): Markup {
  return html`${jsonBlock('scenarios', choices)}
<script type="text/plain" id="simulator">${packedScriptOf('simulator')}</script>`;
}
