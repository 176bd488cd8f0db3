import { AuthoringState } from './features/authoring/authoring.svelte';
import { PlatformState } from './features/platform/platform.svelte';
import { PublishState } from './features/publish/publish.svelte';
import { CompareState } from './features/replay/compare.svelte';
import { ExportState } from './features/replay/export.svelte';
import { HistoryState } from './features/replay/history.svelte';
import { LoadState } from './features/replay/load.svelte';
import { ReplayState, type ReplayMode } from './features/replay/replay.svelte';
import { ResilienceState } from './features/replay/resilience.svelte';
import { RoutesState } from './features/routes/routes.svelte';
import { SecretsState } from './features/secrets/secrets.svelte';
import { WorkspaceState } from './features/workspace/workspace.svelte';
import type { Backend } from './ipc/backend';
import type { AdapterKey, LintAllowance, SampleSummary } from './ipc/generated/bindings';

/** What the middle of the window shows. */
export type View = 'home' | 'adapter' | 'deliveries' | 'routes' | 'platform';

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
  readonly compare: CompareState;
  readonly load: LoadState;
  readonly resilience: ResilienceState;
  readonly history: HistoryState;
  readonly exports: ExportState;
  readonly routes: RoutesState;
  readonly platform: PlatformState;

  constructor(backend: Backend) {
    this.workspace = new WorkspaceState(backend);
    this.authoring = new AuthoringState(backend);
    this.secrets = new SecretsState(backend);
    this.publish = new PublishState(backend);
    this.replay = new ReplayState(backend);
    this.compare = new CompareState(backend);
    this.load = new LoadState(backend);
    this.resilience = new ResilienceState(backend);
    this.history = new HistoryState(backend);
    this.exports = new ExportState(backend);
    this.routes = new RoutesState(backend);
    this.platform = new PlatformState(backend);
    this.publish.onLive = () => void this.workspace.refresh();
    this.workspace.onOpened = () => {
      this.view = 'home';
      this.authoring.close();
      this.history.clear();
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
      await this.#openReplay(key, detail.samples);
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

  /** Replays what was chosen. A draft is what is in the editor: unsaved files go to disk first. */
  async startReplay(mode: ReplayMode): Promise<void> {
    const draft = { run: this.replay.against, compare: this.compare.what, load: '', resilience: '' }[mode] === 'draft';
    if (draft && !(await this.authoring.saveAll())) return;
    await this[mode === 'run' ? 'replay' : mode].run(this.environment);
  }

  /** Opens an adapter at a place that one of its deliveries names. */
  async openPlace(key: AdapterKey, place?: { file: string; line: number; column: number }): Promise<void> {
    await this.openAdapter(key);
    if (place) this.authoring.show(place);
  }

  /** Replays a kept delivery on its adapter's screen. */
  async replayAgain(key: AdapterKey, delivery: string): Promise<void> {
    await this.openAdapter(key);
    if (this.adapter === null) return;
    this.panel = 'replay';
    this.replay.mode = 'run';
    await this.replay.again(this.environment, delivery);
  }

  /** Shows the deliveries of the adapter on the screen. */
  showDeliveries(): void {
    const key = this.adapter;
    this.history.clear();
    if (key) this.history.conditions = { ...this.history.conditions, ...key };
    this.view = 'deliveries';
  }

  async #readBindings(): Promise<void> {
    const { key, detail } = this.authoring;
    if (!key || !detail) return;
    await Promise.all([this.secrets.open(key), this.#openReplay(key, detail.samples)]);
  }

  async #openReplay(key: AdapterKey, samples: SampleSummary[]): Promise<void> {
    const names = samples.map((sample) => sample.name);
    this.compare.open(key);
    this.load.open(key, samples);
    this.resilience.open(key, names);
    await this.replay.open(key, samples);
  }
}
