import type { Backend } from '../../ipc/backend';
import { call, fromWire, toIpcError, type IpcError } from '../../ipc/call';
import type {
  AdapterKey,
  DeliverySummary,
  ExpectationProposal,
  ReplayAgainst,
  ReplayFinished,
  ReplayProgress,
  ReplaySelection,
  ReplayStarted,
  SampleSummary,
  Trace,
} from '../../ipc/generated/bindings';

/** Deliveries shown in the list of earlier ones. */
const HISTORY_LENGTH = 20;

/** What can be done with an adapter's webhooks. */
export const REPLAY_MODES = ['run', 'compare', 'load', 'resilience'] as const;

export type ReplayMode = (typeof REPLAY_MODES)[number];

/** What can be sent beside a sample. No sample has such a name: names have no colon. */
export const SEVERAL = { all: ':all', some: ':some', last: ':last' } as const;

/** What a sender does beyond sending each webhook once. */
export const SENDERS = ['duplicate', 'reordered', 'stale', 'bad-signature', 'retries'] as const;

/** The sample to begin with: one whose outcome is known, and of those the plainest, which has the shortest name. */
export function mostTelling(samples: readonly SampleSummary[]): string {
  const rank = ({ name, has_expectation: known }: SampleSummary): number => (known ? 0 : 1000) + name.length;
  return samples.toSorted((one, other) => rank(one) - rank(other))[0]?.name ?? '';
}

/** The samples of one adapter, what is to be sent of them and how, the run on the screen and the deliveries before. */
export class ReplayState {
  mode = $state<ReplayMode>('run');
  samples = $state.raw<SampleSummary[]>([]);
  /** A sample's name, or one of `SEVERAL`. */
  sample = $state('');
  /** Names, where several samples were chosen one by one. */
  chosen = $state.raw<string[]>([]);
  /** How many of the last deliveries are sent again. */
  last = $state(10);
  /** `live`, `draft`, or the id of a version. */
  against = $state('live');
  faults = $state.raw<string[]>([]);
  sender = $state.raw<string[]>([]);
  /** Seconds by which the sender's clock is ahead. */
  clockSkew = $state(0);

  running = $state(false);
  cancelling = $state(false);
  started = $state.raw<ReplayStarted | null>(null);
  finished = $state.raw<ReplayFinished | null>(null);
  /** The deliveries of the run, in the order in which they were sent. */
  deliveries = $state.raw<DeliverySummary[]>([]);
  trace = $state.raw<Trace | null>(null);
  history = $state.raw<DeliverySummary[]>([]);
  error = $state.raw<IpcError | null>(null);

  /** What an expectation would say, while a person looks at it. */
  proposal = $state.raw<ExpectationProposal | null>(null);
  /** The expectation's file that was written last. */
  expectationWritten = $state('');

  /** Ids of the simulated upstreams, once somebody asked for them. */
  upstreams = $state.raw<string[]>([]);

  readonly #backend: Backend;
  #key: AdapterKey | null = null;
  /** Counts runs; the answer to an older one is late. */
  #asked = 0;
  /** The delivery that belongs on the screen. */
  #wanted = '';
  /** Whether a person picked it while a run goes on. */
  #picked = false;
  /** Events of a run whose id has not arrived yet. */
  #early: (ReplayProgress | ReplayFinished)[] = [];

  constructor(backend: Backend) {
    this.#backend = backend;
    backend.subscribe('replay_progressed', (event) => this.#take(event));
    backend.subscribe('replay_finished', (event) => this.#take(event));
  }

  get selected(): SampleSummary | null {
    return this.samples.find((sample) => sample.name === this.sample) ?? null;
  }

  /** Whether something is chosen that can be sent. */
  get ready(): boolean {
    return this.sample !== '' && (this.sample !== SEVERAL.some || this.chosen.length > 0);
  }

  /** Whether something is set to go wrong. */
  get breaks(): boolean {
    return this.faults.length > 0 || this.sender.length > 0 || this.clockSkew !== 0;
  }

  async open(key: AdapterKey, samples: SampleSummary[]): Promise<void> {
    const changed = this.#key?.tenant !== key.tenant || this.#key.adapter !== key.adapter;
    this.#key = key;
    this.samples = samples;
    this.chosen = this.chosen.filter((name) => samples.some((sample) => sample.name === name));
    if (changed) this.#clear();
    if (!this.selected && !this.sample.startsWith(':')) this.sample = mostTelling(samples);
    await this.#readHistory();
  }

  /** Replays what was chosen. */
  async run(environment: string): Promise<void> {
    if (this.ready) await this.#start(environment, this.#selection());
  }

  /** Replays a kept delivery: signed as of now, every byte of its body as it was. */
  async again(environment: string, delivery: string): Promise<void> {
    await this.#start(environment, { from: delivery });
  }

  async #start(environment: string, webhooks: ReplaySelection): Promise<void> {
    const key = this.#key;
    if (!key || this.running) return;
    const asked = ++this.#asked;
    this.running = true;
    this.cancelling = false;
    this.error = null;
    this.started = null;
    this.finished = null;
    this.deliveries = [];
    this.expectationWritten = '';
    this.#early = [];
    this.#picked = false;
    const { faults, sender, clockSkew } = this;
    try {
      const started = await call(this.#backend, 'replay_start', {
        ...key,
        environment,
        webhooks,
        against: this.#code(),
        ...(faults.length > 0 && { faults }),
        ...(sender.length > 0 && { sender }),
        ...(clockSkew !== 0 && { clock_skew: clockSkew }),
      });
      // Another adapter is on the screen: the run goes on and its deliveries are kept, but nobody looks.
      if (asked !== this.#asked) return;
      this.started = started;
      const early = this.#early;
      this.#early = [];
      for (const event of early) this.#take(event);
    } catch (reason) {
      if (asked !== this.#asked) return;
      this.running = false;
      this.trace = null;
      this.error = toIpcError(reason);
    }
  }

  async cancel(): Promise<void> {
    if (!this.started || !this.running) return;
    this.cancelling = true;
    try {
      await call(this.#backend, 'replay_cancel', { job: this.started.job });
    } catch (reason) {
      this.cancelling = false;
      this.error = toIpcError(reason);
    }
  }

  /** Shows a delivery that a person picked. */
  async showDelivery(delivery: string): Promise<void> {
    this.#picked = true;
    await this.#show(delivery);
  }

  /** Reads what the expectation of the sample would say after the delivery on the screen. */
  async proposeExpectation(): Promise<void> {
    if (!this.trace) return;
    this.error = null;
    try {
      const { delivery } = this.trace.summary;
      this.proposal = await call(this.#backend, 'expectation_propose', { delivery });
    } catch (reason) {
      this.error = toIpcError(reason);
    }
  }

  /** Writes the expectation that was proposed, and looks at the delivery again. */
  async writeExpectation(): Promise<void> {
    if (!this.trace || !this.proposal) return;
    const { delivery } = this.trace.summary;
    this.proposal = null;
    try {
      const written = await call(this.#backend, 'expectation_write', { delivery });
      this.samples = this.samples.map((sample) =>
        sample.name === written.sample ? { ...sample, has_expectation: true } : sample,
      );
      this.expectationWritten = written.file;
    } catch (reason) {
      this.error = toIpcError(reason);
    }
  }

  /** Reads which upstreams can break. */
  async loadUpstreams(): Promise<void> {
    const key = this.#key;
    if (!key || this.upstreams.length > 0) return;
    try {
      const { upstreams } = await call(this.#backend, 'upstream_list', { tenant: key.tenant });
      this.upstreams = upstreams.map((upstream) => upstream.id);
    } catch (reason) {
      this.error = toIpcError(reason);
    }
  }

  async #show(delivery: string): Promise<void> {
    this.#wanted = delivery;
    this.error = null;
    try {
      const trace = await call(this.#backend, 'replay_show', { delivery });
      if (this.#wanted === delivery) this.trace = trace;
    } catch (reason) {
      if (this.#wanted !== delivery) return;
      this.trace = null;
      this.error = toIpcError(reason);
    }
  }

  #clear(): void {
    this.#asked += 1;
    this.#wanted = '';
    this.#early = [];
    this.running = false;
    this.cancelling = false;
    this.started = null;
    this.finished = null;
    this.deliveries = [];
    this.trace = null;
    this.proposal = null;
    this.expectationWritten = '';
    this.history = [];
    this.error = null;
    this.sample = '';
    this.chosen = [];
    this.against = 'live';
    this.faults = [];
    this.sender = [];
    this.clockSkew = 0;
  }

  #selection(): ReplaySelection {
    switch (this.sample) {
      case SEVERAL.all:
        return 'all';
      case SEVERAL.some:
        return { samples: this.chosen };
      case SEVERAL.last:
        return { last: { count: this.last } };
      default:
        return { samples: [this.sample] };
    }
  }

  #code(): ReplayAgainst {
    return this.against === 'live' || this.against === 'draft' ? this.against : { version: this.against };
  }

  #take(event: ReplayProgress | ReplayFinished): void {
    if (!this.running) return;
    if (!this.started) this.#early.push(event);
    else if (event.job === this.started.job) {
      if ('delivery' in event) this.#progress(event);
      else this.#finish(event);
    }
  }

  #progress({ delivery }: ReplayProgress): void {
    this.deliveries = [...this.deliveries, delivery];
    if (this.deliveries.length === 1 && !this.#picked) void this.#show(delivery.delivery);
  }

  #finish(event: ReplayFinished): void {
    this.running = false;
    this.cancelling = false;
    this.finished = event;
    if (event.error) this.error = fromWire(event.error);
    if (this.deliveries.length === 0 && !this.#picked) this.trace = null;
    void this.#readHistory();
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
