/** The charts of the panel. They are drawn anew for each answer; what a reader did to one of them stays. */
import type { Charts } from '../../src/playground/view.ts';
import { drawChart, type DrawnChart } from '../chart/draw.ts';

export class Pictures {
  private readonly element: HTMLElement;
  private drawn: readonly DrawnChart[] = [];

  constructor(element: HTMLElement) {
    this.element = element;
  }

  show({ data, figures }: Charts): void {
    const { element } = this;
    const kept = new Map(data.map(({ id }) => [id, keptOf(element.querySelector(`#${id}`))]));
    for (const { remove } of this.drawn) remove();
    // While they are away the page is no shorter, or it would scroll.
    element.style.minHeight = `${element.offsetHeight}px`;
    element.innerHTML = figures.text;
    this.drawn = data.map((chart) => drawChart(element.querySelector<HTMLElement>(`#${chart.id}`)!, chart));
    for (const [id, state] of kept) restore(element.querySelector(`#${id}`)!, state);
    element.style.minHeight = '';
  }

  clear(): void {
    for (const { remove } of this.drawn) remove();
    this.drawn = [];
    this.element.replaceChildren();
  }

  redraw(): void {
    for (const { redraw } of this.drawn) redraw();
  }
}

interface Kept {
  readonly hidden: readonly string[];
  readonly isTableOpen: boolean;
  /** A place in the figure, as a selector. */
  readonly focused: string | null;
}

function keptOf(figure: Element | null): Kept | null {
  if (figure === null) return null;
  const keys = [...figure.querySelectorAll('.keys button')];
  const active = document.activeElement;
  const key = keys.indexOf(active!);
  const focused = key >= 0 ? `.keys button:nth-of-type(${key + 1})` : active === figure.querySelector('.plot') ? '.plot' : active === figure.querySelector('summary') ? 'summary' : null;
  return { hidden: keys.filter((button) => button.getAttribute('aria-pressed') === 'false').map(nameOf), isTableOpen: figure.querySelector('details')?.open === true, focused };
}

function restore(figure: Element, kept: Kept | null): void {
  if (kept === null) return;
  for (const button of figure.querySelectorAll<HTMLButtonElement>('.keys button')) if (kept.hidden.includes(nameOf(button))) button.click();
  if (kept.isTableOpen) figure.querySelector('details')!.open = true;
  if (kept.focused !== null) figure.querySelector<HTMLElement>(kept.focused)?.focus({ preventScroll: true });
}

/** Of a series; its value under the pointer stands behind it. */
function nameOf(button: Element): string {
  return button.querySelector('output')?.previousSibling?.textContent?.trim() ?? '';
}
