import type { Backend } from '../../ipc/backend';
import { call, toIpcError, type IpcError } from '../../ipc/call';
import type { ExportFormat } from '../../ipc/generated/bindings';

/** What deliveries can become, with the ending of the file. */
export const EXPORT_FORMATS = { html: 'html', har: 'har', otel: 'otel.json', junit: 'xml' } as const satisfies Record<
  ExportFormat,
  string
>;

/** Saving a run or a delivery as a file. The core writes it: the window has no files. */
export class ExportState {
  /** The run or delivery that is to be saved; `null` while nobody saves one. */
  id = $state<string | null>(null);
  format = $state<ExportFormat>('html');
  output = $state('');
  saving = $state(false);
  /** The file that was written. */
  saved = $state('');
  error = $state.raw<IpcError | null>(null);

  readonly #backend: Backend;
  /** Whether a person wrote the file's name; then another format does not change it. */
  #named = false;
  #folder = '';

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Begins to save something; `folder` is where it goes unless somebody says otherwise. */
  open(id: string, folder: string): void {
    this.id = id;
    this.saved = '';
    this.error = null;
    this.#folder = folder;
    this.#named = false;
    this.#name();
  }

  close(): void {
    this.id = null;
  }

  choose(format: ExportFormat): void {
    this.format = format;
    this.saved = '';
    if (!this.#named) this.#name();
  }

  rename(output: string): void {
    this.output = output;
    this.saved = '';
    this.#named = true;
  }

  async save(): Promise<void> {
    const { id, format, output } = this;
    if (id === null || this.saving) return;
    this.saving = true;
    this.saved = '';
    this.error = null;
    try {
      const saved = await call(this.#backend, 'replay_export_save', { export: { id, format }, output });
      if (this.id === id) this.saved = saved.output;
    } catch (reason) {
      if (this.id === id) this.error = toIpcError(reason);
    } finally {
      this.saving = false;
    }
  }

  #name(): void {
    this.output = `${this.#folder}/${this.id}.${EXPORT_FORMATS[this.format]}`;
  }
}
