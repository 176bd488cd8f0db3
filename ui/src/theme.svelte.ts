/** What a person chose; `system` follows the desktop. */
export type ThemeChoice = 'system' | 'light' | 'dark';

/** The choices in the order in which they are shown. */
export const THEME_CHOICES: readonly ThemeChoice[] = ['system', 'light', 'dark'];

const STORAGE_KEY = 'patchbay.theme';

/** The appearance: the choice is kept in the window's own storage and written onto the root element. */
export class Theme {
  choice = $state<ThemeChoice>('system');
  /** What it comes to, for the editor, which has no third theme. */
  dark = $state(false);

  readonly #system = window.matchMedia('(prefers-color-scheme: dark)');

  constructor() {
    const kept = THEME_CHOICES.find((choice) => choice === localStorage.getItem(STORAGE_KEY));
    this.#system.addEventListener('change', () => this.#apply());
    this.choose(kept ?? 'system');
  }

  choose(choice: ThemeChoice): void {
    this.choice = choice;
    localStorage.setItem(STORAGE_KEY, choice);
    this.#apply();
  }

  #apply(): void {
    if (this.choice === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = this.choice;
    this.dark = this.choice === 'dark' || (this.choice === 'system' && this.#system.matches);
  }
}
