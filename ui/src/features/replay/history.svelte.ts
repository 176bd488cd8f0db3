import type { Backend } from '../../ipc/backend';
import { call, toIpcError, type IpcError } from '../../ipc/call';
import type { HistoryDelivery, HistorySearchRequest, Trace } from '../../ipc/generated/bindings';

/** Deliveries that are read at once. */
const PAGE = 500;

/** How long after the last key a search begins, in milliseconds. */
const TYPING_PAUSE = 250;

/** How often what is new is looked for while the screen is open, in milliseconds: other programs send webhooks too. */
const LOOK_AGAIN = 2000;

/** How long after an event the list is brought in line, in milliseconds. Many come together. */
const AFTER_EVENT = 150;

/** What tells that the list has something new. */
const NEWS = ['webhook_received', 'webhook_answered', 'replay_progressed', 'replay_finished'] as const;

/** What a person looks for. Empty texts say nothing. */
export interface HistoryConditions {
  text: string;
  tenant: string;
  adapter: string;
  status: string;
  since: string;
  event: string;
  run: string;
}

const EVERYTHING: HistoryConditions = { text: '', tenant: '', adapter: '', status: '', since: '', event: '', run: '' };

/** Past deliveries that meet some conditions, newest first and page by page, and the one on the screen. */
export class HistoryState {
  conditions = $state<HistoryConditions>({ ...EVERYTHING });
  deliveries = $state.raw<HistoryDelivery[]>([]);
  /** Whether there are older ones than those that were read. */
  hasMore = $state(false);
  /** Whether the answer to the newest conditions is still to come. */
  searching = $state(false);
  error = $state.raw<IpcError | null>(null);
  trace = $state.raw<Trace | null>(null);
  traceError = $state.raw<IpcError | null>(null);
  /** The delivery on the screen, or on its way there. */
  selected = $state('');

  readonly #backend: Backend;
  #next: string | null = null;
  /** Counts searches; a page of an older one is late. */
  #search = 0;
  #reading = false;
  #typing: ReturnType<typeof setTimeout> | undefined;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Whether anything narrows the list. */
  get narrowed(): boolean {
    return Object.values(this.conditions).some((value) => value.trim() !== '');
  }

  /** Looks for what is new from now on; the function that comes back stops it. */
  watch(): () => void {
    void this.search();
    const timer = setInterval(() => void this.refresh(), LOOK_AGAIN);
    let soon: ReturnType<typeof setTimeout> | undefined;
    const tell = (): void => {
      soon ??= setTimeout(() => {
        soon = undefined;
        void this.refresh();
      }, AFTER_EVENT);
    };
    const silence = NEWS.map((kind) => this.#backend.subscribe(kind, tell));
    return () => {
      clearInterval(timer);
      clearTimeout(soon);
      for (const stop of silence) stop();
    };
  }

  /** Takes the deliveries of another workspace off the screen. */
  clear(): void {
    this.#search += 1;
    this.conditions = { ...EVERYTHING };
    this.deliveries = [];
    this.#next = null;
    this.hasMore = false;
    this.selected = '';
    this.trace = null;
    this.traceError = null;
    this.error = null;
  }

  /** Shows everything again. */
  async widen(): Promise<void> {
    this.conditions = { ...EVERYTHING };
    await this.search();
  }

  /** Searches when nobody has typed for a moment. */
  searchSoon(): void {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => void this.search(), TYPING_PAUSE);
  }

  async search(): Promise<void> {
    clearTimeout(this.#typing);
    const search = ++this.#search;
    this.searching = true;
    try {
      const page = await call(this.#backend, 'history_search', this.#request());
      if (search !== this.#search) return;
      this.error = null;
      this.deliveries = page.deliveries;
      this.#setNext(page.next);
    } catch (reason) {
      if (search !== this.#search) return;
      this.error = toIpcError(reason);
      this.deliveries = [];
      this.#setNext(null);
    } finally {
      if (search === this.#search) this.searching = false;
    }
  }

  /** Reads the next page of older deliveries. */
  async more(): Promise<void> {
    const search = this.#search;
    if (this.#reading || this.searching || this.#next === null) return;
    this.#reading = true;
    try {
      const page = await call(this.#backend, 'history_search', { ...this.#request(), before: this.#next });
      if (search !== this.#search) return;
      this.deliveries = [...this.deliveries, ...page.deliveries];
      this.#setNext(page.next);
    } catch (reason) {
      if (search === this.#search) this.error = toIpcError(reason);
    } finally {
      this.#reading = false;
    }
  }

  /** Puts what arrived since above the rest, and brings rows in line that were not answered when they were read. */
  async refresh(): Promise<void> {
    const search = this.#search;
    if (this.searching || this.error) return;
    try {
      const page = await call(this.#backend, 'history_search', this.#request());
      if (search !== this.#search) return;
      const known = new Map(page.deliveries.map((delivery) => [delivery.delivery, delivery]));
      const last = page.deliveries.at(-1)?.delivery;
      const meets = this.deliveries.findIndex((delivery) => delivery.delivery === last);
      if (page.next === null || meets === -1) {
        // Fewer than a page, or more than a page of new ones: this page is where the list begins anew.
        if (!sameRows(this.deliveries, page.deliveries)) {
          this.deliveries = page.deliveries;
          this.#setNext(page.next);
        }
        return;
      }
      const older = this.deliveries.slice(meets + 1).filter((delivery) => !known.has(delivery.delivery));
      const rows = [...page.deliveries, ...older];
      if (!sameRows(this.deliveries, rows)) this.deliveries = rows;
    } catch (reason) {
      if (search === this.#search) this.error = toIpcError(reason);
    }
  }

  async show(delivery: string): Promise<void> {
    this.selected = delivery;
    this.traceError = null;
    try {
      const trace = await call(this.#backend, 'replay_show', { delivery });
      if (this.selected === delivery) this.trace = trace;
    } catch (reason) {
      if (this.selected !== delivery) return;
      this.trace = null;
      this.traceError = toIpcError(reason);
    }
  }

  #setNext(next: string | null): void {
    this.#next = next;
    this.hasMore = next !== null;
  }

  #request(): HistorySearchRequest {
    const given = Object.entries(this.conditions)
      .map(([name, value]) => [name, value.trim()])
      .filter(([, value]) => value !== '');
    return { ...(Object.fromEntries(given) as Partial<HistoryConditions>), limit: PAGE };
  }
}

function sameRows(one: readonly HistoryDelivery[], other: readonly HistoryDelivery[]): boolean {
  return (
    one.length === other.length &&
    one.every((row, index) => {
      const twin = other[index];
      return twin?.delivery === row.delivery && twin.answered === row.answered && twin.status === row.status;
    })
  );
}
