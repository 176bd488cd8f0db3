import type { Backend } from '../../ipc/backend';
import { call, fromWire, toIpcError, type IpcError } from '../../ipc/call';
import type {
  AdapterKey,
  LintAllowance,
  PublishFinished,
  PublishProgress,
  PublishStep,
  RolledBack,
  StepState,
  VersionSummary,
} from '../../ipc/generated/bindings';

/** The steps of a publish in their order. */
export const PUBLISH_STEPS: readonly PublishStep[] = [
  'lint',
  'bundle',
  'size',
  'bindings',
  'upload',
  'smoke',
  'record',
];

/** One line of the list of steps. */
export interface StepLine {
  readonly step: PublishStep;
  readonly state: StepState | 'waiting';
  readonly message: string;
  readonly duration: number | null;
}

/** A publish from its start to its end, and the versions that came of earlier ones. */
export class PublishState {
  running = $state(false);
  cancelling = $state(false);
  steps = $state.raw<StepLine[]>([]);
  finished = $state.raw<PublishFinished | null>(null);
  error = $state.raw<IpcError | null>(null);
  versions = $state.raw<VersionSummary[]>([]);
  rolledBack = $state.raw<RolledBack | null>(null);
  rollingBack = $state<number | null>(null);
  /** Why each lint rule that stops the publish may be broken this time, as far as it is written. */
  reasons = $state<Record<string, string>>({});
  /** The lint rules that stopped the last publish and can be allowed. None where code is among it that does not parse. */
  readonly allowable = $derived.by<readonly string[]>(() => {
    if (this.finished?.error?.code !== 'lint.errors') return [];
    const errors = this.finished.diagnostics.filter((found) => found.severity === 'error');
    const rules = [...new Set(errors.map((found) => found.rule))];
    return rules.includes('syntax') ? [] : rules;
  });
  /** Called when something went live, so that lists elsewhere can be read again. */
  onLive: () => void = () => {};

  readonly #backend: Backend;
  #key: AdapterKey | null = null;
  #environment = '';
  #job: string | null = null;
  // Steps can arrive before the answer that tells the job's id.
  #early: (PublishProgress | PublishFinished)[] = [];

  constructor(backend: Backend) {
    this.#backend = backend;
    backend.subscribe('publish_progressed', (event) => this.#take(event));
    backend.subscribe('publish_finished', (event) => this.#take(event));
  }

  async open(key: AdapterKey, environment: string): Promise<void> {
    const sameAdapter = this.#key?.tenant === key.tenant && this.#key.adapter === key.adapter;
    if (!sameAdapter || this.#environment !== environment) this.clear();
    if (!sameAdapter) this.reasons = {};
    this.#key = key;
    this.#environment = environment;
    await this.#readVersions();
  }

  /** Takes the last publish off the screen. */
  clear(): void {
    this.#job = null;
    this.#early = [];
    this.running = false;
    this.cancelling = false;
    this.steps = [];
    this.finished = null;
    this.error = null;
    this.rolledBack = null;
  }

  /** What the reasons allow; empty as long as a rule has none. */
  allowances(): LintAllowance[] {
    const all = this.allowable.map((rule) => ({ rule, reason: this.reasons[rule]?.trim() ?? '' }));
    return all.every(({ reason }) => reason !== '') ? all : [];
  }

  async start(note: string, allowances: LintAllowance[] = []): Promise<void> {
    if (!this.#key || this.running) return;
    this.clear();
    this.running = true;
    this.steps = PUBLISH_STEPS.map((step) => ({ step, state: 'waiting', message: '', duration: null }));
    try {
      const request = {
        ...this.#key,
        environment: this.#environment,
        note: note.trim() || null,
        ...(allowances.length > 0 && { allowances }),
      };
      this.#job = (await call(this.#backend, 'publish_start', request)).job;
      const early = this.#early;
      this.#early = [];
      for (const event of early) this.#take(event);
    } catch (reason) {
      this.running = false;
      this.error = toIpcError(reason);
    }
  }

  async cancel(): Promise<void> {
    if (!this.#job || !this.running) return;
    this.cancelling = true;
    try {
      await call(this.#backend, 'publish_cancel', { job: this.#job });
    } catch (reason) {
      this.cancelling = false;
      this.error = toIpcError(reason);
    }
  }

  async rollback(number: number): Promise<void> {
    if (!this.#key || this.running) return;
    this.clear();
    this.rollingBack = number;
    try {
      const request = { ...this.#key, environment: this.#environment, number };
      this.rolledBack = await call(this.#backend, 'version_rollback', request);
      this.onLive();
      await this.#readVersions();
    } catch (reason) {
      this.error = toIpcError(reason);
    } finally {
      this.rollingBack = null;
    }
  }

  #take(event: PublishProgress | PublishFinished): void {
    if (!this.running) return;
    if (this.#job === null) {
      this.#early.push(event);
    } else if (event.job === this.#job) {
      if ('step' in event) this.#progress(event);
      else this.#finish(event);
    }
  }

  #progress(event: PublishProgress): void {
    this.steps = this.steps.map((line) =>
      line.step === event.step
        ? { step: event.step, state: event.state, message: event.message, duration: event.duration_ms }
        : line,
    );
  }

  #finish(event: PublishFinished): void {
    this.running = false;
    this.cancelling = false;
    this.finished = event;
    this.error = event.error ? fromWire(event.error) : null;
    if (event.version) {
      this.reasons = {};
      this.onLive();
    }
    void this.#readVersions();
  }

  async #readVersions(): Promise<void> {
    const key = this.#key;
    if (!key) return;
    const environment = this.#environment;
    try {
      const { versions } = await call(this.#backend, 'version_list', { ...key, environment });
      if (this.#key === key && this.#environment === environment) this.versions = versions;
    } catch (reason) {
      this.error ??= toIpcError(reason);
    }
  }
}
