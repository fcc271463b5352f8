/** The live page: one file with the simulator in it, which asks nobody for anything. */
import { VERSION } from '../model/version.ts';
import { scriptOf, styleSheetOf } from '../report/html/assets.ts';
import { html, jsonBlock, Markup } from '../report/html/markup.ts';
import type { ScenarioChoice } from './page-data.ts';

/** @param choices  at least one; the first is shown */
export function playgroundPage(choices: readonly ScenarioChoice[]): string {
  const script = scriptOf('playground');
  return `${html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '${script.hash}' blob:; worker-src blob:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="meshsim ${VERSION}">
<title>meshsim</title>
<style>${new Markup(styleSheetOf('playground'))}</style>
</head>
<body>
<header class="bar"><p><strong>meshsim</strong> <span>live</span></p><button type="button" class="js-only" id="theme" aria-live="polite">Theme</button></header>
<main class="alone" id="main">
<h1>What if?</h1>
<p class="description">Turn something on the left: the whole run is simulated anew in this page, with the same requests and the same luck.</p>
<div id="playground" data-address="own"><p class="no-js nothing">The simulator runs in this page, for which it needs JavaScript.</p></div>
</main>
${playgroundParts(choices)}
<script>${new Markup(script.text)}</script>
</body>
</html>`.text}\n`;
}

/** What the script looks for in the page. */
function playgroundParts(choices: readonly ScenarioChoice[]): Markup {
  return html`${jsonBlock('scenarios', choices)}
<script type="text/plain" id="simulator">${new Markup(scriptOf('simulator').text)}</script>`;
}
