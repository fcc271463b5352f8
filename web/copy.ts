/** Buttons that copy the command beside them, also those that come later. */
const SHOWN_MS = 1600;

export function copyButtons(): void {
  document.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest<HTMLButtonElement>('button.copy') : null;
    if (button === null) return;
    const code = button.parentElement!.querySelector('code')!;
    void copy(code).then((copied) => {
      button.textContent = copied ? 'Copied' : 'Press Ctrl+C';
      setTimeout(() => (button.textContent = 'Copy'), SHOWN_MS);
    });
  });
}

/** Where a page may not write to the clipboard, the text is selected for the reader to copy. */
async function copy(code: HTMLElement): Promise<boolean> {
  getSelection()?.selectAllChildren(code);
  try {
    await navigator.clipboard.writeText(code.textContent!);
    return true;
  } catch {
    return false;
  }
}
