import { monaco, typescript } from './monaco';

/** A text that the editor can show. */
export interface EditorFile {
  readonly path: string;
  readonly text: string;
}

const LANGUAGES: Record<string, string> = {
  ts: 'typescript',
  mts: 'typescript',
  js: 'javascript',
  mjs: 'javascript',
  json: 'json',
  md: 'markdown',
  // Monaco has no TOML; INI colours its sections, keys and comments alike.
  toml: 'ini',
};

/**
 * The models of every adapter that was opened. They stay when another adapter is shown, so that undo still works after a
 * look elsewhere; what TypeScript calls `Env` is always that of the adapter on the screen.
 */
export class AdapterModels {
  #scope = '';
  #envTypes: monaco.IDisposable[] = [];
  #envText = '';
  readonly #known = new Map<string, string>();

  readonly #onEdit: (path: string, text: string) => void;

  constructor(onEdit: (path: string, text: string) => void) {
    this.#onEdit = onEdit;
  }

  /** Shows the files of the adapter that `scope` names (`tenant/adapter`). */
  show(scope: string, files: readonly EditorFile[]): void {
    this.#scope = scope;
    for (const { path, text } of files) this.#put(path, text);
  }

  model(path: string): monaco.editor.ITextModel | null {
    return monaco.editor.getModel(this.#uri(path));
  }

  /** Path in the adapter's folder, or `null` for a model of something else. */
  path(uri: monaco.Uri): string | null {
    const prefix = `/${this.#scope}/`;
    return uri.scheme === 'file' && uri.path.startsWith(prefix) ? uri.path.slice(prefix.length) : null;
  }

  setEnvTypes(declarations: string): void {
    if (declarations === this.#envText) return;
    this.#envText = declarations;
    for (const old of this.#envTypes) old.dispose();
    this.#envTypes = [typescript.typescriptDefaults, typescript.javascriptDefaults].map((defaults) =>
      defaults.addExtraLib(declarations, 'file:///patchbay/env.d.ts'),
    );
  }

  dispose(): void {
    for (const declarations of this.#envTypes) declarations.dispose();
    for (const uri of this.#known.keys()) monaco.editor.getModel(monaco.Uri.parse(uri))?.dispose();
    this.#known.clear();
  }

  #put(path: string, text: string): void {
    const uri = this.#uri(path);
    const key = uri.toString();
    if (this.#known.get(key) === text) return;
    const model = monaco.editor.getModel(uri);
    this.#known.set(key, text);
    if (model) {
      // As an edit, so that a person can undo what came from the disk.
      model.pushEditOperations([], [{ range: model.getFullModelRange(), text }], () => null);
      return;
    }
    const extension = path.slice(path.lastIndexOf('.') + 1);
    const made = monaco.editor.createModel(text, LANGUAGES[extension] ?? 'plaintext', uri);
    made.updateOptions({ tabSize: 2, insertSpaces: true });
    made.onDidChangeContent(() => {
      const edited = made.getValue();
      if (this.#known.get(key) === edited) return;
      this.#known.set(key, edited);
      const editedPath = this.path(uri);
      if (editedPath !== null) this.#onEdit(editedPath, edited);
    });
  }

  #uri(path: string): monaco.Uri {
    return monaco.Uri.from({ scheme: 'file', path: `/${this.#scope}/${path}` });
  }
}
