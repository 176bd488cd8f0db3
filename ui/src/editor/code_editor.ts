import type { Diagnostic } from '../ipc/generated/bindings';
import { setDiagnostics, typeProblems, type TypeProblem } from './markers';
import { models, type EditorFile } from './models';
import { monaco } from './monaco';

/** What the editor tells the page. */
export interface EditorListeners {
  onEdit(path: string, text: string): void;
  onTypeProblems(problems: TypeProblem[]): void;
  /** Go-to-definition led into another file of the adapter. */
  onGo(file: string, line: number, column: number): void;
}

/** One Monaco editor over the models of the adapter on the screen. */
export class CodeEditor {
  readonly #editor: monaco.editor.IStandaloneCodeEditor;
  readonly #disposables: monaco.IDisposable[] = [];
  #paths: string[] = [];

  constructor(host: HTMLElement, listeners: EditorListeners) {
    models.onEdit = (path, text) => listeners.onEdit(path, text);
    this.#editor = monaco.editor.create(host, {
      model: null,
      automaticLayout: true,
      fixedOverflowWidgets: true,
      fontFamily: getComputedStyle(host).getPropertyValue('--font-code'),
      fontSize: 13,
      lineNumbersMinChars: 3,
      // Addresses in somebody's code are text here, nothing to click.
      links: false,
      minimap: { enabled: false },
      padding: { top: 8, bottom: 8 },
      renderLineHighlight: 'line',
      scrollBeyondLastLine: false,
      stickyScroll: { enabled: false },
    });
    this.#disposables.push(
      monaco.editor.onDidChangeMarkers(() => listeners.onTypeProblems(typeProblems())),
      monaco.editor.registerEditorOpener({
        openCodeEditor: (_source, resource, place) => {
          const file = models.path(resource);
          if (file === null || !this.#paths.includes(file)) return false;
          const line = place && 'startLineNumber' in place ? place.startLineNumber : (place?.lineNumber ?? 1);
          const column = place && 'startColumn' in place ? place.startColumn : (place?.column ?? 1);
          listeners.onGo(file, line, column);
          return true;
        },
      }),
    );
  }

  /** Brings the models of the adapter named by `scope` in line with `files`. */
  setFiles(scope: string, files: readonly EditorFile[]): void {
    models.show(scope, files);
    this.#paths = files.map((file) => file.path);
  }

  setEnvTypes(declarations: string): void {
    models.setEnvTypes(declarations);
  }

  setDiagnostics(diagnostics: readonly Diagnostic[]): void {
    setDiagnostics(this.#paths, diagnostics);
  }

  setDark(dark: boolean): void {
    monaco.editor.setTheme(dark ? 'patchbay-dark' : 'patchbay-light');
  }

  /** Shows a file where it was left; `label` is its accessible name. */
  show(path: string, label: string): void {
    const model = models.model(path);
    const before = this.#editor.getModel();
    if (model === before) return;
    this.#remember();
    this.#editor.setModel(model);
    this.#editor.updateOptions({ ariaLabel: label });
    if (model) this.#editor.restoreViewState(models.viewStates.get(model.uri.toString()) ?? null);
  }

  reveal(line: number, column: number): void {
    this.#editor.setPosition({ lineNumber: line, column });
    this.#editor.revealLineInCenterIfOutsideViewport(line);
    this.#editor.focus();
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
    this.#remember();
    this.#editor.dispose();
  }

  #remember(): void {
    const model = this.#editor.getModel();
    if (model) models.viewStates.set(model.uri.toString(), this.#editor.saveViewState());
  }
}
