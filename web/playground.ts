/**
 * The live page: a scenario, what can be turned in it, and what comes of that, simulated in a worker of the page. Alone it is what
 * `meshsim serve` shows, and a part of a report that was asked for it.
 */
import type { ScenarioChoice } from '../src/playground/page-data.ts';
import { deskOf, type Settings } from '../src/playground/controls.ts';
import type { Answer, Question } from '../src/playground/simulation.ts';
import { chartsOf, figuresTable, SIDE_NAMES, verdictOf } from '../src/playground/view.ts';
import { html, type Markup } from '../src/report/html/markup.ts';
import { commandLine } from '../src/cli/shell-words.ts';
import { drawChart, type DrawnChart } from './chart/draw.ts';
import { fragmentOf, type State, stateIn } from './playground/address.ts';
import { deskElement } from './playground/desk.ts';
import { Runner } from './playground/runner.ts';
import { themeButton, whenLooksChange } from './theme.ts';

/** So that a turn of a slider asks once and not at each stop on its way. */
const SETTLE_MS = 60;
/** Then a run shows what it has. */
const PATIENCE_MS = 8000;

class Playground {
  private readonly root: HTMLElement;
  private readonly choices: readonly ScenarioChoice[];
  private readonly runner: Runner;
  private text: string;
  private sides: readonly [Settings] | readonly [Settings, Settings];
  /** Whose controls are shown. */
  private shown: number = 0;
  private resolved: unknown = null;
  private last: Answer | null = null;
  private charts: DrawnChart[] = [];
  private asking: ReturnType<typeof setTimeout> | undefined;

  constructor(root: HTMLElement, source: string, choices: readonly ScenarioChoice[], { sides, text }: State) {
    this.root = root;
    this.choices = choices;
    this.text = text;
    this.sides = sides;
    root.innerHTML = FRAME.text;
    this.runner = new Runner(source, (answer) => this.show(answer), (message) => this.say(`The simulator failed: ${message}`));
    this.buttons();
    whenLooksChange(() => {
      for (const { redraw } of this.charts) redraw();
    });
    this.ask();
  }

  private part<Kind extends HTMLElement>(name: string): Kind {
    return this.root.querySelector<Kind>(`[data-part="${name}"]`)!; // one of the frame's
  }

  private buttons(): void {
    const select = this.part<HTMLSelectElement>('scenario');
    select.append(...this.choices.map(({ description, name }, i) => new Option(description === '' ? name : `${name}: ${description}`, String(i), false, this.choices[i]!.text === this.text)));
    select.hidden = this.choices.length < 2;
    select.addEventListener('change', () => this.open(this.choices[Number(select.value)]!.text));
    const editor = this.part<HTMLTextAreaElement>('text');
    editor.value = this.text;
    editor.addEventListener('input', () => {
      this.text = editor.value;
      this.askSoon();
    });
    this.part('compare').addEventListener('click', () => this.compare());
    this.part('reset').addEventListener('click', () => this.turn(this.shown, {}, true));
    this.part('download').addEventListener('click', () => this.download());
    this.part('link').addEventListener('click', () => void this.copyAddress());
    for (const [side, name] of SIDE_NAMES.entries()) {
      this.part(`side-${name}`).addEventListener('click', () => {
        this.shown = side;
        this.drawDesk();
      });
    }
  }

  private open(text: string): void {
    this.text = text;
    this.sides = [{}];
    this.shown = 0;
    this.part<HTMLTextAreaElement>('text').value = text;
    this.ask();
  }

  private compare(): void {
    const [a] = this.sides;
    this.sides = this.sides.length === 1 ? [a, a] : [a];
    this.shown = this.sides.length - 1;
    this.drawDesk();
    this.ask();
  }

  private turn(side: number, settings: Settings, mustDraw: boolean = false): void {
    const [a, b] = this.sides;
    this.sides = b === undefined ? [settings] : side === 0 ? [settings, b] : [a, settings];
    if (mustDraw) this.drawDesk();
    this.askSoon();
  }

  private askSoon(): void {
    clearTimeout(this.asking);
    this.asking = setTimeout(() => this.ask(), SETTLE_MS);
  }

  private ask(): void {
    this.root.classList.add('busy');
    const question: Question = { text: this.text, sides: this.sides, patienceMs: PATIENCE_MS };
    this.runner.ask(question);
    void fragmentOf({ text: this.text, sides: this.sides }).then((fragment) => {
      if (this.root.dataset['address'] === 'own') history.replaceState(null, '', fragment);
    });
  }

  private show(answer: Answer): void {
    this.last = answer;
    this.root.classList.remove('busy');
    const problems = [answer.problems, ...answer.sides.map(({ problems: own }) => own)];
    const told = [...new Set(problems.filter((problem) => problem !== ''))].join('\n');
    this.part('problems').textContent = told;
    this.part('problems').hidden = told === '';
    // Where the text cannot be read the last picture stays, greyed.
    this.root.classList.toggle('stale', answer.resolved === null);
    if (answer.resolved === null) return;
    if (JSON.stringify(this.resolved) !== JSON.stringify(answer.resolved)) {
      this.resolved = answer.resolved;
      this.drawDesk();
    }
    const results = answer.sides.map(({ result }) => result);
    this.put('verdicts', html`${answer.sides.map(({ overrides, result }, i) => html`<div class="side-verdict">${answer.sides.length > 1 && html`<b class="side-name">${SIDE_NAMES[i]!}</b>`}<div>${result === null ? html`<p class="verdict-line fail"><strong>NOT RUN</strong> see what is wrong below</p>` : verdictOf(result)}<p class="again"><code>${commandLine(['meshsim', 'run', 'FILE', ...overrides.flatMap(({ path, value }) => ['--set', `${path}=${value}`])])}</code></p></div></div>`)}`);
    this.put('figures', figuresTable(results));
    this.drawCharts(results);
  }

  private drawCharts(results: Parameters<typeof chartsOf>[0]): void {
    for (const { remove } of this.charts) remove();
    const { data, figures } = chartsOf(results);
    this.put('charts', figures);
    this.charts = data.map((chart) => drawChart(this.root.querySelector<HTMLElement>(`#${chart.id}`)!, chart));
  }

  private drawDesk(): void {
    const isTwo = this.sides.length > 1;
    this.part('sides').hidden = !isTwo;
    for (const [side, name] of SIDE_NAMES.entries()) this.part(`side-${name}`).setAttribute('aria-pressed', String(side === this.shown));
    this.part('compare').textContent = isTwo ? 'Drop B' : 'Compare with another setting';
    const settings = this.sides[this.shown] ?? this.sides[0];
    const side = this.shown;
    this.part('desk').replaceChildren(deskElement(deskOf(this.resolved), settings, SIDE_NAMES[side]!, (turned) => this.turn(side, turned)));
  }

  private download(): void {
    const text = this.last?.sides[this.shown]?.text;
    if (text === null || text === undefined) {
      this.say('There is nothing to download: the scenario cannot be run as it stands.');
      return;
    }
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }));
    link.download = `${nameIn(this.resolved)}.yaml`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  private async copyAddress(): Promise<void> {
    const fragment = await fragmentOf({ text: this.text, sides: this.sides });
    try {
      await navigator.clipboard.writeText(location.href.replace(/#.*$/, '') + fragment);
      this.say('The address of this page, with all that is turned, is in the clipboard.');
    } catch {
      location.hash = fragment;
      this.say('The address bar has the address of this page, with all that is turned.');
    }
  }

  private say(words: string): void {
    this.part('words').textContent = words;
  }

  private put(name: string, content: Markup): void {
    this.part(name).innerHTML = content.text;
  }
}

const FRAME = html`<div class="workbench">
<form class="turning" aria-label="Settings">
<p class="choose"><label>Scenario <select data-part="scenario"></select></label></p>
<p class="buttons"><button type="button" data-part="compare"></button><button type="button" data-part="reset">Reset</button></p>
<p class="sides" data-part="sides" role="group" aria-label="Side to turn"><button type="button" data-part="side-A">A</button><button type="button" data-part="side-B">B</button></p>
<div data-part="desk"></div>
</form>
<div class="outcome" aria-live="polite">
<div class="verdicts" data-part="verdicts"></div>
<pre class="problems" data-part="problems" hidden></pre>
<div class="scroll" data-part="figures"></div>
<div class="pictures" data-part="charts"></div>
<p class="buttons"><button type="button" data-part="download">Download as YAML</button><button type="button" data-part="link">Copy address</button> <span data-part="words" role="status"></span></p>
<details class="editor"><summary>The scenario, to be changed as text</summary><textarea data-part="text" spellcheck="false" aria-label="Scenario"></textarea></details>
</div>
</div>`;

function nameIn(resolved: unknown): string {
  const { name } = (resolved ?? {}) as { readonly name?: unknown };
  return typeof name === 'string' ? name : 'scenario';
}

async function begin(): Promise<void> {
  const root = document.getElementById('playground')!;
  const source = document.getElementById('simulator')!.textContent!;
  const choices = JSON.parse(document.getElementById('scenarios')!.textContent!) as readonly ScenarioChoice[]; // written by the page that this is part of
  const isAlone = root.dataset['address'] === 'own';
  if (isAlone) themeButton(document.getElementById('theme') as HTMLButtonElement);
  const state = isAlone ? await stateIn(location.hash) : null;
  document.documentElement.classList.add('js');
  new Playground(root, source, choices, state ?? { text: choices[0]!.text, sides: [{}] });
}

void begin();
