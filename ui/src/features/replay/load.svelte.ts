import type { Backend } from '../../ipc/backend';
import { call, fromWire, toIpcError, type IpcError } from '../../ipc/call';
import type {
  AdapterKey,
  LoadFinished,
  LoadProgressed,
  LoadResult,
  LoadStartRequest,
  ReplayStarted,
  SampleSummary,
} from '../../ipc/generated/bindings';

import { mostTelling } from './replay.svelte';

/** A moment of a run: what the chart of its throughput is made of. */
export interface LoadMoment {
  readonly seconds: number;
  readonly perSecond: number;
  readonly failedPerSecond: number;
}

/** Every sample of the adapter; no sample has such a name. */
export const ALL_SAMPLES = ':all';

/** Many deliveries of one adapter's samples: what is asked for, how far it is, what came of it and of the run before. */
export class LoadState {
  /** A sample's name or `ALL_SAMPLES`. */
  sample = $state('');
  /** Whether the run ends after so many deliveries, or after so many seconds. */
  by = $state<'count' | 'duration'>('count');
  count = $state(1000);
  duration = $state(10);
  concurrency = $state(16);
  /** Deliveries a second; nothing means that each sender waits for its answer. */
  rate = $state<number | null>(null);
  ramp = $state<number | null>(null);
  faults = $state.raw<string[]>([]);

  running = $state(false);
  cancelling = $state(false);
  started = $state.raw<ReplayStarted | null>(null);
  progress = $state.raw<LoadProgressed | null>(null);
  moments = $state.raw<LoadMoment[]>([]);
  result = $state.raw<LoadResult | null>(null);
  /** The run that `result` is compared with, where this window saw it. */
  previous = $state.raw<LoadResult | null>(null);
  error = $state.raw<IpcError | null>(null);

  readonly #backend: Backend;
  #key: AdapterKey | null = null;
  #asked = 0;
  #early: (LoadProgressed | LoadFinished)[] = [];
  /** Results of this adapter by run. */
  readonly #results = new Map<string, LoadResult>();

  constructor(backend: Backend) {
    this.#backend = backend;
    backend.subscribe('load_progressed', (event) => this.#take(event));
    backend.subscribe('load_finished', (event) => this.#take(event));
  }

  open(key: AdapterKey, samples: readonly SampleSummary[]): void {
    const changed = this.#key?.tenant !== key.tenant || this.#key.adapter !== key.adapter;
    this.#key = key;
    if (changed) {
      this.#asked += 1;
      this.#early = [];
      this.#results.clear();
      this.running = false;
      this.cancelling = false;
      this.sample = '';
      this.faults = [];
      this.started = null;
      this.progress = null;
      this.moments = [];
      this.result = null;
      this.previous = null;
      this.error = null;
    }
    if (this.sample !== ALL_SAMPLES && !samples.some(({ name }) => name === this.sample)) {
      this.sample = mostTelling(samples);
    }
  }

  async run(environment: string): Promise<void> {
    const key = this.#key;
    if (!key || this.running || this.sample === '') return;
    const asked = ++this.#asked;
    this.running = true;
    this.cancelling = false;
    this.error = null;
    this.started = null;
    this.progress = null;
    this.moments = [];
    this.result = null;
    this.previous = null;
    this.#early = [];
    try {
      const started = await call(this.#backend, 'load_start', this.#request(key, environment));
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
      await call(this.#backend, 'load_cancel', { job: this.started.job });
    } catch (reason) {
      this.cancelling = false;
      this.error = toIpcError(reason);
    }
  }

  #request(key: AdapterKey, environment: string): LoadStartRequest {
    const { rate, ramp, faults } = this;
    return {
      replay: {
        ...key,
        environment,
        webhooks: this.sample === ALL_SAMPLES ? 'all' : { samples: [this.sample] },
        ...(faults.length > 0 && { faults }),
      },
      ...(this.by === 'count' ? { count: this.count } : { duration: this.duration }),
      concurrency: this.concurrency,
      ...(rate !== null && { rate }),
      ...(ramp !== null && { ramp }),
    };
  }

  #take(event: LoadProgressed | LoadFinished): void {
    if (!this.running) return;
    if (!this.started) this.#early.push(event);
    else if (event.job === this.started.job) {
      if ('ended' in event) this.#progress(event);
      else this.#finish(event);
    }
  }

  #progress(event: LoadProgressed): void {
    const before = this.progress;
    const seconds = event.elapsed_seconds - (before?.elapsed_seconds ?? 0);
    const failed = event.failed - (before?.failed ?? 0);
    this.progress = event;
    this.moments = [
      ...this.moments,
      {
        seconds: event.elapsed_seconds,
        perSecond: event.per_second,
        failedPerSecond: seconds > 0 ? failed / seconds : 0,
      },
    ];
  }

  #finish({ result, error }: LoadFinished): void {
    this.running = false;
    this.cancelling = false;
    this.error = error ? fromWire(error) : null;
    if (!result) return;
    this.previous = this.#results.get(result.change?.since ?? '') ?? null;
    this.#results.set(result.run, result);
    this.result = result;
  }
}
