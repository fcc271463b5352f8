/** Light or dark: as the system has it, until somebody chooses. Paper is always light. */
type Choice = 'auto' | 'light' | 'dark';

const WORDS: Readonly<Record<Choice, string>> = { auto: '◐ Auto', light: '○ Light', dark: '● Dark' };
const NEXT: Readonly<Record<Choice, Choice>> = { auto: 'light', light: 'dark', dark: 'auto' };
const KEY = 'meshsim-theme';

const listeners: (() => void)[] = [];

export function themeButton(button: HTMLButtonElement): void {
  let choice = remembered();
  const show = (): void => {
    if (choice === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = choice;
    button.textContent = WORDS[choice];
    button.setAttribute('aria-label', `Theme: ${choice}`);
  };
  show();
  button.addEventListener('click', () => {
    choice = NEXT[choice];
    remember(choice);
    show();
    tell();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', tell);
  addEventListener('beforeprint', () => {
    document.documentElement.dataset['theme'] = 'light';
    tell();
  });
  addEventListener('afterprint', () => {
    show();
    tell();
  });
}

/** Charts are painted in the colours of the moment. */
export function whenLooksChange(listener: () => void): void {
  listeners.push(listener);
}

/** Of the style sheet, `--c-…`, as `rgb(…)`. */
export function colorOf(name: string): string {
  const kept = colors.get(name);
  if (kept !== undefined) return kept;
  probe.style.color = `var(--c-${name})`;
  const { color } = getComputedStyle(probe);
  colors.set(name, color);
  return color;
}

/** Of the present looks: to ask the browser takes longer than to paint with the answer. */
const colors = new Map<string, string>();

/** A custom property of its own says `light-dark(…)`; the colour of an element is one of the two. */
const probe = document.head.appendChild(document.createElement('i'));

function tell(): void {
  colors.clear();
  for (const listener of listeners) listener();
}

/** A page from disk may have no storage. */
function remembered(): Choice {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === 'light' || kept === 'dark' ? kept : 'auto';
  } catch {
    return 'auto';
  }
}

function remember(choice: Choice): void {
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // Then it holds for this page.
  }
}
