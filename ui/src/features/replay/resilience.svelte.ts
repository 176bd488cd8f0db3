import type { Backend } from '../../ipc/backend';
import { call, fromWire, toIpcError, type IpcError } from '../../ipc/call';
import type { AdapterKey, JobStarted, ResilienceFinished, ResilienceProgress } from '../../ipc/generated/bindings';
import { readReport, type ResilienceReport } from './resilience_report';

/** The resilience report of one adapter: which samples are tried, how far it is, what came of it. */
export class ResilienceState {
  /** Names of the samples to try; none means all. */
  chosen = $state.raw<string[]>([]);
  running = $state(false);
  cancelling = $state(false);
  started = $state.raw<JobStarted | null>(null);
  progress = $state.raw<ResilienceProgress | null>(null);
  report = $state.raw<ResilienceReport | null>(null);
  holds = $state(false);
  error = $state.raw<IpcError | null>(null);

  readonly #backend: Backend;
  #key: AdapterKey | null = null;
  #asked = 0;
  #early: (ResilienceProgress | ResilienceFinished)[] = [];

  constructor(backend: Backend) {
    this.#backend = backend;
    backend.subscribe('resilience_progressed', (event) => this.#take(event));
    backend.subscribe('resilience_finished', (event) => this.#take(event));
  }

  open(key: AdapterKey, samples: readonly string[]): void {
    const changed = this.#key?.tenant !== key.tenant || this.#key.adapter !== key.adapter;
    this.#key = key;
    this.chosen = changed ? [] : this.chosen.filter((name) => samples.includes(name));
    if (!changed) return;
    this.#asked += 1;
    this.#clear();
  }

  async run(environment: string): Promise<void> {
    const key = this.#key;
    if (!key || this.running) return;
    const asked = ++this.#asked;
    this.#clear();
    this.running = true;
    try {
      const started = await call(this.#backend, 'resilience_start', {
        ...key,
        environment,
        ...(this.chosen.length > 0 && { samples: this.chosen }),
      });
      if (asked !== this.#asked) return;
      this.started = started;
      const early = this.#early;
      this.#early = [];
      for (const event of early) this.#take(event);
    } catch (reason) {
      if (asked !== this.#asked) return;
      this.running = false;
      this.error = toIpcError(reason);
    }
  }

  async cancel(): Promise<void> {
    if (!this.started || !this.running) return;
    this.cancelling = true;
    try {
      await call(this.#backend, 'resilience_cancel', this.started);
    } catch (reason) {
      this.cancelling = false;
      this.error = toIpcError(reason);
    }
  }

  #clear(): void {
    this.#early = [];
    this.running = false;
    this.cancelling = false;
    this.started = null;
    this.progress = null;
    this.report = null;
    this.holds = false;
    this.error = null;
  }

  #take(event: ResilienceProgress | ResilienceFinished): void {
    if (!this.running) return;
    if (!this.started) this.#early.push(event);
    else if (event.job === this.started.job) {
      if ('done' in event) this.progress = event;
      else this.#finish(event);
    }
  }

  #finish({ report, error }: ResilienceFinished): void {
    this.running = false;
    this.cancelling = false;
    this.error = error ? fromWire(error) : null;
    if (!report) return;
    this.report = readReport(report.report);
    this.holds = report.holds;
  }
}
