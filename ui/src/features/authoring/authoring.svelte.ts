import { SvelteMap } from 'svelte/reactivity';
import type { Backend } from '../../ipc/backend';
import { call, toIpcError, type IpcError } from '../../ipc/call';
import type { AdapterDetail, AdapterKey, Diagnostic, LintReport, SourceFile } from '../../ipc/generated/bindings';

/** How long typing has to rest before the check runs, in milliseconds. */
export const LINT_DELAY = 150;

/** One text of an adapter, as it is on disk and as it is in the editor. */
export class OpenFile {
  readonly path: string;
  text = $state('');
  savedText = $state('');
  revision = $state('');

  constructor(file: SourceFile) {
    this.path = file.path;
    this.text = file.text;
    this.savedText = file.text;
    this.revision = file.revision;
  }

  get unsaved(): boolean {
    return this.text !== this.savedText;
  }

  /** Takes what is on disk, text and revision. */
  take(file: SourceFile): void {
    this.text = file.text;
    this.savedText = file.text;
    this.revision = file.revision;
  }
}

/** A file that somebody else wrote while it was edited here. */
export interface Conflict {
  readonly path: string;
  readonly onDisk: SourceFile;
}

/** A place that the editor should show. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The adapter in the editor: its files, what is unsaved, and what the check found. */
export class AuthoringState {
  key = $state.raw<AdapterKey | null>(null);
  detail = $state.raw<AdapterDetail | null>(null);
  files = $state.raw<OpenFile[]>([]);
  activePath = $state('');
  report = $state.raw<LintReport | null>(null);
  linting = $state(false);
  saving = $state(false);
  loading = $state(false);
  conflict = $state.raw<Conflict | null>(null);
  error = $state.raw<IpcError | null>(null);
  lintError = $state.raw<IpcError | null>(null);
  /** Where the editor should go next; a new object each time, so that the same place can be asked for twice. */
  place = $state.raw<Place | null>(null);

  readonly #backend: Backend;
  // Unsaved texts outlive a look at another adapter.
  readonly #unsaved = new SvelteMap<string, OpenFile[]>();
  #lintTimer: ReturnType<typeof setTimeout> | undefined;
  #lintRun = 0;
  #openRun = 0;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  get active(): OpenFile | null {
    return this.files.find((file) => file.path === this.activePath) ?? null;
  }

  get unsavedFiles(): OpenFile[] {
    return this.files.filter((file) => file.unsaved);
  }

  get diagnostics(): Diagnostic[] {
    return this.report?.diagnostics ?? [];
  }

  /** Every unsaved file of every adapter that was opened, as `tenant/adapter/path`. */
  get everythingUnsaved(): string[] {
    return [...this.#unsaved].flatMap(([adapter, files]) =>
      files.filter((file) => file.unsaved).map((file) => `${adapter}/${file.path}`),
    );
  }

  async open(key: AdapterKey): Promise<void> {
    const run = ++this.#openRun;
    clearTimeout(this.#lintTimer);
    this.#lintRun += 1;
    this.loading = true;
    this.error = null;
    this.conflict = null;
    this.place = null;
    try {
      const detail = await call(this.#backend, 'adapter_read', key);
      if (run !== this.#openRun) return;
      this.#show(key, detail);
    } catch (reason) {
      if (run !== this.#openRun) return;
      this.key = key;
      this.detail = null;
      this.files = [];
      this.report = null;
      this.error = toIpcError(reason);
    } finally {
      if (run === this.#openRun) this.loading = false;
    }
    if (this.detail) await this.lintNow();
  }

  /** Forgets everything: another workspace is open. */
  close(): void {
    this.#openRun += 1;
    this.#lintRun += 1;
    clearTimeout(this.#lintTimer);
    this.#unsaved.clear();
    this.key = null;
    this.detail = null;
    this.files = [];
    this.report = null;
    this.conflict = null;
    this.error = null;
  }

  edit(path: string, text: string): void {
    const file = this.files.find((candidate) => candidate.path === path);
    if (!file || file.text === text) return;
    file.text = text;
    clearTimeout(this.#lintTimer);
    this.#lintTimer = setTimeout(() => void this.lintNow(), LINT_DELAY);
  }

  hasFile(path: string): boolean {
    return this.files.some((file) => file.path === path);
  }

  show(place: Place): void {
    if (!this.hasFile(place.file)) return;
    this.activePath = place.file;
    this.place = { ...place };
  }

  async lintNow(): Promise<void> {
    if (!this.key) return;
    clearTimeout(this.#lintTimer);
    const run = ++this.#lintRun;
    this.linting = true;
    try {
      const overlays = this.unsavedFiles.map(({ path, text }) => ({ path, text }));
      const report = await call(this.#backend, 'adapter_lint', { ...this.key, overlays });
      // An answer to an older text would put markers where nothing is any more.
      if (run !== this.#lintRun) return;
      this.report = report;
      this.lintError = null;
    } catch (reason) {
      if (run === this.#lintRun) this.lintError = toIpcError(reason);
    } finally {
      if (run === this.#lintRun) this.linting = false;
    }
  }

  /** Writes one file. `false` when the disk has another text than the one that was edited, or refused. */
  async save(file: OpenFile | null = this.active): Promise<boolean> {
    if (!this.key || !file) return true;
    return this.#write(this.key, file);
  }

  /** Writes every unsaved file of this adapter, stopping at the first that cannot be written. */
  async saveAll(): Promise<boolean> {
    for (const file of this.unsavedFiles) {
      if (!(await this.save(file))) return false;
    }
    return true;
  }

  /** Writes every unsaved file of every adapter that was opened. */
  async saveEverything(): Promise<boolean> {
    for (const [adapter, files] of this.#unsaved) {
      const [tenant = '', id = ''] = adapter.split('/');
      for (const file of files.filter((candidate) => candidate.unsaved)) {
        if (!(await this.#write({ tenant, adapter: id }, file))) return false;
      }
    }
    return true;
  }

  /** Ends a conflict: either text wins whole. */
  async resolveConflict(keep: 'mine' | 'disk'): Promise<void> {
    const conflict = this.conflict;
    const file = this.files.find((candidate) => candidate.path === conflict?.path);
    if (!conflict || !file) return;
    this.conflict = null;
    if (keep === 'disk') {
      file.take(conflict.onDisk);
      await this.lintNow();
    } else {
      file.revision = conflict.onDisk.revision;
      await this.save(file);
    }
  }

  #show(key: AdapterKey, detail: AdapterDetail): void {
    const adapter = `${key.tenant}/${key.adapter}`;
    const kept = this.#unsaved.get(adapter)?.filter((file) => file.unsaved) ?? [];
    const files = detail.files
      .toSorted((one, other) => rank(one.path, detail.entry) - rank(other.path, detail.entry))
      .map((onDisk) => kept.find((file) => file.path === onDisk.path) ?? new OpenFile(onDisk));
    const same = this.key?.tenant === key.tenant && this.key.adapter === key.adapter;
    this.#unsaved.set(adapter, files);
    this.key = key;
    this.detail = detail;
    this.files = files;
    if (!same || !files.some((file) => file.path === this.activePath)) {
      this.report = null;
      this.activePath = files.some((file) => file.path === detail.entry) ? detail.entry : (files[0]?.path ?? '');
    }
  }

  async #write(key: AdapterKey, file: OpenFile): Promise<boolean> {
    const { path, text, revision } = file;
    this.saving = true;
    this.error = null;
    try {
      const written = await call(this.#backend, 'file_write', { ...key, path, text, revision });
      file.savedText = text;
      file.revision = written.revision;
      if (path === 'adapter.toml') await this.#readManifest(key);
      return true;
    } catch (reason) {
      await this.#explainRefusal(key, path, toIpcError(reason));
      return false;
    } finally {
      this.saving = false;
    }
  }

  // The manifest decides the bindings, the samples and the types of `env`.
  async #readManifest(key: AdapterKey): Promise<void> {
    const detail = await call(this.#backend, 'adapter_read', key);
    if (this.key?.tenant === key.tenant && this.key.adapter === key.adapter) this.detail = detail;
    await this.lintNow();
  }

  async #explainRefusal(key: AdapterKey, path: string, error: IpcError): Promise<void> {
    this.error = error;
    if (error.code !== 'workspace.conflict') return;
    try {
      const detail = await call(this.#backend, 'adapter_read', key);
      const onDisk = detail.files.find((file) => file.path === path);
      if (!onDisk) return;
      this.conflict = { path, onDisk };
      this.error = null;
    } catch (reason) {
      this.error = toIpcError(reason);
    }
  }
}

// Code first, the entry before the rest of it; otherwise as the core lists them.
function rank(path: string, entry: string): number {
  if (path === entry) return 0;
  return path.startsWith('src/') ? 1 : 2;
}
