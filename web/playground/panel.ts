/**
 * A scenario, what can be turned in it, and what comes of that, simulated in a worker of the page. It is what `meshsim serve` shows, and a
 * part of a report that was asked for it.
 */
import { deskOf, type Settings } from '../../src/playground/controls.ts';
import type { Answer, SideAnswer } from '../../src/playground/simulation.ts';
import { chartsOf, figuresOf, figuresTable, SIDE_NAMES, verdictOf } from '../../src/playground/view.ts';
import { html, type Markup } from '../../src/report/html/markup.ts';
import type { ScenarioChoice } from '../../src/report/html/page-data.ts';
import { commandLine } from '../../src/cli/shell-words.ts';
import { whenLooksChange } from '../theme.ts';
import { fragmentOf, type State, stateIn } from './address.ts';
import { deskElement } from './desk.ts';
import { Pictures } from './pictures.ts';
import { Runner } from './runner.ts';

/** So that a turn of a slider asks once and not at each stop on its way. */
const SETTLE_MS = 60;
/** The address follows when nothing has been turned for a while. */
const ADDRESS_MS = 300;

export class Panel {
  private readonly root: HTMLElement;
  private readonly choices: readonly ScenarioChoice[];
  private readonly hasAddress: boolean;
  private readonly runner: Runner;
  private readonly pictures: Pictures;
  private readonly opened: Map<string, boolean> = new Map();
  private text: string = '';
  private sides: State['sides'] = [{}];
  /** Whose controls are shown. */
  private shown: number = 0;
  private resolved: unknown = null;
  private last: Answer | null = null;
  /** The last that was written, so that one that somebody else wrote is told from it. */
  private fragment: string = '';
  private asking: ReturnType<typeof setTimeout> | undefined;
  private addressing: ReturnType<typeof setTimeout> | undefined;

  constructor(root: HTMLElement, source: string, choices: readonly ScenarioChoice[], hasAddress: boolean, state: State) {
    this.root = root;
    this.choices = choices;
    this.hasAddress = hasAddress;
    root.innerHTML = frameOf(hasAddress).text;
    this.pictures = new Pictures(this.part('charts'));
    this.runner = new Runner(source, (answer, isLast) => this.show(answer, isLast), (message) => this.failed(message));
    this.listen();
    whenLooksChange(() => this.pictures.redraw());
    this.open(state);
  }

  say(words: string): void {
    this.part('words').textContent = words;
  }

  private part<Kind extends HTMLElement>(name: string): Kind {
    return this.root.querySelector<Kind>(`[data-part="${name}"]`)!; // one of the frame's
  }

  private listen(): void {
    const editor = this.part<HTMLTextAreaElement>('text');
    editor.addEventListener('input', () => {
      this.text = editor.value;
      this.showChoice();
      this.askSoon();
    });
    this.part('compare').addEventListener('click', () => this.compare());
    this.part('reset').addEventListener('click', () => {
      this.turn({});
      this.drawDesk();
    });
    this.part('download').addEventListener('click', () => this.download());
    for (const [side, name] of SIDE_NAMES.entries()) {
      this.part(`side-${name}`).addEventListener('click', () => {
        this.shown = side;
        this.drawDesk();
      });
    }
    if (!this.hasAddress) return;
    const select = this.part<HTMLSelectElement>('scenario');
    select.append(...this.choices.map(({ description, name }, i) => new Option(description === '' ? name : `${name}: ${description}`, String(i))), new Option('as changed below', OWN_TEXT));
    select.addEventListener('change', () => this.open({ text: this.choices[Number(select.value)]?.text ?? this.text, sides: [{}] }));
    this.part('link').addEventListener('click', () => void this.copyAddress());
    addEventListener('hashchange', () => {
      if (location.hash === this.fragment) return;
      void stateIn(location.hash).then((state) => (state === null ? this.say('The address says nothing that can be understood here.') : this.open(state)));
    });
  }

  private open({ sides, text }: State): void {
    // What can be turned is known when it has been read.
    if (text !== this.text) this.resolved = null;
    this.text = text;
    this.sides = sides;
    this.shown = sides.length - 1;
    this.part<HTMLTextAreaElement>('text').value = text;
    this.showChoice();
    this.drawDesk();
    this.ask();
  }

  private showChoice(): void {
    if (!this.hasAddress) return;
    const select = this.part<HTMLSelectElement>('scenario');
    const at = this.choices.findIndex(({ text }) => text === this.text);
    select.value = at < 0 ? OWN_TEXT : String(at);
    select.options[this.choices.length]!.hidden = at >= 0;
  }

  /** A copy of what there is becomes B; or what is shown is all that stays. */
  private compare(): void {
    const settings = this.settings();
    this.sides = this.sides.length === 1 ? [settings, settings] : [settings];
    this.shown = this.sides.length - 1;
    this.drawDesk();
    this.ask();
  }

  /** Of the side that is shown. */
  private settings(): Settings {
    return this.sides[this.shown] ?? this.sides[0];
  }

  private turn(settings: Settings): void {
    const [a, b] = this.sides;
    this.sides = b === undefined ? [settings] : this.shown === 0 ? [settings, b] : [a, settings];
    this.askSoon();
  }

  private askSoon(): void {
    clearTimeout(this.asking);
    this.asking = setTimeout(() => this.ask(), SETTLE_MS);
  }

  private ask(): void {
    clearTimeout(this.asking);
    this.busy(true);
    // One that is turned is shown against the file as it is.
    const isTurned = Object.keys(this.sides[0]).length > 0;
    this.runner.ask({ text: this.text, sides: this.sides.length === 1 && isTurned ? [this.sides[0], {}] : this.sides });
    if (!this.hasAddress) return;
    clearTimeout(this.addressing);
    this.addressing = setTimeout(() => void this.writeAddress(), ADDRESS_MS);
  }

  private async writeAddress(): Promise<void> {
    this.fragment = await fragmentOf({ text: this.text, sides: this.sides });
    history.replaceState(null, '', this.fragment);
  }

  private busy(isBusy: boolean): void {
    this.root.classList.toggle('busy', isBusy);
    this.part('outcome').setAttribute('aria-busy', String(isBusy));
    if (isBusy) this.part('progress').removeAttribute('value');
  }

  private failed(message: string): void {
    this.busy(false);
    this.tell(`The simulator failed, which is a defect of it: ${message}`, '');
  }

  private show(answer: Answer, isLast: boolean): void {
    this.last = answer;
    if (isLast) this.busy(false);
    const { resolved, sides } = answer;
    const isTwo = this.sides.length > 1;
    const shown = isTwo ? sides : sides.slice(0, 1);
    this.tell(answer.problems, [...new Set(shown.map(({ problems }) => problems))].filter((problems) => problems !== answer.problems).join('\n'));
    // Where a text under work cannot be read the last picture stays, greyed.
    this.root.classList.toggle('stale', resolved === null && this.resolved !== null);
    if (resolved === null) {
      if (this.resolved === null) this.clear();
      return;
    }
    this.part<HTMLProgressElement>('progress').value = sides.reduce((sum, { progress, state }) => sum + (state === 'running' ? progress : state === 'waiting' ? 0 : 1), 0) / sides.length;
    if (JSON.stringify(this.resolved) !== JSON.stringify(resolved)) {
      this.resolved = resolved;
      this.drawDesk();
    }
    const results = shown.map(({ result }) => result);
    this.put('verdicts', html`${shown.map((side, i) => html`<div class="side-verdict side-${SIDE_NAMES[i]!}">${isTwo && html`<b class="side-name">${SIDE_NAMES[i]!}</b>`}<div>${verdictOf(side, this.commandOf(side))}</div></div>`)}`);
    if (isTwo) this.put('figures', figuresTable([results[0]!, results[1]!]));
    else if (results[0] !== null) this.put('figures', figuresOf(results[0]!, sides[1]?.result ?? null));
    if (results.some((result) => result !== null)) this.pictures.show(chartsOf(results));
    if (isLast) this.part('spoken').textContent = shown.map((_, i) => `${isTwo ? `${SIDE_NAMES[i]!}: ` : ''}${this.part('verdicts').querySelectorAll('.verdict-line')[i]!.textContent!}`).join('. ');
  }

  private clear(): void {
    this.put('verdicts', html`<p class="verdict-line fail"><strong>Not run</strong> what is wrong is told below</p>`);
    this.put('figures', html``);
    this.part('desk').replaceChildren();
    this.pictures.clear();
  }

  /** Beside the text where that is open and wrong, else above the figures. */
  private tell(ofText: string, ofSettings: string): void {
    const isEdited = this.part<HTMLDetailsElement>('editor').open;
    const put = (name: string, words: string): void => {
      this.part(name).textContent = words;
      this.part(name).hidden = words === '';
    };
    put('text-problems', isEdited ? ofText : '');
    put('problems', [isEdited ? '' : ofText, ofSettings].filter((words) => words !== '').join('\n'));
  }

  private commandOf({ overrides, replications }: SideAnswer): string {
    const command = this.choices.find(({ text }) => text === this.text)?.command ?? 'meshsim run FILE';
    const flags = [...overrides.flatMap(({ path, value }) => ['--set', `${path}=${value}`]), ...(replications > 1 ? ['--reps', '1'] : [])];
    return flags.length === 0 ? command : `${command} ${commandLine(flags)}`;
  }

  private drawDesk(): void {
    const isTwo = this.sides.length > 1;
    const name = SIDE_NAMES[this.shown]!;
    this.part('sides').hidden = !isTwo;
    for (const [side, own] of SIDE_NAMES.entries()) this.part(`side-${own}`).setAttribute('aria-pressed', String(side === this.shown));
    this.part('compare').textContent = isTwo ? `Keep only ${name}` : 'Compare';
    this.part('reset').textContent = isTwo ? `Reset ${name}` : 'Reset';
    this.root.classList.toggle('two', isTwo);
    if (this.resolved === null) return;
    const desk = this.part('desk');
    const focused = desk.contains(document.activeElement) ? document.activeElement!.id : '';
    desk.replaceChildren(deskElement(deskOf(this.resolved), { settings: this.settings(), prefix: name, opened: this.opened, changed: (settings) => this.turn(settings) }));
    if (focused !== '') document.getElementById(focused)?.focus();
  }

  private download(): void {
    const text = this.last?.sides[this.shown]?.text;
    if (text === null || text === undefined) {
      this.say('There is nothing to download until it has been run as it stands.');
      return;
    }
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }));
    link.download = `${nameIn(this.resolved)}.yaml`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  private async copyAddress(): Promise<void> {
    await this.writeAddress();
    try {
      await navigator.clipboard.writeText(location.href);
      this.say('Copied. The address holds the scenario and all that is turned.');
    } catch {
      this.say('Copy it from the address bar: it holds the scenario and all that is turned.');
    }
  }

  private put(name: string, content: Markup): void {
    this.part(name).innerHTML = content.text;
  }
}

/** The value of the choice that is none of those given. */
const OWN_TEXT = 'own';

/** @param hasAddress  there are scenarios to choose from, and an address to share */
function frameOf(hasAddress: boolean): Markup {
  return html`<div class="workbench">
<div class="tools">${hasAddress && html`<label class="choose">Scenario <select data-part="scenario" aria-label="Scenario"></select></label>`}<button type="button" data-part="compare">Compare</button><button type="button" data-part="reset">Reset</button><button type="button" data-part="download">Download as YAML</button>${hasAddress && html`<button type="button" data-part="link">Copy address</button>`}<span data-part="words" role="status"></span></div>
<div class="verdicts" data-part="verdicts"></div>
<p class="unseen" data-part="spoken" role="status"></p>
<div class="turning" role="group" aria-label="Settings">
<p class="which" data-part="sides" role="group" aria-label="Side to turn"><button type="button" data-part="side-A">Turn A</button><button type="button" data-part="side-B">Turn B</button></p>
<div data-part="desk"></div>
</div>
<div class="outcome" data-part="outcome" role="region" aria-label="What comes of it">
<progress data-part="progress" aria-label="Simulated so far"></progress>
<pre class="problems" data-part="problems" tabindex="0" hidden></pre>
<div class="scroll" data-part="figures"></div>
<div class="pictures" data-part="charts"></div>
<details class="editor" data-part="editor"><summary>The scenario as text, to be changed</summary><textarea data-part="text" spellcheck="false" autocomplete="off" aria-label="Scenario as text"></textarea><pre class="problems" data-part="text-problems" tabindex="0" hidden></pre></details>
</div>
</div>`;
}

function nameIn(resolved: unknown): string {
  const { name } = (resolved ?? {}) as { readonly name?: unknown };
  return typeof name === 'string' ? name : 'scenario';
}
