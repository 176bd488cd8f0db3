import type { Backend } from '../../ipc/backend';
import { call, toIpcError, type IpcError } from '../../ipc/call';
import type {
  AdapterImported,
  AdapterKey,
  TemplateSummary,
  TenantAddRequest,
  TenantSummary,
  WorkspaceOverview,
} from '../../ipc/generated/bindings';

/** What the workspace is busy with. */
export type WorkspaceTask = 'load' | 'demo' | 'open' | 'tenant' | 'adapter' | 'import';

/** The open workspace: its tenants and adapters, and what adds to them. */
export class WorkspaceState {
  overview = $state.raw<WorkspaceOverview | null>(null);
  templates = $state.raw<TemplateSummary[]>([]);
  /** Whether the first look has been taken; before it nobody knows if a workspace is open. */
  loaded = $state(false);
  task = $state<WorkspaceTask | null>(null);
  error = $state.raw<IpcError | null>(null);
  /** Called when a workspace is open that was not before. */
  onOpened: () => void = () => {};

  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Reads the workspace that the core has open, if any. */
  async load(): Promise<void> {
    await this.#during('load', async () => {
      this.overview = await call(this.#backend, 'workspace_overview', null);
    });
    this.loaded = true;
    if (this.overview) this.onOpened();
  }

  /** Reads it again without a sign of it on the screen: after a publish, a save. */
  async refresh(): Promise<void> {
    try {
      this.overview = await call(this.#backend, 'workspace_overview', null);
    } catch (reason) {
      this.error = toIpcError(reason);
    }
  }

  createDemo(): Promise<boolean> {
    return this.#during('demo', async () => {
      this.overview = await call(this.#backend, 'workspace_create_demo', null);
      this.onOpened();
    });
  }

  open(path: string): Promise<boolean> {
    return this.#during('open', async () => {
      this.overview = await call(this.#backend, 'workspace_open', { path: path.trim() });
      this.onOpened();
    });
  }

  addTenant(request: TenantAddRequest): Promise<boolean> {
    return this.#during('tenant', async () => {
      this.overview = await call(this.#backend, 'tenant_add', request);
    });
  }

  async loadTemplates(): Promise<void> {
    if (this.templates.length > 0) return;
    try {
      this.templates = (await call(this.#backend, 'template_list', null)).templates;
    } catch (reason) {
      this.error = toIpcError(reason);
    }
  }

  async newAdapter(key: AdapterKey, template: string): Promise<AdapterKey | null> {
    let made: AdapterKey | null = null;
    await this.#during('adapter', async () => {
      made = (await call(this.#backend, 'adapter_new', { ...key, template })).key;
      this.overview = await call(this.#backend, 'workspace_overview', null);
    });
    return made;
  }

  async importAdapter(key: AdapterKey, path: string): Promise<AdapterImported | null> {
    let imported: AdapterImported | null = null;
    await this.#during('import', async () => {
      imported = await call(this.#backend, 'adapter_import', { ...key, path: path.trim() });
      this.overview = await call(this.#backend, 'workspace_overview', null);
    });
    return imported;
  }

  tenant(id: string | undefined): TenantSummary | null {
    return this.overview?.tenants.find((tenant) => tenant.id === id) ?? null;
  }

  forgetError(): void {
    this.error = null;
  }

  async #during(task: WorkspaceTask, work: () => Promise<void>): Promise<boolean> {
    this.task = task;
    this.error = null;
    try {
      await work();
      return true;
    } catch (reason) {
      this.error = toIpcError(reason);
      return false;
    } finally {
      this.task = null;
    }
  }
}
