/** The live page: one file with the simulator in it, which asks nobody for anything. */
import { VERSION } from '../model/version.ts';
import { scriptOf, styleSheetOf } from '../report/html/assets.ts';
import { html, jsonBlock, Markup } from '../report/html/markup.ts';
import type { PageData, ScenarioChoice } from '../report/html/page-data.ts';
import { contentPolicyOf } from '../report/html/page.ts';
import { panelParts } from '../report/html/panel.ts';

/** Beside those of the panel. */
const NO_CHARTS: PageData = { charts: [] };

/** @param choices  at least one; the first is shown */
export function playgroundPage(choices: readonly ScenarioChoice[]): string {
  const script = scriptOf('playground');
  return `${html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${contentPolicyOf(script, true)}">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="meshsim ${VERSION}">
<title>meshsim, live</title>
<style>${new Markup(styleSheetOf('playground'))}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the simulator</a>
<header class="bar"><p><strong>meshsim</strong> <span>live</span></p><button type="button" class="js-only" id="theme" aria-live="polite">Theme</button></header>
<main class="alone" id="main">
<h1>What if?</h1>
<p class="description">Turn something, and the whole run is simulated anew, in this page, with the same requests and the same luck.</p>
<div id="playground" data-address="own"><p class="no-js nothing">The simulator runs in this page, for which it needs JavaScript.</p></div>
</main>
${panelParts(choices)}
${jsonBlock('data', NO_CHARTS)}
<script>${new Markup(script.text)}</script>
</body>
</html>`.text}\n`;
}
