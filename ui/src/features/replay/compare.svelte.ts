import type { Backend } from '../../ipc/backend';
import { call, toIpcError, type IpcError } from '../../ipc/call';
import type { AdapterKey, ComparedPair, Comparison, HistoryDelivery, Trace } from '../../ipc/generated/bindings';
import type { TextPart } from './delivery_text';

/** Deliveries that are looked through for runs. */
const LOOKED_THROUGH = 300;

/** A run that can be compared. */
export interface RunChoice {
  readonly id: string;
  readonly started: string;
  readonly against: string;
  readonly deliveries: number;
}

/** What stands on the right of live code, or two runs. */
export const RUNS = ':runs';

/** One adapter's comparisons: other code against what is live, or one run against another. */
export class CompareState {
  /** `draft`, the id of a version, or `RUNS`. */
  what = $state('draft');
  /** Whether all samples are sent, in the place of the last deliveries. */
  samples = $state(false);
  last = $state(10);
  /** Whether values that always vary count as well. */
  strict = $state(false);
  before = $state('');
  after = $state('');
  runs = $state.raw<RunChoice[]>([]);

  running = $state(false);
  comparison = $state.raw<Comparison | null>(null);
  error = $state.raw<IpcError | null>(null);
  pair = $state.raw<ComparedPair | null>(null);
  part = $state<TextPart>('all');
  /** The two deliveries of the pair on the screen. */
  traces = $state.raw<{ readonly before: Trace; readonly after: Trace } | null>(null);

  readonly #backend: Backend;
  #key: AdapterKey | null = null;
  #asked = 0;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Whether something is chosen that can be compared. */
  get ready(): boolean {
    return this.what !== RUNS || (this.before !== '' && this.after !== '' && this.before !== this.after);
  }

  open(key: AdapterKey): void {
    if (this.#key?.tenant === key.tenant && this.#key.adapter === key.adapter) return;
    this.#key = key;
    this.#asked += 1;
    this.what = 'draft';
    this.before = '';
    this.after = '';
    this.runs = [];
    this.running = false;
    this.comparison = null;
    this.error = null;
    this.pair = null;
    this.traces = null;
  }

  /** Reads which runs can be compared; the two newest are chosen where none is. */
  async loadRuns(): Promise<void> {
    const key = this.#key;
    if (!key) return;
    try {
      const { deliveries } = await call(this.#backend, 'history_search', { ...key, limit: LOOKED_THROUGH });
      if (this.#key !== key) return;
      this.runs = runsOf(deliveries);
      this.after ||= this.runs[0]?.id ?? '';
      this.before ||= this.runs[1]?.id ?? '';
    } catch (reason) {
      this.error = toIpcError(reason);
    }
  }

  async run(environment: string): Promise<void> {
    const key = this.#key;
    if (!key || this.running || !this.ready) return;
    const asked = ++this.#asked;
    const { strict } = this;
    this.running = true;
    this.error = null;
    this.comparison = null;
    this.pair = null;
    this.traces = null;
    try {
      const comparison =
        this.what === RUNS
          ? await call(this.#backend, 'compare_runs', { before: this.before, after: this.after, strict })
          : await call(this.#backend, 'compare_code', {
              ...key,
              environment,
              webhooks: this.samples ? 'all' : { last: { count: this.last } },
              against: this.what === 'draft' ? 'draft' : { version: this.what },
              strict,
            });
      if (asked !== this.#asked) return;
      this.comparison = comparison;
      const first = comparison.pairs.find((pair) => pair.changes.length > 0) ?? comparison.pairs[0];
      if (first) void this.show(first);
    } catch (reason) {
      if (asked === this.#asked) this.error = toIpcError(reason);
    } finally {
      if (asked === this.#asked) this.running = false;
    }
  }

  /** Shows the deliveries of a pair beside each other. */
  async show(pair: ComparedPair): Promise<void> {
    this.pair = pair;
    this.traces = null;
    try {
      const [before, after] = await Promise.all(
        [pair.before, pair.after].map((delivery) => call(this.#backend, 'replay_show', { delivery })),
      );
      if (before && after && this.pair === pair) this.traces = { before, after };
    } catch (reason) {
      if (this.pair === pair) this.error = toIpcError(reason);
    }
  }
}

/** The runs that deliveries belong to, newest first. */
export function runsOf(deliveries: readonly HistoryDelivery[]): RunChoice[] {
  const runs = new Map<string, RunChoice>();
  for (const { run, started_at: started, against } of deliveries) {
    if (run === null) continue;
    // Newest first: what comes later in the list started the run.
    runs.set(run, { id: run, started, against, deliveries: (runs.get(run)?.deliveries ?? 0) + 1 });
  }
  return [...runs.values()];
}
