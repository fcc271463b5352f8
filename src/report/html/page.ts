/** The frame of every page that we write: one file, in which all that it needs is, and which asks nobody for anything. */
import { VERSION } from '../../model/version.ts';
import { type Script, scriptOf, styleSheetOf } from './assets.ts';
import { type Content, html, jsonBlock, Markup } from './markup.ts';
import type { PageData } from './page-data.ts';
import { patterns } from './svg.ts';

export interface Page {
  /** What it is, before its name: `run report`. */
  readonly kind: string;
  readonly name: string;
  readonly head: Markup;
  readonly sections: readonly PageSection[];
  readonly data: PageData;
  /** What the panel of a section needs, in a page that has the simulator in it. */
  readonly panel?: Markup;
  /** The last words. */
  readonly end: Markup;
}

export interface PageSection {
  readonly id: string;
  readonly title: string;
  /** How to read it. */
  readonly lead?: Content;
  readonly body: Content;
}

export function pageOf({ data, end, head, kind, name, panel, sections }: Page): string {
  const bundle = panel === undefined ? 'report' : 'playground';
  const script = scriptOf(bundle);
  return `${html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${contentPolicyOf(script, panel !== undefined)}">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="meshsim ${VERSION}">
<title>${name} · meshsim ${kind}</title>
<style>${new Markup(styleSheetOf(bundle))}</style>
</head>
<body>
${patterns()}
<a class="skip" href="#main">Skip to the report</a>
<header class="bar"><p><strong>meshsim</strong> <span>${kind}</span></p><button type="button" class="js-only" id="theme" aria-live="polite">Theme</button></header>
<div class="frame">
<nav aria-label="Sections"><ul>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
<main id="main">
${head}
${sections.map(sectionOf)}
<footer>${end}</footer>
</main>
</div>
${panel ?? null}${jsonBlock('data', data)}
<script>${new Markup(script.text)}</script>
</body>
</html>`.text}\n`;
}

/** Nothing from elsewhere, and no script but this one. @param hasWorker  which it makes of a text of its own */
export function contentPolicyOf({ hash }: Script, hasWorker: boolean): Markup {
  return new Markup(`default-src 'none'; script-src '${hash}';${hasWorker ? ' worker-src blob:;' : ''} style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'`);
}

function sectionOf({ body, id, lead, title }: PageSection): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-heading">
<h2 id="${id}-heading">${title}</h2>
${lead === undefined ? null : html`<p class="lead">${lead}</p>`}
${body}
</section>`;
}
