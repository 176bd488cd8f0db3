import { AuthoringState } from './features/authoring/authoring.svelte';
import { PlatformState } from './features/platform/platform.svelte';
import { PublishState } from './features/publish/publish.svelte';
import { ReplayState } from './features/replay/replay.svelte';
import { RoutesState } from './features/routes/routes.svelte';
import { SecretsState } from './features/secrets/secrets.svelte';
import { WorkspaceState } from './features/workspace/workspace.svelte';
import type { Backend } from './ipc/backend';
import type { AdapterKey, LintAllowance } from './ipc/generated/bindings';

/** What the middle of the window shows. */
export type View = 'home' | 'adapter' | 'routes' | 'platform';

/** The tools beside the editor. */
export type Panel = 'bindings' | 'publish' | 'replay';

/** The environments that a workspace has. */
export const ENVIRONMENTS = ['production', 'staging', 'development'] as const;

/** One of them. */
export type Environment = (typeof ENVIRONMENTS)[number];

/** Where a person is, and the state of every feature. Features know nothing of each other; they meet here. */
export class AppState {
  view = $state<View>('home');
  panel = $state<Panel>('bindings');
  environment = $state<Environment>('production');

  readonly workspace: WorkspaceState;
  readonly authoring: AuthoringState;
  readonly secrets: SecretsState;
  readonly publish: PublishState;
  readonly replay: ReplayState;
  readonly routes: RoutesState;
  readonly platform: PlatformState;

  constructor(backend: Backend) {
    this.workspace = new WorkspaceState(backend);
    this.authoring = new AuthoringState(backend);
    this.secrets = new SecretsState(backend);
    this.publish = new PublishState(backend);
    this.replay = new ReplayState(backend);
    this.routes = new RoutesState(backend);
    this.platform = new PlatformState(backend);
    this.publish.onLive = () => void this.workspace.refresh();
    this.workspace.onOpened = () => {
      this.view = 'home';
      this.authoring.close();
      void this.platform.start();
    };
  }

  /** The adapter on the screen, if one is. */
  get adapter(): AdapterKey | null {
    return this.view === 'adapter' ? this.authoring.key : null;
  }

  async start(): Promise<void> {
    await Promise.all([this.workspace.load(), this.platform.load()]);
  }

  async openAdapter(key: AdapterKey): Promise<void> {
    this.view = 'adapter';
    await Promise.all([this.authoring.open(key), this.secrets.open(key), this.publish.open(key, this.environment)]);
    const detail = this.authoring.detail;
    // A quicker click may have opened another adapter meanwhile.
    if (detail?.key.tenant === key.tenant && detail.key.adapter === key.adapter) {
      await this.replay.open(key, detail.samples);
    }
  }

  async chooseEnvironment(environment: Environment): Promise<void> {
    this.environment = environment;
    if (this.authoring.key) await this.publish.open(this.authoring.key, environment);
  }

  /** Saves, then reads what a changed manifest changes elsewhere. */
  async save(): Promise<void> {
    if (!(await this.authoring.saveAll())) return;
    await Promise.all([this.#readBindings(), this.workspace.refresh()]);
  }

  /** Publishes what is in the editor: unsaved files go to disk first, a conflict there stops it. */
  async startPublish(note: string, allowances: LintAllowance[] = []): Promise<void> {
    if (this.publish.running) return;
    this.publish.clear();
    if (!(await this.authoring.saveAll())) return;
    await this.publish.start(note, allowances);
  }

  async #readBindings(): Promise<void> {
    const { key, detail } = this.authoring;
    if (!key || !detail) return;
    await Promise.all([this.secrets.open(key), this.replay.open(key, detail.samples)]);
  }
}
