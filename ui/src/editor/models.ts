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

/** What starts a look at the types of a language's models. */
const WORKERS: Record<string, typeof typescript.getTypeScriptWorker> = {
  typescript: typescript.getTypeScriptWorker,
  javascript: typescript.getJavaScriptWorker,
};

/**
 * The models of every adapter that was opened. They outlive the editor and stay when another adapter is shown, so that
 * undo still works after a look elsewhere; what TypeScript calls `Env` is always that of the adapter on the screen.
 */
class AdapterModels {
  /** Where each model was left. */
  readonly viewStates = new Map<string, monaco.editor.ICodeEditorViewState | null>();
  /** Called when a person edits a file of the adapter on the screen. */
  onEdit: (path: string, text: string) => void = () => {};

  #scope = '';
  #envTypes: monaco.IDisposable[] = [];
  #envText = '';
  readonly #known = new Map<string, string>();

  /** Shows the files of the adapter that `scope` names (`tenant/adapter`). */
  show(scope: string, files: readonly EditorFile[]): void {
    this.#scope = scope;
    const made = files.flatMap(({ path, text }) => this.#put(path, text) ?? []);
    if (made.length > 0) void this.#introduce(made);
  }

  model(path: string): monaco.editor.ITextModel | null {
    return monaco.editor.getModel(this.#uri(path));
  }

  /** Path in the adapter's folder, or `null` for a model of something else. */
  path(uri: monaco.Uri): string | null {
    const prefix = `/${this.#scope}/`;
    return uri.scheme === 'file' && uri.path.startsWith(prefix) ? uri.path.slice(prefix.length) : null;
  }

  /** Tells TypeScript what `Env` is. Files on the screen are looked at again, even if it is what it was. */
  setEnvTypes(declarations: string): void {
    for (const old of this.#envTypes) old.dispose();
    this.#envTypes = [typescript.typescriptDefaults, typescript.javascriptDefaults].map((defaults) =>
      defaults.addExtraLib(declarations, 'file:///patchbay/env.d.ts'),
    );
    this.#envText = declarations;
  }

  // A worker takes over all models when it starts. Those made later it learns of one by one, as each is looked at, and
  // until then calls their imports unknown.
  async #introduce(made: readonly monaco.editor.ITextModel[]): Promise<void> {
    const scope = this.#scope;
    for (const [language, start] of Object.entries(WORKERS)) {
      const uris = made.filter((model) => model.getLanguageId() === language).map((model) => model.uri);
      if (uris.length === 0) continue;
      // Rejects while the language is still being loaded; its worker then starts with these models.
      const worker = await start().catch(() => null);
      await worker?.(...uris);
    }
    if (this.#scope === scope) this.setEnvTypes(this.#envText);
  }

  /** Brings one model in line with its file; gives the model if it is new. */
  #put(path: string, text: string): monaco.editor.ITextModel | null {
    const uri = this.#uri(path);
    const key = uri.toString();
    if (this.#known.get(key) === text) return null;
    const model = monaco.editor.getModel(uri);
    this.#known.set(key, text);
    if (model) {
      // As an edit, so that a person can undo what came from the disk.
      model.pushEditOperations([], [{ range: model.getFullModelRange(), text }], () => null);
      return null;
    }
    const extension = path.slice(path.lastIndexOf('.') + 1);
    const made = monaco.editor.createModel(text, LANGUAGES[extension] ?? 'plaintext', uri);
    made.updateOptions({ tabSize: 2, insertSpaces: true });
    made.onDidChangeContent(() => {
      const edited = made.getValue();
      if (this.#known.get(key) === edited) return;
      this.#known.set(key, edited);
      const editedPath = this.path(uri);
      if (editedPath !== null) this.onEdit(editedPath, edited);
    });
    return made;
  }

  #uri(path: string): monaco.Uri {
    return monaco.Uri.from({ scheme: 'file', path: `/${this.#scope}/${path}` });
  }
}

/** The one set of models: Monaco itself knows only one. */
export const models = new AdapterModels();
