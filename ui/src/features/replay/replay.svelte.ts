import type { Backend } from '../../ipc/backend';
import { call, toIpcError, type IpcError } from '../../ipc/call';
import type { AdapterKey, DeliverySummary, SampleSummary, Trace } from '../../ipc/generated/bindings';

/** Deliveries shown in the list of earlier ones. */
const HISTORY_LENGTH = 50;

/** The samples of one adapter, the delivery on the screen and the ones before it. */
export class ReplayState {
  samples = $state.raw<SampleSummary[]>([]);
  sample = $state('');
  running = $state(false);
  trace = $state.raw<Trace | null>(null);
  history = $state.raw<DeliverySummary[]>([]);
  error = $state.raw<IpcError | null>(null);

  readonly #backend: Backend;
  #key: AdapterKey | null = null;
  #run = 0;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  get selected(): SampleSummary | null {
    return this.samples.find((sample) => sample.name === this.sample) ?? null;
  }

  async open(key: AdapterKey, samples: SampleSummary[]): Promise<void> {
    const changed = this.#key?.tenant !== key.tenant || this.#key.adapter !== key.adapter;
    this.#key = key;
    this.samples = samples;
    if (changed) {
      this.#run += 1;
      this.running = false;
      this.trace = null;
      this.history = [];
      this.error = null;
    }
    if (!this.selected) this.sample = samples[0]?.name ?? '';
    await this.#readHistory();
  }

  async run(environment: string): Promise<void> {
    const key = this.#key;
    if (!key || !this.sample) return;
    await this.#show(() => call(this.#backend, 'replay_run', { ...key, sample: this.sample, environment }));
    await this.#readHistory();
  }

  async showDelivery(delivery: string): Promise<void> {
    await this.#show(() => call(this.#backend, 'replay_show', { delivery }));
  }

  async #show(read: () => Promise<Trace>): Promise<void> {
    const run = ++this.#run;
    this.running = true;
    this.error = null;
    try {
      const trace = await read();
      if (run === this.#run) this.trace = trace;
    } catch (reason) {
      if (run === this.#run) {
        this.trace = null;
        this.error = toIpcError(reason);
      }
    } finally {
      if (run === this.#run) this.running = false;
    }
  }

  async #readHistory(): Promise<void> {
    const key = this.#key;
    if (!key) return;
    try {
      const { deliveries } = await call(this.#backend, 'replay_list', { ...key, limit: HISTORY_LENGTH });
      if (this.#key === key) this.history = deliveries;
    } catch (reason) {
      this.error ??= toIpcError(reason);
    }
  }
}
