import { monaco } from './monaco';

/** Two texts side by side. */
export interface DiffTexts {
  readonly before: string;
  readonly after: string;
  /** `json`, `plaintext`, … */
  readonly language: string;
}

/**
 * The one diff editor of the window. It is made once and kept: disposing a diff editor breaks menus and the search of
 * every other editor (microsoft/monaco-editor#4612). Whoever shows it puts its element onto the page.
 */
class DiffEditor {
  readonly #host = document.createElement('div');
  readonly #editor: monaco.editor.IStandaloneDiffEditor;

  constructor() {
    this.#host.style.height = '100%';
    this.#editor = monaco.editor.createDiffEditor(this.#host, {
      automaticLayout: true,
      fixedOverflowWidgets: true,
      fontSize: 12,
      hideUnchangedRegions: { enabled: true, contextLineCount: 3, minimumLineCount: 6 },
      // Addresses in somebody's webhook are text here, nothing to click.
      links: false,
      lineNumbersMinChars: 3,
      minimap: { enabled: false },
      originalEditable: false,
      readOnly: true,
      renderOverviewRuler: false,
      renderSideBySide: true,
      scrollBeyondLastLine: false,
      stickyScroll: { enabled: false },
      useInlineViewWhenSpaceIsLimited: true,
      renderSideBySideInlineBreakpoint: 640,
      wordWrap: 'on',
    });
  }

  /** Puts the editor into an element of the page; the function that comes back takes it out again. */
  attach(place: HTMLElement): () => void {
    place.append(this.#host);
    const fontFamily = getComputedStyle(place).getPropertyValue('--font-code');
    this.#editor.updateOptions({ fontFamily });
    return () => {
      if (this.#host.parentElement === place) this.#host.remove();
    };
  }

  show({ before, after, language }: DiffTexts, labels: { before: string; after: string }): void {
    const old = this.#editor.getModel();
    this.#editor.setModel({
      original: monaco.editor.createModel(before, language),
      modified: monaco.editor.createModel(after, language),
    });
    old?.original.dispose();
    old?.modified.dispose();
    this.#editor.getOriginalEditor().updateOptions({ ariaLabel: labels.before });
    this.#editor.getModifiedEditor().updateOptions({ ariaLabel: labels.after });
  }

  setDark(dark: boolean): void {
    monaco.editor.setTheme(dark ? 'patchbay-dark' : 'patchbay-light');
  }
}

let only: DiffEditor | null = null;

/** The diff editor; made when somebody first wants it. */
export function diffEditor(): DiffEditor {
  only ??= new DiffEditor();
  return only;
}
